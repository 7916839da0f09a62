"""A look at the desk is in the log although nobody opened a transaction for it, as in production."""

from __future__ import annotations

import pytest

from accounts.models import StaffRole
from provenance.models.log import LogEntry
from tests.append_only import use_sanctioned_reset
from tests.conftest import browser_of
from tests.factories import staff_member

pytestmark = pytest.mark.django_db(transaction=True)
use_sanctioned_reset()


def test_every_page_of_the_desk_logs_by_itself() -> None:
    desk = browser_of(staff_member("Anouk", StaffRole.AUDITOR))
    assert desk.get("/audit/").status_code == 200
    assert b"".join(desk.get("/audit/export.csv"))
    events = list(LogEntry.objects.order_by("index").values_list("event", flat=True))
    assert events[-2:] == ["audit.viewed", "audit.exported"]
