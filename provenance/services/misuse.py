"""Records reports of misuse and closes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from provenance.common.errors import CodedError, NotFound
from provenance.log.entries import LogEvent
from provenance.models.misuse import MisuseReport, takedown_time
from provenance.models.record import Record
from provenance.services.log import append

TEXTS_KEPT: Final = timedelta(days=365)  # after closing: until then somebody may ask why it was decided so


class ReportClosed(CodedError):
    """Somebody else has closed the report already."""

    code = "report_closed"
    status = 409
    message = "This report is already closed."
    hint = "Look at the list again."


def report_misuse(
    *,
    kind: str,
    text: str,
    contact: str = "",
    rendition_id: str = "",
    file_sha256: str = "",
    verdict: str = "",
) -> MisuseReport:
    """Write a report for the reviewers. A rendition that we do not know is left out of it."""
    is_known = Record.objects.filter(pk=rendition_id).exists()
    return MisuseReport.objects.create(
        kind=kind,
        text=text,
        contact=contact,
        rendition_id=rendition_id if is_known else "",
        file_sha256=file_sha256,
        verdict=verdict,
    )


def open_reports() -> QuerySet[MisuseReport]:
    """The reports that wait for a reviewer, oldest first."""
    return MisuseReport.objects.filter(closed_at=None).order_by("created_at", "id")


def overdue_reports() -> QuerySet[MisuseReport]:
    """The open reports that nobody answered in time."""
    return open_reports().filter(created_at__lt=timezone.now() - takedown_time())


def forget_closed(at: datetime) -> int:
    """Empty what was written in reports that were closed a year before a moment; in how many."""
    return written_in_closed(at).update(text="", note="")


def written_in_closed(at: datetime) -> QuerySet[MisuseReport]:
    """The reports whose texts should be gone by then."""
    return MisuseReport.objects.filter(closed_at__lt=at - TEXTS_KEPT).exclude(text="", note="")


@transaction.atomic
def close_report(report_id: str, *, actor: str, note: str) -> MisuseReport:
    """Close a report with a note, and delete the reporter's address. Raises NotFound, ReportClosed.

    The log says that a report was dealt with, for the counts of each quarter, and not about which video.
    """
    closed = MisuseReport.objects.filter(pk=report_id, closed_at=None).update(
        closed_at=timezone.now(), closed_by=actor, note=note, contact=""
    )
    report = MisuseReport.objects.filter(pk=report_id).first()
    if report is None:
        raise NotFound(_("There is no report with that id."))
    if not closed:
        raise ReportClosed
    append(LogEvent.MISUSE_CLOSED, actor=actor, data={"report_id": report.id})
    return report
