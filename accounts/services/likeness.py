"""Serves "My likeness": what the holder of a contact may see and end, by a fresh link to that contact."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _

from accounts.access.actors import SYSTEM, Actor, actor_of_subject
from accounts.access.tokens import hash_token
from accounts.errors import LinkExpired, LinkUnknown
from accounts.models import Channel, ConsentGrant, ConsentState, Contact, ContactLink, Partner, Subject
from accounts.notify.contact_messages import send_to_contact
from accounts.notify.links import likeness_link
from accounts.notify.telephone import gateway
from accounts.services.consent.answering import CONSENT_WITHDRAWN, end_grant, hold
from accounts.services.contacts.addresses import find_contact, find_or_make_contact, require_email
from accounts.services.contacts.stops import allow_requests, stop_requests
from accounts.services.webhooks.recording import tell_of_consent
from provenance.common.errors import NotFound
from provenance.log.entries import LogEvent
from provenance.services import journal, log

LINK_LASTS = timedelta(hours=1)
LINKS_PER_HOUR = 5

UNDECIDED = (ConsentState.REQUESTED, ConsentState.RECORDED)


def contact_to_write_to(address: str) -> Contact | None:
    """The contact somebody typed in, if it is known here and may be written to now; else None.

    Whoever asks must not learn which: that an address is known says that somebody was portrayed. Raises
    `InvalidInput` for what is neither an e-mail address nor a telephone number.
    """
    channel = Channel.EMAIL if "@" in address else Channel.PHONE
    contact = find_contact(channel, address)
    if contact is None or not any(
        (
            consents_of_contact(contact).exists(),
            contact.face_registrations.exists(),
            contact.voice_consents.exists(),
        )
    ):
        return None
    sent_lately = contact.links.filter(created_at__gt=timezone.now() - timedelta(hours=1))
    return contact if sent_lately.count() < LINKS_PER_HOUR else None


def contact_to_register(address: str) -> Contact | None:
    """The contact somebody typed in to register a face at, known here or not, if it may be written to now.

    Raises `InvalidInput` for what is neither an e-mail address nor a telephone number, `PhoneUnavailable`.
    """
    channel = Channel.EMAIL if "@" in address else Channel.PHONE
    if channel == Channel.EMAIL:
        require_email(address)
    else:
        gateway()
    contact = find_or_make_contact(channel, address)
    sent_lately = contact.links.filter(created_at__gt=timezone.now() - timedelta(hours=1))
    return contact if sent_lately.count() < LINKS_PER_HOUR else None


def send_link(contact: Contact, *, otherwise: str = "") -> None:
    """Send a fresh link to a contact; it works for an hour. `otherwise` is as in `language_of`.

    Raises `MessageNotSent`, `PhoneUnavailable`.
    """
    now = timezone.now()
    link = ContactLink(contact=contact, created_at=now, expires_at=now + LINK_LASTS)
    token = _token_of(link)
    link.token_hash = hash_token(token)
    link.save(force_insert=True)
    send_to_contact(
        "likeness_link",
        contact=contact,
        language=language_of(contact, otherwise=otherwise),
        context={"link": likeness_link(token)},
    )


def _token_of(link: ContactLink) -> str:
    """The token of a link, as 43 URL-safe characters: only the service can make one, and for one contact and
    one hour, whatever somebody writes into the table.
    """
    facts = f"{link.contact_id}\n{link.created_at.isoformat()}\n{link.expires_at.isoformat()}"
    made = salted_hmac("likeness link to a contact", facts, algorithm="sha256").digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def language_of(contact: Contact, *, otherwise: str = "") -> str:
    """The language that the newest partner to ask at a contact has named for the person in a portrait, or
    else for the speaker of a recording. Where nobody asked, `otherwise`, by default the page's.
    """
    newest = consents_of_contact(contact).first()
    if newest is not None:
        return newest.subject.language
    spoken = contact.voice_consents.select_related("speaker").first()
    if spoken is not None:
        return str(spoken.speaker.language)
    return otherwise or get_language() or str(settings.LANGUAGE_CODE)


def open_contact(token: str) -> Contact:
    """The contact behind a link to "My likeness". Raises `LinkUnknown` or `LinkExpired`."""
    hint = _("Have a new link sent to you from the page My likeness.")
    link = ContactLink.objects.select_related("contact").filter(token_hash=hash_token(token)).first()
    if link is None or not constant_time_compare(_token_of(link), token):
        raise LinkUnknown(hint=hint)
    if not link.is_open(timezone.now()):
        raise LinkExpired(hint=hint)
    return link.contact


def consents_of_contact(contact: Contact) -> QuerySet[ConsentGrant]:
    """Every consent that the contact's holder was asked for, by any partner, newest first."""
    return ConsentGrant.objects.filter(contact=contact).select_related("partner", "subject", "portrait")


def granted_by_contact(contact: Contact) -> QuerySet[ConsentGrant]:
    """Those that were granted once: in force, expired or withdrawn."""
    return consents_of_contact(contact).exclude(receipt_digest="")


def consent_of_contact(contact: Contact, consent_id: str) -> ConsentGrant:
    """One granted consent of the contact's holder. Raises `NotFound`, also for somebody else's."""
    grant = granted_by_contact(contact).filter(pk=consent_id).first()
    if grant is None:
        raise NotFound(_("There is no consent under that id."))
    return grant


@transaction.atomic
def withdraw_one(contact: Contact, consent_id: str) -> ConsentGrant:
    """Withdraw one consent, as the link in its receipt does. Twice changes nothing. Raises `NotFound`."""
    grant = consent_of_contact(contact, consent_id)
    return end_grant(grant, actor_id=actor_of_subject(grant.subject).id)


@transaction.atomic
def withdraw_all(contact: Contact) -> int:
    """Withdraw everything that was granted, expired consents with their videos too; how many there were."""
    grants = hold(granted_by_contact(contact).filter(state__in=[ConsentState.GRANTED, ConsentState.EXPIRED]))
    for grant in grants:
        end_grant(grant, actor_id=actor_of_subject(grant.subject).id)
    return len(grants)


@transaction.atomic
def decline_open(contact: Contact) -> int:
    """Answer every open request at a contact with no; how many there were."""
    waiting = hold(consents_of_contact(contact).filter(state__in=UNDECIDED))
    for found in waiting:
        moved = ConsentGrant.objects.filter(pk=found.pk, state__in=UNDECIDED).update(
            state=ConsentState.DECLINED, decided_at=timezone.now()
        )
        if moved:
            found.state = ConsentState.DECLINED
            tell_of_consent(found)
            journal.note(CONSENT_WITHDRAWN, found.id, actor=actor_of_subject(found.subject).id)
            log.append(
                LogEvent.CONSENT_DECLINED,
                actor=actor_of_subject(found.subject).id,
                data={"consent_id": found.id, "partner_id": found.partner_id},
            )
    return len(waiting)


def subjects_of_contact(contact: Contact) -> QuerySet[Subject]:
    """The person as each partner that asked at the contact has named them."""
    return Subject.objects.filter(consents__contact=contact, erased_at=None).distinct()


def partners_of_contact(contact: Contact) -> QuerySet[Partner]:
    """The partners that asked the contact's holder, by name."""
    return Partner.objects.filter(consents__contact=contact).distinct().order_by("name", "id")


def set_asking(contact: Contact, *, partner_id: str, may_ask: bool) -> None:
    """Stop or allow the requests of one partner, or of all with an empty id. Raises `NotFound`."""
    partner = partners_of_contact(contact).filter(pk=partner_id).first() if partner_id else None
    if partner_id and partner is None:
        raise NotFound(_("There is no organisation under that id."))
    change = allow_requests if may_ask else stop_requests
    change(contact=contact, partner=partner, actor=_actor(contact, partner))


def _actor(contact: Contact, partner: Partner | None) -> Actor:
    """The contact's holder, as the partner's subject, or as the one who was asked last."""
    asked = consents_of_contact(contact).filter(Q(partner=partner) if partner else Q())
    newest = asked.first()
    if newest is None:  # somebody who was never asked and has registered their face
        return SYSTEM
    return actor_of_subject(newest.subject)
