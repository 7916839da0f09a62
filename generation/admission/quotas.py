"""What a partner may have at a time and in a month, as operators set it: who has used it up is refused."""

from __future__ import annotations

from django.db.models import F, FloatField, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.models import Partner
from generation.models import DrivingAudio, Job, KeptSession, LiveSession, Portrait, Rendition
from generation.states import JobState
from provenance.common.errors import CodedError

ACTIVE_JOBS = 10
BYTES_OF_SAMPLE = 2
BYTES_OF_PIXEL = 3
NO_LIMIT_S = 86_400.0
LEAST_LIVE_S = 10.0  # a session that could not last so long is not opened
_WITHOUT_VIDEO = (JobState.FAILED, JobState.CANCELLED, JobState.REJECTED)


class TooManyJobs(CodedError):
    """The partner has as many jobs waiting and running as it may have."""

    code = "too_many_jobs"
    status = 429
    message = "As many of your jobs are waiting or running as you may have."
    hint = "Wait until one of them is finished, or cancel one."
    retry_after_s = 30


class MinutesUsedUp(CodedError):
    """The partner's minutes of video of this month are used up."""

    code = "minutes_used_up"
    status = 429
    message = "This video would be longer than what is left of your minutes of this month."
    hint = "GET /v1/usage says how much is left. The operator of the service can set more."


class StorageUsedUp(CodedError):
    """The partner keeps as much as it may."""

    code = "storage_used_up"
    status = 429
    message = "Your portraits, recordings and videos take all the room that you may have."
    hint = "Delete some that you do not need. The operator of the service can set more."


def month_minutes(partner: Partner) -> float:
    """Minutes of speech of the jobs submitted in this month (UTC), without those that brought no video, and
    minutes of the live sessions opened in it; those that run count with the longest that they may last.
    """
    now = timezone.now()
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    jobs = Job.objects.filter(partner=partner, created_at__gte=begin).exclude(state__in=_WITHOUT_VIDEO)
    recorded_s = float(jobs.aggregate(s=Coalesce(Sum("driving_audio__duration_s"), 0.0))["s"])
    sessions = LiveSession.objects.filter(partner=partner, opened_at__gte=begin)
    running = sum(session.max_s for session in sessions.active(now))
    ended = sum(session.seconds_at(now) for session in sessions.exclude(ended_at=None))
    return (recorded_s + running + ended) / 60


def storage_bytes(partner: Partner) -> int:
    """About how many bytes a partner's media take: recordings by their length, portraits by their pixels."""
    videos = Rendition.objects.filter(job__partner=partner, erasure_began_at=None)
    sounds = DrivingAudio.objects.filter(partner=partner, erasure_began_at=None)
    pictures = Portrait.objects.filter(partner=partner, erasure_began_at=None)
    kept = KeptSession.objects.filter(session__partner=partner, erasure_began_at=None)
    samples = Sum(F("duration_s") * F("sample_rate"), output_field=FloatField())
    return round(
        (videos.aggregate(n=Sum("size_bytes"))["n"] or 0)
        + (kept.aggregate(n=Sum("size_bytes"))["n"] or 0)
        + BYTES_OF_SAMPLE * (sounds.aggregate(n=samples)["n"] or 0)
        + BYTES_OF_PIXEL * (pictures.aggregate(n=Sum(F("width") * F("height")))["n"] or 0)
    )


def require_quota_for_job(partner: Partner, *, duration_s: float) -> None:
    """Let one more job pass. Raises TooManyJobs, MinutesUsedUp, StorageUsedUp."""
    most = most_jobs(partner)
    if _active(partner) >= most:
        raise TooManyJobs(
            _("{number} of your jobs are waiting or running; more are not taken.").format(number=most)
        )
    if partner.max_month_minutes is not None and (
        month_minutes(partner) + duration_s / 60 > partner.max_month_minutes
    ):
        raise MinutesUsedUp
    require_room(partner)


def require_quota_for_session(partner: Partner) -> None:
    """Let one more live session pass. Raises TooManyJobs, MinutesUsedUp."""
    if _active(partner) >= most_jobs(partner):
        raise TooManyJobs(_("As many of your jobs and live sessions are waiting or running as you may have."))
    if live_seconds_left(partner) < LEAST_LIVE_S:
        raise MinutesUsedUp(_("Too little is left of your minutes of this month for a live session."))


def live_seconds_left(partner: Partner) -> float:
    """How long one more live session may last by the partner's minutes; a day where there is no limit."""
    if partner.max_month_minutes is None:
        return NO_LIMIT_S
    return max((partner.max_month_minutes - month_minutes(partner)) * 60, 0.0)


def require_room(partner: Partner) -> None:
    """Let a partner pass that may store more. Raises StorageUsedUp."""
    limit = partner.max_storage_mb
    if limit is not None and storage_bytes(partner) >= limit * 1_000_000:
        raise StorageUsedUp


def _active(partner: Partner) -> int:
    """How many jobs and live sessions of a partner wait or run."""
    sessions = LiveSession.objects.active(timezone.now()).filter(partner=partner)
    return Job.objects.active().filter(partner=partner).count() + sessions.count()


def most_jobs(partner: Partner) -> int:
    """How many jobs and live sessions of a partner may wait or run."""
    return ACTIVE_JOBS if partner.max_active_jobs is None else partner.max_active_jobs
