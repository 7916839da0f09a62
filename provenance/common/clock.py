"""The clock that all machines of the service share: the database's. One that is off decides nothing."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection
from django.utils import timezone

MOST_DIFFERENCE_S = 5.0

logger = logging.getLogger(__name__)


def now_of_database() -> datetime:
    """The time that all machines of the service share. SQLite is in this machine, and has its clock."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def seconds_off() -> float:
    """By how much this machine's clock surely differs from the database's, however long the answer took."""
    before, shared, after = timezone.now(), now_of_database(), timezone.now()
    return max((before - shared).total_seconds(), (shared - after).total_seconds(), 0.0)


def is_clock_right() -> bool:
    """Whether deadlines and dates may be judged by this machine's clock; the process log says so if not."""
    off = seconds_off()
    if off > MOST_DIFFERENCE_S:
        logger.error("This machine's clock and the database's are %.0f s apart: nothing is decided here", off)
        return False
    return True
