"""Renews the lease of an attempt during work that reports no progress, as fitting and driving."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection

from generation.services.advance import Lease, LeaseLost, renew

BEATS_PER_LEASE = 3

logger = logging.getLogger(__name__)


@contextmanager
def lease_heartbeat(lease: Lease) -> Iterator[None]:
    """Renew the lease in the background until the block ends or the lease is lost.

    A renewed lease means that the worker's process is alive. Work that hangs in a living process is ended by
    the job's deadline.
    """
    is_over = threading.Event()
    beating = threading.Thread(target=_beat, args=(lease, is_over), daemon=True, name=f"lease {lease.job_id}")
    beating.start()
    try:
        yield
    finally:
        is_over.set()
        beating.join()


def _beat(lease: Lease, is_over: threading.Event) -> None:
    try:
        while not is_over.wait(settings.LIKENESS_JOB_LEASE_S / BEATS_PER_LEASE):
            try:
                renew(lease=lease)
            except LeaseLost:
                return  # the work finds that out at its own next step
            except DatabaseError:
                logger.exception("Job %s: the lease could not be renewed, trying again", lease.job_id)
    finally:
        connection.close()  # this thread's own
