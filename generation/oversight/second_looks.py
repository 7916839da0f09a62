"""Samples for second review: drawn by lot, looked at by another reviewer, counted."""

from __future__ import annotations

import secrets
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_other_partner, require_role
from accounts.models import Membership, StaffRole
from generation.audit_desk.videos import AuditFilter, videos_found
from generation.models import SecondLook
from generation.oversight.refusals import DecidedAlready, OtherReviewerNeeded
from generation.states import JobState
from provenance.common.errors import InvalidInput, NotFound
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.services import log

MOST_DRAWN: Final = 50
_MOST_CANDIDATES: Final = 10_000  # the newest; older decisions had their time


@transaction.atomic
def draw(*, actor: Actor, wanted: AuditFilter, count: int) -> list[SecondLook]:
    """Draw up to `count` of the released videos that a reviewer approved and nobody has drawn before.

    Each has the same chance. Raises RoleRequired, InvalidInput, LogDamaged.
    """
    require_role(actor, StaffRole.AUDITOR)
    if not 1 <= count <= MOST_DRAWN:
        said = gettext("From 1 to {most} videos can be drawn at a time.")
        raise InvalidInput(said.format(most=MOST_DRAWN))
    candidates = list(
        videos_found(wanted)
        .filter(job__state=JobState.RELEASED, erasure_began_at=None, decided_by__startswith="usr_")
        .filter(second_look=None)[:_MOST_CANDIDATES]
    )
    drawn = secrets.SystemRandom().sample(candidates, min(count, len(candidates)))
    looks = []
    for rendition in drawn:
        look = SecondLook.objects.create(
            rendition=rendition, first_reviewer=rendition.decided_by, drawn_by=actor.id
        )
        data = {"look_id": look.pk, "rendition_id": rendition.pk, "partner_id": rendition.job.partner_id}
        log.append(LogEvent.REVIEW_SAMPLED, actor=actor.id, data=data)
        looks.append(look)
    return looks


def waiting_for(actor: Actor) -> QuerySet[SecondLook]:
    """The drawn videos that this reviewer may look at, oldest first. Raises RoleRequired."""
    require_role(actor, StaffRole.REVIEWER)
    own = Membership.objects.filter(user=actor.user).values("partner_id")
    return (
        SecondLook.objects.filter(agrees=None)
        .exclude(first_reviewer=actor.id)
        .exclude(rendition__job__partner_id__in=own)
        .select_related("rendition__job__partner", "rendition__job__portrait__subject")
        .order_by("drawn_at", "id")
    )


@transaction.atomic
def answer(*, actor: Actor, look_id: str, agrees: bool, note: str = "") -> SecondLook:
    """Say whether the approval was right. The video stays as it is; a reviewer may revoke it.

    Raises RoleRequired, NotFound, FourEyesRequired, OtherReviewerNeeded, DecidedAlready, UnreadableText.
    """
    require_role(actor, StaffRole.REVIEWER)
    require_readable(note, field="note", lines=True)
    look = SecondLook.objects.select_related("rendition__job__partner").filter(pk=look_id).first()
    if look is None:
        raise NotFound(_("There is no second look with that id."))
    partner = look.rendition.job.partner
    require_other_partner(actor, partner)
    if look.first_reviewer == actor.id:
        raise OtherReviewerNeeded
    values = {
        "agrees": agrees,
        "decided_by": actor.id,
        "decided_at": timezone.now(),
        "note": note.strip()[:500],
    }
    if not SecondLook.objects.filter(pk=look.pk, agrees=None).update(**values):
        raise DecidedAlready
    log.append(
        LogEvent.REVIEW_SECOND_LOOK,
        actor=actor.id,
        data={
            "look_id": look.pk,
            "rendition_id": look.rendition_id,
            "partner_id": partner.pk,
            "agrees": agrees,
        },
    )
    look.refresh_from_db()
    return look
