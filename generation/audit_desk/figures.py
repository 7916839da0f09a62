"""How decisions go: figures of one period, of all partners or of one."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from django.db.models import Count, Model, QuerySet

from accounts.access.actors import SYSTEM
from generation.audit_desk.videos import AuditFilter
from generation.models import Appeal, AppealOutcome, Rendition, SecondLook
from generation.states import JobState
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry
from provenance.models.misuse import MisuseReport

_LATER_STEPS = (LogEvent.RENDITION_RELEASED, LogEvent.RENDITION_REJECTED, LogEvent.RENDITION_REVOKED)
Row = TypeVar("Row", bound=Model)
_MOST_TIMES = 10_000  # decisions that the median is taken from, the newest


@dataclass(frozen=True)
class AuditFigures:
    """Counts of one period.

    `approval_rate` of the videos that people decided, `review_minutes` the median from sealed to released of
    those that they released, in minutes; both None where nobody decided.
    """

    sealed: int
    released: int
    rejected: int
    revoked: int
    consents_granted: int
    consents_declined: int
    consents_withdrawn: int
    reports: int
    reports_open: int
    approval_rate: float | None
    review_minutes: float | None
    second_looks: int
    second_looks_disagree: int
    appeals: int
    appeals_upheld: int


def figures_of(wanted: AuditFilter) -> AuditFigures:
    """The figures of the period and partner of a filter; its subject and reviewer do not count.

    Reports of misuse belong to videos, and many to none: they are counted for all partners only.
    """
    events = _counts(wanted)
    released, rejected = events[LogEvent.RENDITION_RELEASED], events[LogEvent.RENDITION_REJECTED]
    approved = _released_by_people(wanted).count()
    reports = MisuseReport.objects.all()
    if wanted.begin:
        reports = reports.filter(created_at__gte=wanted.begin)
    if wanted.end:
        reports = reports.filter(created_at__lt=wanted.end)
    if wanted.partner_id:
        videos = Rendition.objects.filter(job__partner_id=wanted.partner_id)
        reports = reports.filter(rendition_id__in=videos.values("id"))
    looks = _within(SecondLook.objects.exclude(agrees=None), "decided_at", wanted)
    appeals = _within(Appeal.objects.all(), "filed_at", wanted)
    return AuditFigures(
        second_looks=looks.count(),
        second_looks_disagree=looks.filter(agrees=False).count(),
        appeals=appeals.count(),
        appeals_upheld=appeals.filter(outcome=AppealOutcome.UPHELD).count(),
        sealed=events[LogEvent.RENDITION_SEALED],
        released=released,
        rejected=rejected,
        revoked=events[LogEvent.RENDITION_REVOKED],
        consents_granted=events[LogEvent.CONSENT_GRANTED] + events[LogEvent.CONSENT_CONFIRMED],
        consents_declined=events[LogEvent.CONSENT_DECLINED],
        consents_withdrawn=events[LogEvent.CONSENT_WITHDRAWN],
        reports=reports.count(),
        reports_open=reports.filter(closed_at=None).count(),
        approval_rate=approved / (approved + rejected) if approved + rejected else None,
        review_minutes=_review_minutes(wanted),
    )


def entries_in(wanted: AuditFilter) -> QuerySet[LogEntry]:
    """The log entries of the period, in order: those that name the partner, and those the reviewer wrote."""
    entries = _in_period(wanted)
    if wanted.partner_id:
        entries = entries.filter(references__value=wanted.partner_id)
    if wanted.subject_id:
        entries = entries.filter(actor=f"subject:{wanted.subject_id}")
    if wanted.reviewer_id:
        entries = entries.filter(actor=wanted.reviewer_id)
    return entries.order_by("index")


def _in_period(wanted: AuditFilter) -> QuerySet[LogEntry]:
    entries = LogEntry.objects.all()
    if wanted.begin:
        entries = entries.filter(time__gte=wanted.begin)
    if wanted.end:
        entries = entries.filter(time__lt=wanted.end)
    return entries


def _counts(wanted: AuditFilter) -> dict[str, int]:
    entries = _in_period(wanted)
    counts = dict.fromkeys([str(event) for event in LogEvent], 0)
    if wanted.partner_id:
        # Of a video's later steps the log names the video alone.
        videos = Rendition.objects.filter(job__partner_id=wanted.partner_id).values("id")
        later = entries.filter(event__in=_LATER_STEPS, references__value__in=videos)
        entries = entries.filter(references__value=wanted.partner_id)
        counts |= _by_event(later)
    return counts | _by_event(entries)


def disagreements(wanted: AuditFilter) -> QuerySet[SecondLook]:
    """Second looks of the period and partner that would have refused what was approved, newest first."""
    found = _within(SecondLook.objects.filter(agrees=False), "decided_at", wanted)
    return found.select_related("rendition__job__partner").order_by("-decided_at")


def _within(rows: QuerySet[Row], moment: str, wanted: AuditFilter) -> QuerySet[Row]:
    """The rows about a rendition that belong to the period and partner."""
    if wanted.begin:
        rows = rows.filter(**{f"{moment}__gte": wanted.begin})
    if wanted.end:
        rows = rows.filter(**{f"{moment}__lt": wanted.end})
    return rows.filter(rendition__job__partner_id=wanted.partner_id) if wanted.partner_id else rows


def _by_event(entries: QuerySet[LogEntry]) -> dict[str, int]:
    counted = entries.order_by().values("event").annotate(count=Count("index", distinct=True))
    return {row["event"]: row["count"] for row in counted}


def _released_by_people(wanted: AuditFilter) -> QuerySet[Rendition]:
    """The videos of the period and partner that were released, but for those that a policy released."""
    released = Rendition.objects.filter(
        released_at__isnull=False, job__state__in=[JobState.RELEASED, JobState.REVOKED]
    ).exclude(decided_by=SYSTEM.id)
    if wanted.begin:
        released = released.filter(released_at__gte=wanted.begin)
    if wanted.end:
        released = released.filter(released_at__lt=wanted.end)
    if wanted.partner_id:
        released = released.filter(job__partner_id=wanted.partner_id)
    return released


def _review_minutes(wanted: AuditFilter) -> float | None:
    released = _released_by_people(wanted).order_by("-released_at")
    times = released.values_list("sealed_at", "released_at")[:_MOST_TIMES]
    waited = [(done - sealed).total_seconds() / 60 for sealed, done in times if done is not None]
    return median(waited) if waited else None
