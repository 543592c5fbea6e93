from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "crossmatrix.insights"
    label = "insights"
