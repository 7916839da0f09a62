"""ASGI entry point of live sessions: `uvicorn config.asgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from config.live_server.application import LiveApplication  # noqa: E402 - after the settings

application = LiveApplication()
