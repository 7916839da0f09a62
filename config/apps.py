"""The Django app of the project itself: registers its system checks."""

from __future__ import annotations

from django.apps import AppConfig


class LikenessConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415 - importing registers the checks
