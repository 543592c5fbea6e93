from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "crossmatrix.catalog"
    label = "catalog"
