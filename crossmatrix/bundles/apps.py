from django.apps import AppConfig


class BundlesConfig(AppConfig):
    name = "crossmatrix.bundles"
    label = "bundles"
