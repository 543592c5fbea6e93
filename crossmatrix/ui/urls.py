from django.urls import URLPattern, URLResolver, path

from crossmatrix.ui import views

app_name = "ui"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.gallery, name="gallery"),
    path("commands/", views.commands, name="commands"),
]
