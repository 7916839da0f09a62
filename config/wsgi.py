"""WSGI entry point: `gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from config.celery import app as celery
from config.postgresql.patience import answer_in_time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
application = get_wsgi_application()
answer_in_time()

# This process only sends messages, and no request waits for a broker that hangs: the reconciler sends them.
celery.conf.broker_transport_options = {
    **celery.conf.broker_transport_options,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
