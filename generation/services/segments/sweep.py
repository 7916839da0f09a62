"""Removes the rows and files of segments when their attempt has ended, well or not."""

from __future__ import annotations

import logging

from django.db.models import QuerySet

from generation import storage
from generation.models import Job, RenderSegment
from generation.states import RUNNING

logger = logging.getLogger(__name__)


def remove_attempt(attempt: str) -> None:
    """Remove the rows of an attempt and their files. Another attempt's stay."""
    _remove(RenderSegment.objects.filter(attempt=attempt))


def sweep_segments() -> int:
    """Remove what attempts left behind that do not hold their job any more; how many rows."""
    gone = [
        (row.attempt, row.job_id)
        for row in RenderSegment.objects.filter(number=0)
        if not Job.objects.filter(pk=row.job_id, lease_owner=row.attempt, state__in=RUNNING).exists()
    ]
    return sum(_remove(RenderSegment.objects.filter(attempt=attempt)) for attempt, _ in gone)


def _remove(rows: QuerySet[RenderSegment]) -> int:
    keys = {key for keys in rows.values_list("plan_key", "made_key") for key in keys if key}
    count, _ = rows.delete()
    for key in keys:
        remove_file(key)
    return count


def remove_file(key: str) -> None:
    """Remove a file that no row names any more; what cannot be removed is left to the sweep of strays."""
    try:
        storage.remove(key)
    except OSError:
        logger.exception("A segment could not be removed: %s", key)
