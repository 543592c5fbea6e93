from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "crossmatrix.demo"
    label = "demo"
