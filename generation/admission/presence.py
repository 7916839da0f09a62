"""Workers say that they are there: rows of `RenderWorker`, written by the parent process of each worker."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from celery.signals import heartbeat_sent, worker_ready, worker_shutting_down
from django.db import DatabaseError, connection
from django.utils import timezone

from generation.models import RenderWorker

QUEUES = ("cpu", "gpu")
EVERY_S = 10.0
GONE_AFTER = timedelta(seconds=45)
FORGOTTEN_AFTER = timedelta(days=1)

logger = logging.getLogger(__name__)
_seen: dict[str, float] = {}


def say_present(*, name: str, queues: list[str], slots: int) -> None:
    """Write that a worker listens to the queues of rendering among `queues`, with `slots` jobs at a time."""
    now = timezone.now()
    for queue in QUEUES:
        if queue in queues:
            RenderWorker.objects.update_or_create(
                name=f"{name}/{queue}", defaults={"queue": queue, "slots": slots, "seen_at": now}
            )
    RenderWorker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def say_gone(name: str) -> None:
    """Write that a worker listens no more."""
    RenderWorker.objects.filter(name__in=[f"{name}/{queue}" for queue in QUEUES]).delete()


def slots_of(queue: str) -> int:
    """How many jobs of a queue the workers seen lately work on at a time; 0 when none was seen."""
    found = RenderWorker.objects.filter(queue=queue, seen_at__gt=timezone.now() - GONE_AFTER)
    return sum(found.values_list("slots", flat=True))


def listen() -> None:
    """Have each Celery worker of this process say that it is there."""
    worker_ready.connect(_on_ready, dispatch_uid="render-worker-ready")
    heartbeat_sent.connect(_on_heartbeat, dispatch_uid="render-worker-heartbeat")
    worker_shutting_down.connect(_on_shutdown, dispatch_uid="render-worker-shutdown")


_worker: dict[str, Any] = {}


def _on_ready(sender: Any, **kwargs: Any) -> None:
    _worker.update(
        name=str(sender.hostname),
        queues=list(sender.app.amqp.queues.consume_from),
        slots=int(sender.controller.concurrency if hasattr(sender, "controller") else sender.concurrency),
    )
    _say()


def _on_heartbeat(sender: Any, **kwargs: Any) -> None:
    if _worker and time.monotonic() - _seen.get("at", 0.0) >= EVERY_S:
        _say()


def _on_shutdown(sender: Any, **kwargs: Any) -> None:
    if _worker:
        try:
            say_gone(_worker["name"])
        except DatabaseError:
            logger.warning("This worker could not write that it ends")
        finally:
            connection.close()


def _say() -> None:
    _seen["at"] = time.monotonic()
    try:
        say_present(**_worker)
    except DatabaseError:
        logger.warning("This worker could not write that it is there")
    finally:
        connection.close()  # children are forked from this process, and must not share it
