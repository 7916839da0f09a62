"""The counts of each quarter: the page says what anybody counts from the log."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction

from generation.services.review import RejectionCode
from likeness.commands.tree import main
from provenance.log.entries import LogEvent
from provenance.log.quarterly import REFUSALS, Count, counted_as, quarter_of, quarterly
from provenance.models import LogEntry
from provenance.services import log
from provenance.services.misuse import close_report, report_misuse

HAPPENED = {
    LogEvent.RENDITION_SEALED: 3,
    LogEvent.RENDITION_RELEASED: 2,
    LogEvent.CONSENT_WITHDRAWN: 1,
    LogEvent.JOB_SUBMITTED: 4,  # not counted
}


@pytest.fixture
def happened(db: None) -> None:
    cache.clear()
    with transaction.atomic():
        for event, often in HAPPENED.items():
            for _ in range(often):
                log.append(event, actor="system", data={})
        for reason in ("misleading", "consent_withdrawn", "partner_request", "taken_down"):
            log.append(LogEvent.RENDITION_REJECTED, actor="system", data={"reason_code": reason})
    report = report_misuse(kind="other", text="It is not so.")
    close_report(report.id, actor="usr_rita", note="Looked at.")


@pytest.mark.parametrize(
    ("time", "name"),
    [
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), "2026-Q1"),
        (datetime(2026, 4, 1, tzinfo=UTC), "2026-Q2"),
        (datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2026-Q4"),
    ],
)
def test_a_quarter_is_one_of_utc(time: datetime, name: str) -> None:
    assert quarter_of(time) == name


def test_quarters_without_anything_to_count_are_left_out() -> None:
    times = [datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)]
    counted = [(times[1], Count.VIDEOS_SEALED, 2), (times[0], Count.VIDEOS_SEALED, 1)]
    found = quarterly([*counted, (datetime(2025, 5, 5, tzinfo=UTC), counted_as(LogEvent.JOB_FAILED), 9)])
    assert [(one.name, one.counts[Count.VIDEOS_SEALED]) for one in found] == [("2026-Q1", 1), ("2026-Q4", 2)]


def test_the_page_says_what_the_log_adds_up_to(client, happened, tmp_path: Path, capsys) -> None:
    call_command("auditlog_export", str(tmp_path / "log"))
    capsys.readouterr()
    assert main(["log", "counts", str(tmp_path / "log"), "--json"]) == 0
    (counted,) = json.loads(capsys.readouterr().out)
    assert (counted["videos_sealed"], counted["reports_closed"]) == (3, 1)
    assert (counted["videos_refused"], counted["videos_stopped"]) == (1, 3)
    page = client.get("/log/counts/").content.decode()
    row = page.split(f"{counted['quarter']}</th>")[1].split("</tr>")[0]
    cells = re.findall(r"<td[^>]*>(\d+)</td>", row)
    assert [int(cell) for cell in cells] == [counted[count.value] for count in Count]


def test_refused_in_review_is_what_reviewers_refuse_and_nothing_else() -> None:
    assert frozenset(RejectionCode.values) == REFUSALS


def test_a_report_that_was_dealt_with_names_no_video_in_the_log(happened) -> None:
    entry = LogEntry.objects.get(event="misuse.closed").entry
    assert set(entry.data) == {"report_id"}


def test_an_empty_log_has_nothing_to_count(client, db) -> None:
    cache.clear()
    assert "There is nothing to count yet." in client.get("/log/counts/").content.decode()
