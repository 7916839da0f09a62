"""The Celery application. Workers: `celery -A config.celery worker -Q cpu` (or gpu, or io,verify)."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

from config.operations import worker_signals  # noqa: F401 - importing connects them

app = Celery("likeness")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
