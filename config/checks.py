"""System checks of the assembled service. Ids are stable: likeness.E001 and on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def secret_key_is_our_own(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """A deployment must not run with the secret that everybody can read in the settings file."""
    if settings.SECRET_KEY.startswith("development-only"):
        return [
            Error(
                "The development secret is in use.",
                hint="Set LIKENESS_SECRET_KEY or LIKENESS_SECRET_KEY_FILE to a long random value.",
                id="likeness.E001",
            )
        ]
    return []


@register()
def broker_waits_longer_than_tasks_run(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Redis hands a task to a second worker when the visibility timeout passes while the first still runs."""
    timeout = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if timeout <= 2 * settings.CELERY_TASK_TIME_LIMIT:
        return [
            Error(
                "The broker's visibility timeout is not above twice the hard time limit of tasks.",
                hint="Lower LIKENESS_JOB_DEADLINE_S.",
                id="likeness.E002",
            )
        ]
    return []
