from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "crossmatrix.imports"
    label = "imports"
