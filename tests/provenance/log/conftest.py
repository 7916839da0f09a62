"""What the log's tests share: hypothesis without deadlines, tables that tests may flush, and a filled log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import settings as hypothesis_settings

from provenance.log.entries import DataValue
from provenance.models import LogEntry
from provenance.services import log
from tests.append_only import use_sanctioned_reset

# A busy machine is no failure: tests never assert a time.
hypothesis_settings.register_profile("log", deadline=None, max_examples=50)
hypothesis_settings.load_profile("log")
use_sanctioned_reset()


@pytest.fixture
def fill(db: None) -> Callable[[int], list[LogEntry]]:
    """Appends so many entries, each in a transaction of its own."""

    def append(count: int) -> list[LogEntry]:
        entries = []
        for number in range(count):
            with transaction.atomic():
                event = log.LogEvent.JOB_SUBMITTED if number % 2 else log.LogEvent.RENDITION_SEALED
                data: dict[str, DataValue] = {"job_id": f"job_{number:022d}", "frames": number}
                entries.append(log.append(event, actor=f"prt_{number % 3}", data=data))
        return entries

    return append
