"""Requests consent: from the subject at their own contact, or from a reviewer by an attestation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts import signals
from accounts.access import policy
from accounts.access.actors import Actor
from accounts.access.terms import address_digest, contact_digest, terms_digest
from accounts.contact_errors import RequestOpen
from accounts.errors import MediaErased
from accounts.models import (
    ATTESTED_BASES,
    Basis,
    ConsentGrant,
    ConsentState,
    Contact,
    Subject,
)
from accounts.services.consent.delivery import send_request
from accounts.services.contacts.addresses import contact_of
from accounts.services.contacts.limits import refusals_noted, require_may_ask
from accounts.services.webhooks.recording import tell_of_consent
from provenance.common.errors import InvalidInput, NotFound
from provenance.common.readable_text import require_readable
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
        raise InvalidInput(_("The purpose is empty."), hint=_("Say in a sentence what the videos are for."))
    if not now < valid_until <= now + LONGEST_CONSENT:
        raise InvalidInput(_("The field valid_until must be in the future, and within five years."))
    if not 1 <= max_videos <= MOST_VIDEOS:
        said = gettext("The field {field} must be between {least} and {most}.")
        raise InvalidInput(said.format(field="max_videos", least=1, most=MOST_VIDEOS))
    if basis in ATTESTED_BASES and not statement.strip():
        raise InvalidInput(
            _("This basis needs a statement."),
            hint=_("Say where the picture comes from and how you know, so that a reviewer can confirm it."),
        )


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
    allows_live: bool = False,
) -> ConsentGrant:
    """Ask for consent to use one portrait.

    For a living person a link that lasts fourteen days is sent to the subject's contact, and to nobody else:
    it is not in the answer. With `allows_live` it names live sessions too, each of which counts as a video.
    For an attested basis a reviewer decides on the partner's `statement`. Raises
    `NotFound` for another partner's portrait or subject, `PartnerNotActive`, `InvalidInput`,
    `UnreadableText`, `ContactMissing`, `ContactOfPartner`, `PhoneUnavailable`, and what `require_may_ask`
    raises: of that, and of the partner's own addresses, a note is kept for operators.
    """
    partner = policy.require_partner(actor, partner_id=portrait.partner_id)
    policy.require_active(partner)
    if subject.partner_id != partner.id or portrait.subject_id != subject.id:
        raise NotFound
    if portrait.erasure_began_at is not None:
        raise MediaErased(_("This portrait was erased."))
    purpose = " ".join(purpose.split())  # the subject's page and e-mail show it in one line
    require_readable(purpose, field="purpose")
    require_readable(statement, field="statement", lines=True)
    now = timezone.now()
    _check(
        basis=basis,
        purpose=purpose,
        statement=statement,
        valid_until=valid_until,
        max_videos=max_videos,
        now=now,
    )
    draft = ConsentGrant(
        partner=partner,
        portrait_id=portrait.id,
        subject=subject,
        basis=basis,
        purpose=purpose,
        statement=statement.strip(),
        valid_until=valid_until,
        max_videos=max_videos,
        allows_live=allows_live,
        requested_by=actor.id,
    )
    with refusals_noted(partner):
        return _write(draft, actor=actor, now=now)


@transaction.atomic
def _write(consent: ConsentGrant, *, actor: Actor, now: datetime) -> ConsentGrant:
    """Store the request with its log entry, and send it after the commit."""
    partner = consent.partner
    attested = consent.is_attested
    consent.state = ConsentState.ATTESTED if attested else ConsentState.REQUESTED
    if not attested:
        consent.contact = _contact_to_ask(consent)
        consent.link_expires_at = min(now + LINK_LASTS, consent.valid_until)
    try:
        with transaction.atomic():
            consent.save(force_insert=True)
    except IntegrityError as error:
        # Two requests at the same moment: the database lets one be open.
        if "consent_one_open_request" in str(error) or "contact_id" in str(error):
            raise RequestOpen from error
        raise
    log.append(
        LogEvent.CONSENT_ATTESTED if attested else LogEvent.CONSENT_REQUESTED,
        actor=actor.id,
        data={
            "consent_id": consent.id,
            "partner_id": partner.id,
            "portrait_id": consent.portrait_id,
            "basis": Basis(consent.basis).value,
            "terms_digest": terms_digest(consent),
            **_where_asked(consent),
        },
    )
    signals.consent_asked.send(sender=ConsentGrant, grant=consent)
    tell_of_consent(consent)
    if not attested:
        # Robust: the request is stored, and the periodic task sends what did not go out.
        transaction.on_commit(lambda: send_request(consent.id), robust=True)
    return consent


def _where_asked(consent: ConsentGrant) -> dict[str, str]:
    digests = {"contact_digest": contact_digest(consent)}
    if consent.contact is not None:
        digests["address_digest"] = address_digest(consent.contact, consent.terms_salt)
    return digests


def _contact_to_ask(consent: ConsentGrant) -> Contact:
    contact = contact_of(consent.subject)
    require_may_ask(partner=consent.partner, contact=contact)
    return contact
