"""The application with one endpoint more: the least that an authenticated request can cost."""

from crossmatrix.wsgi import application

__all__ = ["application"]


def least(request):  # type: ignore[no-untyped-def]  # Django's types are loaded after the settings
    from django.http import JsonResponse

    return JsonResponse({"me": request.user.pk})


def add() -> None:
    from django.urls import path

    from crossmatrix import urls

    urls.urlpatterns.append(path("bench/least", least))


add()
