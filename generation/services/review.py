"""A reviewer's decision on a sealed video: approve, refuse or revoke."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_other_partner, require_role
from accounts.models import ConsentGrant, ReviewPolicy, StaffRole
from accounts.services.consent import return_use
from generation.failures import JobReason
from generation.models import Job, Rendition
from generation.selectors import rendition_of, reviewed_rendition
from generation.services.advance import advance
from generation.services.release import NotInReview, release_rendition, revoke
from generation.services.seal import load_sealed_rendition
from generation.states import JobState
from provenance.common.errors import CodedError, InvalidInput
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import newest_decision
from provenance.services import log
from provenance.services.records import withdraw_record


class RejectionCode(models.TextChoices):
    """Why a reviewer does not let a video out. The partner is told which.

    Labels are English; pages translate them.
    """

    CONSENT_DOUBTFUL = "consent_doubtful", _("It is doubtful that the subject agreed to this use")
    WRONG_PERSON = "wrong_person", _("The portrait does not show the subject it was filed under")
    MISLEADING = "misleading", _("The video would mislead people about who said what")
    PROHIBITED_USE = "prohibited_use", _("The use is one that the terms do not allow")
    POOR_QUALITY = "poor_quality", _("The video shows the person in a way that looks broken")


class RevocationCode(models.TextChoices):
    """Why a video is revoked after it was sealed."""

    PARTNER_REQUEST = "partner_request", _("The partner revoked the video")
    MISUSE = "misuse", _("The video was used against the terms")
    SUBJECT_REQUEST = "subject_request", _("The subject asked for it")
    FAULT = "fault", _("The video should not have been released")


class SecondReviewerNeeded(CodedError):
    """The first of two approvals is theirs."""

    code = "second_reviewer_needed"
    status = 409
    message = "You have approved this video. The organisation's policy asks for a second reviewer."
    hint = "It stays in the queue of the other reviewers."


class NotRevocable(CodedError):
    """There is no sealed video to revoke."""

    code = "not_revocable"
    status = 409
    message = "There is no video here that could be revoked."
    hint = "Only videos that wait for review or are released can be revoked."


def approve(*, actor: Actor, rendition_id: str, note: str = "") -> Rendition:
    """Release a video after a look at it. Four eyes: not by somebody of its own partner.

    The stored file is hashed again first. Where the partner's policy is two reviewers, the first approval is
    kept and nothing is released before another reviewer's. Raises RoleRequired, NotFound, FourEyesRequired,
    NotInReview, SecondReviewerNeeded, SealBroken, UnreadableText or the consent refusal that applies.
    """
    rendition = _for_review(actor, rendition_id)
    require_readable(note, field="note", lines=True)
    sealed = load_sealed_rendition(rendition)
    if rendition.job.partner.review_policy == ReviewPolicy.TWO_REVIEWERS:
        first = newest_decision(rendition.pk, {LogEvent.RENDITION_APPROVED})
        if first is None:
            return _approve_first(rendition, actor, note.strip())
        if first.actor == actor.id:
            raise SecondReviewerNeeded
    return release_rendition(sealed=sealed, actor=actor, note=note.strip() or rendition.note)


@transaction.atomic
def _approve_first(rendition: Rendition, actor: Actor, note: str) -> Rendition:
    """Keep the first of two approvals. Raises NotInReview if it is decided, or approved already."""
    # The consent before the job, as everybody: a withdrawal holds the log while it asks for its jobs.
    ConsentGrant.objects.select_for_update().get(pk=rendition.job.consent_id)
    job = Job.objects.select_for_update().get(pk=rendition.job_id)
    is_first = job.state == JobState.IN_REVIEW and Rendition.objects.filter(
        pk=rendition.pk, first_approved_by=""
    ).update(first_approved_by=actor.id, note=note)
    if not is_first:
        raise NotInReview
    log.append(
        LogEvent.RENDITION_APPROVED,
        actor=actor.id,
        data={"rendition_id": rendition.pk, "partner_id": job.partner_id},
    )
    rendition.refresh_from_db()
    return rendition


def refuse(*, actor: Actor, rendition_id: str, reason_code: str, note: str = "") -> Rendition:
    """Refuse a video for good, with a reason that the partner is told. The reserved use is given back.

    Raises as `approve`, and InvalidInput for an unknown reason.
    """
    rendition = _for_review(actor, rendition_id)
    job = rendition.job
    reason = _reason(RejectionCode, reason_code, note)
    with transaction.atomic():
        ConsentGrant.objects.select_for_update().get(pk=job.consent_id)
        if not advance(job_id=job.id, before=JobState.IN_REVIEW, after=JobState.REJECTED, reason=reason):
            raise NotInReview
        Rendition.objects.filter(pk=rendition.id).update(decided_by=actor.id, note=note.strip())
        return_use(job.consent)
        withdraw_record(rendition.id, reason_code=reason.code, actor=actor.id)
    rendition.refresh_from_db()
    return rendition


def revoke_as_staff(*, actor: Actor, rendition_id: str, reason_code: str, note: str = "") -> Rendition:
    """Revoke a video, by a reviewer who is not of its partner.

    Raises RoleRequired, NotFound, FourEyesRequired, InvalidInput or NotRevocable.
    """
    rendition = _for_review(actor, rendition_id)
    return _revoke(actor, rendition, _reason(RevocationCode, reason_code, note))


def revoke_as_partner(*, actor: Actor, rendition_id: str, note: str = "") -> Rendition:
    """Revoke a video, by the partner it belongs to. Raises NotFound or NotRevocable."""
    if actor.partner is None:
        raise NotRevocable
    rendition = rendition_of(actor.partner, rendition_id)
    return _revoke(actor, rendition, _reason(RevocationCode, RevocationCode.PARTNER_REQUEST, note))


def _revoke(actor: Actor, rendition: Rendition, reason: JobReason) -> Rendition:
    if not revoke(job=rendition.job, reason=reason, actor=actor):
        raise NotRevocable
    rendition.refresh_from_db()
    return rendition


def _for_review(actor: Actor, rendition_id: str) -> Rendition:
    require_role(actor, StaffRole.REVIEWER)
    own = Rendition.objects.select_related("job__partner").filter(pk=rendition_id).first()
    if own is not None:
        require_other_partner(actor, own.job.partner)
    return reviewed_rendition(actor, rendition_id)


def _reason(codes: type[models.TextChoices], code: str, note: str) -> JobReason:
    if code not in codes.values:
        said = gettext("The reason must be one of {codes}.").format(codes=", ".join(codes.values))
        raise InvalidInput(said, code="reason_unknown")
    require_readable(note, field="note", lines=True)
    return JobReason(code, f"{codes(code).label}.", note.strip()[:300])
