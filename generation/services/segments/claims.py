"""Who makes which segment: compare-and-set on the rows of an attempt; a claim holds until its time is up."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from generation.models import Job, RenderSegment
from generation.states import RUNNING

# Who failed at a segment may fail again: from then on the attempt itself makes it, and hears why.
MOST_FAILURES = 1
# Whoever makes a segment says so every second, but for the time that it takes to fit a face.
MOST_SILENT_S = 20


class SegmentLost(Exception):
    """The segment is somebody else's now, or its attempt has ended. The work on it stops."""


def publish(*, job_id: str, attempt: str, number: int, plan_key: str, watermark_year: int) -> None:
    """Write the row of a segment that can be made now, or by which plan it is made now. The first is the
    attempt's own."""
    if RenderSegment.objects.filter(attempt=attempt, number=number).update(plan_key=plan_key):
        return
    RenderSegment.objects.create(
        job_id=job_id,
        attempt=attempt,
        number=number,
        plan_key=plan_key,
        watermark_year=watermark_year,
        claimed_by="" if number else attempt,
        claim_expires_at=None if number else _expiry() + timedelta(days=1),
    )


def is_any_free(attempt: str) -> bool:
    """Whether there is a segment for `claim_next`."""
    return _free(attempt).filter(failures__lt=MOST_FAILURES).exists()


def claim_next(attempt: str, *, by_attempt: bool = False) -> RenderSegment | None:
    """Take the first segment that nobody makes, or whose maker fell silent; None when there is none.

    `by_attempt` is for the attempt itself, which also takes those at which others failed.
    """
    rows = _free(attempt)
    if not by_attempt:
        rows = rows.filter(failures__lt=MOST_FAILURES)
    for row in rows.order_by("number"):
        token = attempt if by_attempt else secrets.token_urlsafe(16)
        taken = rows.filter(pk=row.pk).update(claimed_by=token, claim_expires_at=_expiry(), frames_done=0)
        if taken:
            row.claimed_by, row.frames_done = token, 0
            return row
    return None


def renew_claim(row: RenderSegment, frames_done: int) -> None:
    """Say how far a segment is, and that its maker is alive. Raises SegmentLost."""
    held = RenderSegment.objects.filter(pk=row.pk, claimed_by=row.claimed_by, made_key="")
    if not held.update(frames_done=frames_done, claim_expires_at=_expiry()) or not is_at_work(row):
        raise SegmentLost


def plan_now(row: RenderSegment) -> str:
    """The key of what is planned of a segment now. Raises SegmentLost."""
    key = RenderSegment.objects.filter(pk=row.pk, claimed_by=row.claimed_by).values_list(
        "plan_key", flat=True
    )
    if (found := key.first()) is None:
        raise SegmentLost
    return found


def is_at_work(row: RenderSegment) -> bool:
    """Whether the attempt of a segment still holds its job."""
    return Job.objects.filter(pk=row.job_id, lease_owner=row.attempt, state__in=RUNNING).exists()


def deliver(row: RenderSegment, *, made_key: str, seal: str, frames: int) -> bool:
    """Say where what was made of a segment lies; False when the segment is somebody else's now."""
    held = RenderSegment.objects.filter(pk=row.pk, claimed_by=row.claimed_by, made_key="")
    return bool(held.update(made_key=made_key, seal=seal, frames_done=frames))


def give_back(row: RenderSegment) -> None:
    """Leave a segment to others, after failing at it."""
    RenderSegment.objects.filter(pk=row.pk, claimed_by=row.claimed_by, made_key="").update(
        claimed_by="", claim_expires_at=None, frames_done=0, failures=MOST_FAILURES
    )


def take_back(row: RenderSegment) -> None:
    """Make nothing of what was delivered: it is not what was asked for. The attempt makes it itself."""
    RenderSegment.objects.filter(pk=row.pk).update(
        made_key="", seal="", claimed_by=row.attempt, claim_expires_at=_expiry() + timedelta(days=1)
    )


def frames_of_others(attempt: str, own: set[int]) -> int:
    """How many frames the makers of all segments but `own` have made so far."""
    others = RenderSegment.objects.filter(attempt=attempt).exclude(number__in=own)
    return others.aggregate(frames=Sum("frames_done"))["frames"] or 0


def _free(attempt: str) -> QuerySet[RenderSegment]:
    free = Q(claimed_by="") | Q(claim_expires_at__lt=timezone.now())
    return RenderSegment.objects.filter(free, attempt=attempt, made_key="")


def _expiry() -> datetime:
    return timezone.now() + timedelta(seconds=min(settings.LIKENESS_JOB_LEASE_S, MOST_SILENT_S))
