"""Has each Celery worker say which queues it takes from, give up a database that hangs, and let people go
first.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from celery import current_app
from celery.signals import heartbeat_sent, worker_init, worker_process_init, worker_ready

from config.operations.heartbeats import EVERY_S, note_all
from config.postgresql.patience import answer_in_time

# Recorded jobs leave the processor to drafts, pages and files to verify, for which somebody waits: of a core
# that both want they get a quarter (nice 5 against 0).
BEHIND_PEOPLE = 5

logger = logging.getLogger(__name__)


class _Announcer:
    """Announces the queues of this worker: at its start, and then every ten seconds at most."""

    def __init__(self) -> None:
        self.queues: tuple[str, ...] = ()
        self.next_at = 0.0

    def start(self, consumer: Any) -> None:
        self.queues = tuple(consumer.app.amqp.queues.consume_from)
        self.announce()

    def announce(self) -> None:
        now = time.monotonic()
        if not self.queues or now < self.next_at:
            return
        self.next_at = now + EVERY_S
        try:
            note_all(self.queues)
        except Exception:  # noqa: BLE001 - whatever the cache raises: a worker works on without it
            logger.warning("The cache did not take a sign of life")


_announcer = _Announcer()


@worker_init.connect
def _starting(**kwargs: Any) -> None:
    answer_in_time()  # the processes that work are forked from this one


@worker_process_init.connect
def _forked(**kwargs: Any) -> None:
    from generation.admission.presence import QUEUES  # noqa: PLC0415 - models are loaded by now

    if set(QUEUES) & set(current_app.amqp.queues.consume_from):
        os.nice(BEHIND_PEOPLE)


@worker_ready.connect
def _started(sender: Any, **kwargs: Any) -> None:
    _announcer.start(sender)


@heartbeat_sent.connect
def _alive(**kwargs: Any) -> None:
    _announcer.announce()
