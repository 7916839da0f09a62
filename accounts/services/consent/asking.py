"""Requests consent: from the subject by a link, or from a reviewer by an attestation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.access import policy
from accounts.access.actors import Actor
from accounts.access.tokens import hash_token, new_token
from accounts.models import ATTESTED_BASES, Basis, ConsentGrant, ConsentState, Subject
from accounts.notify.emails import send_on_commit
from accounts.notify.links import consent_link
from provenance.common.errors import InvalidInput, NotFound
from provenance.log.entries import LogEvent
from provenance.services import log

if TYPE_CHECKING:
    from accounts.portraits import PortraitRow

LINK_LASTS = timedelta(days=14)
LONGEST_CONSENT = timedelta(days=5 * 366)
MOST_VIDEOS = 10_000


def _check(
    *, basis: Basis, purpose: str, statement: str, valid_until: datetime, max_videos: int, now: datetime
) -> None:
    if not purpose.strip():
        raise InvalidInput("The purpose is empty.", hint="Say in a sentence what the videos are for.")
    if not now < valid_until <= now + LONGEST_CONSENT:
        raise InvalidInput("The field valid_until must be in the future, and within five years.")
    if not 1 <= max_videos <= MOST_VIDEOS:
        raise InvalidInput(f"The field max_videos must be between 1 and {MOST_VIDEOS}.")
    if basis in ATTESTED_BASES and not statement.strip():
        raise InvalidInput(
            "This basis needs a statement.",
            hint="Say where the picture comes from and how you know, so that a reviewer can confirm it.",
        )


@transaction.atomic
def request_consent(
    *,
    actor: Actor,
    portrait: PortraitRow,
    subject: Subject,
    basis: Basis,
    purpose: str,
    valid_until: datetime,
    max_videos: int,
    statement: str = "",
) -> tuple[ConsentGrant, str | None]:
    """Ask for consent to use one portrait; the grant and the token of the subject's link.

    For a living person the link is sent to the subject's address, if there is one, and returned: it is
    shown once and lasts fourteen days. For an attested basis there is nobody to send a link to: the token is
    None and a reviewer decides on the partner's `statement`. Raises `NotFound` for another partner's
    portrait or subject, `PartnerNotActive`, and `InvalidInput`.
    """
    partner = policy.require_partner(actor, partner_id=portrait.partner_id)
    policy.require_active(partner)
    if subject.partner_id != partner.id or portrait.subject_id != subject.id:
        raise NotFound
    now = timezone.now()
    _check(
        basis=basis,
        purpose=purpose,
        statement=statement,
        valid_until=valid_until,
        max_videos=max_videos,
        now=now,
    )
    attested = basis in ATTESTED_BASES
    token = None if attested else new_token()
    consent = ConsentGrant.objects.create(
        partner=partner,
        portrait_id=portrait.id,
        subject=subject,
        basis=basis,
        purpose=purpose.strip(),
        statement=statement.strip(),
        valid_until=valid_until,
        max_videos=max_videos,
        state=ConsentState.ATTESTED if attested else ConsentState.REQUESTED,
        requested_by=actor.id,
        link_token_hash=hash_token(token) if token else None,
        link_expires_at=min(now + LINK_LASTS, valid_until) if token else None,
    )
    log.append(
        LogEvent.CONSENT_ATTESTED if attested else LogEvent.CONSENT_REQUESTED,
        actor=actor.id,
        data={
            "consent_id": consent.id,
            "partner_id": partner.id,
            "portrait_id": portrait.id,
            "basis": Basis(basis).value,
        },
    )
    if token and subject.email:
        send_on_commit(
            "consent_request",
            to=subject.email,
            subject=f"{partner.name} asks to use your likeness",
            context={"grant": consent, "partner": partner, "link": consent_link(token)},
        )
    return consent, token
