"""The Celery application; bound by jobs/apps.py so that importing a rules module loads no Celery."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crossmatrix.settings")
app = Celery("crossmatrix")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
