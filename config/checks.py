"""System checks of the assembled service. Ids are stable: likeness.E001 and on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register  # noqa: A004 - Django's name

# The oldest that redis-py 8 supports ("Version 7.2 to current"). Every Valkey is at least that new, and says
# so in `redis_version`.
OLDEST_BROKER = (7, 2)
BROKER_ANSWERS_IN_S = 2.0


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


@register(deploy=True)
def broker_is_not_too_old(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Queued work goes through the broker, and calls are counted in it: it must still get security fixes."""
    import redis  # noqa: PLC0415 - loads for a tenth of a second, which commands without this check need not

    url = settings.LIKENESS_REDIS_URL.replace("redis+socket://", "unix://")
    broker = redis.Redis.from_url(
        url, socket_timeout=BROKER_ANSWERS_IN_S, socket_connect_timeout=BROKER_ANSWERS_IN_S
    )
    try:
        server: dict[str, Any] = broker.info("server")
    except (redis.RedisError, OSError):
        message = "The broker does not answer, so it is not known whether its version is too old."
        return [Info(message, hint="Ask again where it can be reached.", id="likeness.I001")]
    finally:
        broker.close()
    version = str(server["redis_version"])
    if tuple(int(number) for number in version.split(".")[:2]) >= OLDEST_BROKER:
        return []
    return [
        Warning(
            f"The broker is Redis {version}, which is too old for production.",
            hint="Install Valkey, or Redis 7.2 or newer; nothing in the broker has to be taken over.",
            id="likeness.W001",
        )
    ]
