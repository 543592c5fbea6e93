from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "crossmatrix.jobs"
    label = "jobs"

    def ready(self) -> None:
        from crossmatrix import celery  # noqa: F401 - binds shared tasks to our application
