from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "crossmatrix.ui"
    label = "ui"
