"""The Django app of the project itself: system checks, and traces where they are wished."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class LikenessConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415 - importing registers the checks
        from config.operations.traces import send_traces  # noqa: PLC0415

        if settings.LIKENESS_TRACES_URL:
            send_traces(settings.LIKENESS_TRACES_URL, instance=settings.LIKENESS_INSTANCE)

        with suppress(OSError):  # Django's check files.E001 names a folder that cannot be made
            Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
