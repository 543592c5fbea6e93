from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "crossmatrix.home"
    label = "home"
