"""Appeals: a partner objects to a reviewer's decision, and another reviewer answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_other_partner, require_partner, require_role
from accounts.models import Membership, StaffRole
from accounts.notify.emails import send_on_commit
from generation.models import Appeal, AppealOutcome, Job, Rendition
from generation.oversight.refusals import DecidedAlready, NotAppealable, OtherReviewerNeeded
from generation.selectors import rendition_of
from generation.states import JobState
from provenance.common.errors import InvalidInput, NotFound
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import newest_decision
from provenance.services import log

LASTS: Final = timedelta(days=30)
_BY_STAFF: Final = frozenset(
    {"misuse", "fault", "subject_request"}
)  # of a revocation; withdrawals are the subject's


def is_appealable(job: Job, rendition: Rendition) -> bool:
    """Whether a reviewer ended this video, lately, and nobody has objected yet."""
    by_reviewer = job.state == JobState.REJECTED or (
        job.state == JobState.REVOKED and job.reason_code in _BY_STAFF
    )
    is_late = job.state_since < timezone.now() - LASTS
    return by_reviewer and not is_late and not Appeal.objects.filter(rendition=rendition).exists()


@transaction.atomic
def file_appeal(*, actor: Actor, rendition_id: str, text: str) -> Appeal:
    """Object to the decision about a video of the actor's partner.

    Raises NotFound, NotAppealable, InvalidInput, UnreadableText.
    """
    rendition = rendition_of(require_partner(actor), rendition_id)
    if not text.strip():
        raise InvalidInput(_("Say why the decision is wrong."))
    require_readable(text, field="text", lines=True)
    if not is_appealable(rendition.job, rendition):
        raise NotAppealable
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(rendition=rendition, filed_by=actor.id, text=text.strip()[:1000])
    except IntegrityError as error:  # twice at the same moment
        raise NotAppealable from error
    log.append(LogEvent.APPEAL_FILED, actor=actor.id, data=_facts(appeal, rendition))
    return appeal


def waiting_for(actor: Actor) -> QuerySet[Appeal]:
    """The appeals that wait, oldest first, without those of the reviewer's own partner. Raises
    RoleRequired.
    """
    require_role(actor, StaffRole.REVIEWER)
    own = Membership.objects.filter(user=actor.user).values("partner_id")
    return (
        Appeal.objects.filter(outcome="")
        .exclude(rendition__job__partner_id__in=own)
        .select_related("rendition__job__partner", "rendition__job__portrait__subject")
        .order_by("filed_at", "id")
    )


def decider_of(rendition: Rendition) -> str:
    """Who ended the video, by the log; empty where it was nobody. Raises LogDamaged."""
    ended = newest_decision(rendition.pk, {LogEvent.RENDITION_REJECTED, LogEvent.RENDITION_REVOKED})
    return ended.actor if ended else ""


@transaction.atomic
def decide_appeal(*, actor: Actor, appeal_id: str, outcome: str, answer: str) -> Appeal:
    """Answer an appeal. What was closed stays closed: an appeal that is upheld puts on record that the
    decision was wrong, and the partner can have the video made again.

    Raises RoleRequired, NotFound, FourEyesRequired, OtherReviewerNeeded, DecidedAlready, InvalidInput,
    UnreadableText.
    """
    require_role(actor, StaffRole.REVIEWER)
    if outcome not in AppealOutcome.values:
        said = gettext("The outcome must be one of {values}.")
        raise InvalidInput(said.format(values=", ".join(AppealOutcome.values)))
    if not answer.strip():
        raise InvalidInput(_("Tell the organisation why."))
    require_readable(answer, field="answer", lines=True)
    appeal = Appeal.objects.select_related("rendition__job__partner").filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound(_("There is no appeal with that id."))
    rendition = appeal.rendition
    require_other_partner(actor, rendition.job.partner)
    if decider_of(rendition) == actor.id:
        raise OtherReviewerNeeded
    values = {
        "outcome": outcome,
        "decided_by": actor.id,
        "decided_at": timezone.now(),
        "answer": answer.strip()[:500],
    }
    if not Appeal.objects.filter(pk=appeal.pk, outcome="").update(**values):
        raise DecidedAlready
    log.append(LogEvent.APPEAL_DECIDED, actor=actor.id, data=_facts(appeal, rendition) | {"outcome": outcome})
    appeal.refresh_from_db()
    _tell(appeal)
    return appeal


def _facts(appeal: Appeal, rendition: Rendition) -> dict[str, str]:
    return {
        "appeal_id": appeal.pk,
        "rendition_id": rendition.pk,
        "partner_id": rendition.job.partner_id,
    }


def _tell(appeal: Appeal) -> None:
    job = appeal.rendition.job
    link = f"{settings.LIKENESS_BASE_URL.rstrip('/')}{reverse('job', args=[job.pk])}"
    send_on_commit(
        "appeal_decided",
        to=job.partner.contact_email,
        language_otherwise=job.partner.contact_language,
        context={"appeal": appeal, "partner": job.partner, "link": link},
    )
