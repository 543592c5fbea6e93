from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "crossmatrix.api"
    label = "api"
