"""Begins erasures again, and takes videos back again, that a restored database has forgotten."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from generation.failures import JobReason
from generation.models import (
    DrivingAudio,
    ErasureReason,
    FaceRegistration,
    Job,
    KeptSession,
    LiveRecording,
    Portrait,
    Rendition,
)
from generation.services.advance import advance
from generation.services.erasure.erase import ErasableRow
from generation.states import JobState
from provenance.models.journal import JournalEntry

_MODELS: dict[str, type[ErasableRow]] = {
    "por": Portrait,
    "aud": DrivingAudio,
    "rnd": Rendition,
    "lvr": KeptSession,
    "liv": LiveRecording,
    "reg": FaceRegistration,
}
_WITHDRAWN = JobReason("withdrawn", _("The video was withdrawn."), "")


def erase_again(entry: JournalEntry) -> None:
    """Give a restored file to nobody. One that was uploaded again after its erasure is another matter."""
    model = _MODELS.get(entry.about.partition("_")[0])
    reason = entry.data.get("reason", "")
    if model is None or reason not in ErasureReason.values:
        return
    restored = model.objects.filter(pk=entry.about, erasure_began_at=None, stored_at__lte=entry.time)
    if issubclass(model, LiveRecording | FaceRegistration):
        model.objects.filter(pk__in=restored.values("pk")).update(sealed_key="")
    restored.update(
        erasure_began_at=entry.time, erasure_reason=reason, erasure_actor=entry.data.get("actor", "system")
    )


def revoke_again(entry: JournalEntry) -> None:
    """Put the job of a restored video back to revoked. Its record is put back below this app."""
    job = Job.objects.filter(rendition__pk=entry.about).first()
    if job is not None:
        code = entry.data.get("reason_code") or _WITHDRAWN.code
        reason = JobReason(code, _WITHDRAWN.message, _WITHDRAWN.hint)
        before = {JobState.IN_REVIEW, JobState.RELEASED}
        advance(job_id=job.pk, before=before, after=JobState.REVOKED, reason=reason)
