"""The videos that an auditor looks for: by partner, subject, reviewer and period."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet

from generation.models import Rendition
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry

_DECISIONS = (
    LogEvent.CONSENT_GRANTED,
    LogEvent.CONSENT_CONFIRMED,
    LogEvent.RENDITION_APPROVED,
    LogEvent.RENDITION_RELEASED,
    LogEvent.RENDITION_REJECTED,
    LogEvent.RENDITION_REVOKED,
)


@dataclass(frozen=True)
class AuditFilter:
    """What is looked for; empty parts match everything. Days are UTC, both ends included."""

    partner_id: str = ""
    subject_id: str = ""
    reviewer_id: str = ""
    since: date | None = None
    until: date | None = None

    def to_json(self) -> dict[str, str]:
        """The parts that are set, as the log keeps them."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    @property
    def begin(self) -> datetime | None:
        """The first moment of the period."""
        return datetime.combine(self.since, time(), UTC) if self.since else None

    @property
    def end(self) -> datetime | None:
        """The first moment after the period."""
        return datetime.combine(self.until + timedelta(days=1), time(), UTC) if self.until else None


def videos_found(wanted: AuditFilter) -> QuerySet[Rendition]:
    """The sealed videos, newest first, erased ones included."""
    found = Rendition.objects.select_related(
        "job__partner", "job__portrait__subject", "job__consent"
    ).order_by("-sealed_at", "-id")
    if wanted.partner_id:
        found = found.filter(job__partner_id=wanted.partner_id)
    if wanted.subject_id:
        found = found.filter(job__portrait__subject_id=wanted.subject_id)
    if wanted.reviewer_id:
        found = found.filter(id__in=_decided_by(wanted.reviewer_id, "rnd_")) | found.filter(
            job__consent_id__in=_decided_by(wanted.reviewer_id, "cns_")
        )
    if wanted.begin:
        found = found.filter(sealed_at__gte=wanted.begin)
    if wanted.end:
        found = found.filter(sealed_at__lt=wanted.end)
    return found


def _decided_by(reviewer_id: str, kind: str) -> QuerySet[LogEntry, str]:
    decisions = LogEntry.objects.filter(actor=reviewer_id, event__in=_DECISIONS)
    return decisions.filter(references__value__startswith=kind).values_list("references__value", flat=True)
