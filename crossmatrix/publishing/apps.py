from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "crossmatrix.publishing"
    label = "publishing"
