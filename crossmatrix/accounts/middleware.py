"""Language by person, and suppliers kept inside their portal."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from crossmatrix.accounts import selectors
from crossmatrix.accounts.models import User

Answer = Callable[[HttpRequest], HttpResponse]
OPEN_TO_SUPPLIERS = ("/portal/", "/account/", "/i18n/", "/static/")


class LanguageMiddleware:
    """The language of the cookie the switch sets; otherwise the default, whatever the browser asks for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        with translation.override(wanted if wanted in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            return response


class SupplierStaysInPortal:
    """A supplier's user reaches the portal only; every staff address answers the same 404 as one that is not there."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and selectors.supplier_of(user) is not None:
            if request.path == "/":
                return redirect("portal:home")
            if not request.path.startswith(OPEN_TO_SUPPLIERS):
                raise Http404
        return self.get_response(request)
