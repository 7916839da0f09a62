"""Releases and revokes renditions. Nothing else makes a rendition downloadable or ends that."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.models import ConsentGrant
from generation.failures import JobReason
from generation.models import Job, Rendition
from generation.services.advance import advance
from generation.services.permission import lock_permission
from generation.services.seal import SealedRendition
from generation.states import JobState
from provenance.common.errors import CodedError
from provenance.services.records import release_record, withdraw_record


class NotInReview(CodedError):
    """Somebody else has decided already, or the video was revoked."""

    code = "not_in_review"
    status = 409
    message = "This video is not waiting for a decision any more."
    hint = "Load the page again to see what was decided."


def release_rendition(*, sealed: SealedRendition, actor: Actor, note: str = "") -> Rendition:
    """Make a sealed rendition downloadable.

    Consent and partner are asked again, under lock. State, record and log entry change in one transaction.
    Calling it again for a released rendition changes nothing. Raises NotInReview, PartnerNotActive,
    NotTimeStamped, or the consent refusal that applies.
    """
    rendition = sealed.rendition
    job = Job.objects.select_related("partner", "consent").get(pk=rendition.job_id)
    with transaction.atomic():
        lock_permission(job)
        if not advance(job_id=job.id, before=JobState.IN_REVIEW, after=JobState.RELEASED):
            job.refresh_from_db(fields=["state"])
            if job.state == JobState.RELEASED:
                return rendition
            raise NotInReview
        Rendition.objects.filter(pk=rendition.id).update(
            released_at=timezone.now(), decided_by=actor.id, note=note
        )
        release_record(rendition.id, actor=actor.id)
    rendition.refresh_from_db()
    return rendition


def revoke(*, job: Job, reason: JobReason, actor: Actor) -> bool:
    """Revoke a video that waits for review or was released: no download, "withdrawn" on the verify page.

    False when the job has no such video. State, record and log entry change in one transaction.
    """
    with transaction.atomic():
        ConsentGrant.objects.select_for_update().get(pk=job.consent_id)
        revoked = advance(
            job_id=job.id,
            before={JobState.IN_REVIEW, JobState.RELEASED},
            after=JobState.REVOKED,
            reason=reason,
        )
        if revoked:
            rendition = Rendition.objects.only("id").get(job_id=job.id)
            withdraw_record(rendition.id, reason_code=reason.code, actor=actor.id)
    return revoked
