from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "crossmatrix.audit"
    label = "audit"
