"""Sends requests for consent to the subject's contact. The link exists in that message and nowhere else."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access.actors import SYSTEM
from accounts.access.terms import link_digest
from accounts.access.tokens import hash_token, new_token
from accounts.contact_errors import (
    ContactMissing,
    ContactOfPartner,
    MessageNotSent,
    PhoneUnavailable,
    RequestOpen,
)
from accounts.models import ConsentGrant, ConsentState
from accounts.notify.contact_messages import send_to_contact
from accounts.notify.links import consent_link, refusal_link
from accounts.services.contacts.addresses import contact_of
from accounts.services.webhooks.recording import tell_of_consent
from provenance.common.errors import CodedError
from provenance.log.entries import LogEvent
from provenance.services import log

# The process that was asked is still at it; after that long it was killed or the mail server did not answer.
SENDING_LASTS = timedelta(minutes=2)

logger = logging.getLogger(__name__)


def send_request(consent_id: str) -> bool:
    """Send the link of an open request to its contact, unless it was sent; whether it is sent now.

    A request that may reach nobody (no contact, or the partner's own) ends as expired, with a log entry. When
    the message is not taken the request stays open, and the periodic task tries again with a new link.
    """
    with transaction.atomic():
        found = (
            ConsentGrant.objects.select_for_update(of=("self",), no_key=True)
            .select_related("partner", "subject__partner", "contact")
            .filter(pk=consent_id, state=ConsentState.REQUESTED, link_sent_at=None)
            .first()
        )
        if found is None or found.current_state != ConsentState.REQUESTED:
            return False
        try:
            contact_of(found.subject)
            if found.contact is None:  # of an earlier version, beside a newer request to the same person
                raise RequestOpen
        except (ContactMissing, ContactOfPartner, PhoneUnavailable, RequestOpen) as refusal:
            _end(found, refusal)
            return False
        token = new_token()
        ConsentGrant.objects.filter(pk=found.pk).update(link_token_hash=hash_token(token))
    try:
        send_to_contact(
            "consent_request",
            contact=found.contact,
            language=found.subject.language,
            context={
                "grant": found,
                "partner": found.partner,
                "link": consent_link(token),
                "refusal_link": refusal_link(token),
            },
            refuse_at=refusal_link(token),
        )
    except MessageNotSent:
        return False
    sent_hash = hash_token(token)
    with transaction.atomic():
        rows = ConsentGrant.objects.filter(pk=found.pk, link_token_hash=sent_hash)
        if rows.update(link_sent_at=timezone.now()):
            log.append(
                LogEvent.CONSENT_SENT,
                actor=SYSTEM.id,
                data={
                    "consent_id": found.id,
                    "partner_id": found.partner_id,
                    "link_digest": link_digest(found.terms_salt, sent_hash),
                },
            )
    return True


def send_unsent(*, at: datetime | None = None) -> int:
    """Send every open request whose message did not go out; how many went. None is sent twice."""
    before = (at or timezone.now()) - SENDING_LASTS
    waiting = ConsentGrant.objects.filter(
        state=ConsentState.REQUESTED, link_sent_at=None, created_at__lt=before
    ).order_by("created_at")
    return sum(send_request(consent_id) for consent_id in waiting.values_list("pk", flat=True))


def _end(found: ConsentGrant, refusal: CodedError) -> None:
    logger.warning("The request %s cannot be sent: %s", found.id, refusal.code)
    ConsentGrant.objects.filter(pk=found.pk).update(
        state=ConsentState.EXPIRED, link_token_hash=None, reason=refusal.message
    )
    found.state = ConsentState.EXPIRED
    tell_of_consent(found)
    log.append(
        LogEvent.CONSENT_UNDELIVERABLE,
        actor=SYSTEM.id,
        data={"consent_id": found.id, "partner_id": found.partner_id, "reason": refusal.code},
    )
