"""Erases what tells who a subject is: names, addresses and free text in rows.

What stays are ids, the receipt of the consent, and a keyed digest of an erased address.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import (
    OPEN_CONSENT_STATES,
    ConsentGrant,
    ConsentState,
    Contact,
    ContactLink,
    OneTimeCode,
    Subject,
)
from accounts.models.subject import ERASED_NAME
from accounts.services.contacts.addresses import tombstone
from accounts.services.webhooks.recording import tell_of_consent
from provenance.log.entries import LogEvent
from provenance.models.journal import JournalEntry
from provenance.selectors.decisions import newest_decision
from provenance.services import journal, log

SUBJECT_ERASED = "subject_erased"  # kinds of the erasure journal's entries
CONTACT_ERASED = "contact_erased"


@transaction.atomic
def erase_subject(subject: Subject, *, actor_id: str) -> bool:
    """Erase the name and addresses of a subject, and free text about them; False if that was done before.

    Writes `subject.erased`. The caller has made sure that no consent of theirs is open or in force.
    """
    if not _blank_subject(subject.pk):
        return False
    journal.note(SUBJECT_ERASED, subject.pk)
    log.append(
        LogEvent.SUBJECT_ERASED,
        actor=actor_id,
        data={"subject_id": subject.pk, "partner_id": subject.partner_id},
    )
    return True


@transaction.atomic
def erase_contact(contact: Contact) -> bool:
    """Keep of a contact's address a keyed digest only; False if that was done before. Its links end."""
    if not _blank_contact(contact.pk):
        return False
    journal.note(CONTACT_ERASED, contact.pk)
    return True


def end_open_requests(portrait_id: str) -> int:
    """End the requests for a portrait that its partner deletes, in the caller's transaction; how many."""
    waiting = ConsentGrant.objects.filter(portrait_id=portrait_id, state__in=OPEN_CONSENT_STATES)
    ended = list(waiting.select_for_update(no_key=True).order_by("pk"))
    for found in ended:
        ConsentGrant.objects.filter(pk=found.pk).update(
            state=ConsentState.EXPIRED,
            link_token_hash=None,
            reason="The organisation deleted the portrait.",
        )
        found.state = ConsentState.EXPIRED
        tell_of_consent(found)
        log.append(
            LogEvent.CONSENT_UNDELIVERABLE,
            actor="system",
            data={"consent_id": found.id, "partner_id": found.partner_id, "reason": "portrait_deleted"},
        )
    return len(ended)


def erase_subject_again(entry: JournalEntry) -> None:
    """Erase the text of a restored subject that was erased before."""
    _blank_subject(entry.about)


def log_subject_erased_again(entry: JournalEntry) -> None:
    """Write the erasure of a restored subject into a log that has lost it."""
    subject = Subject.objects.filter(pk=entry.about).first()
    if subject is not None and newest_decision(subject.pk, {LogEvent.SUBJECT_ERASED}) is None:
        data = {"subject_id": subject.pk, "partner_id": subject.partner_id}
        log.append(LogEvent.SUBJECT_ERASED, actor="system", data=data)


def erase_contact_again(entry: JournalEntry) -> None:
    """Erase the address of a restored contact that was erased before."""
    _blank_contact(entry.about)


def _blank_subject(subject_id: str) -> int:
    ConsentGrant.objects.filter(subject_id=subject_id).update(statement="", reason="")
    return Subject.objects.filter(pk=subject_id, erased_at=None).update(
        display_name=ERASED_NAME, email="", phone="", erased_at=timezone.now()
    )


def _blank_contact(contact_id: str) -> int:
    contact = Contact.objects.filter(pk=contact_id, erased_at=None).first()
    if contact is None:
        return 0
    ContactLink.objects.filter(contact=contact).delete()
    OneTimeCode.objects.filter(contact=contact).delete()
    # Erased, named again and erased again: the digest is taken, and the older row holds the stops.
    address = tombstone(contact.channel, contact.address)
    if Contact.objects.filter(channel=contact.channel, address=address).exists():
        address = f"{address}:{contact.pk}"
    return Contact.objects.filter(pk=contact_id, erased_at=None).update(
        address=address,
        identity=tombstone(contact.channel, contact.identity),
        erased_at=timezone.now(),
    )
