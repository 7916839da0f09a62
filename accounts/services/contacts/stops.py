"""Stops the requests of one partner or of all ("do not ask me again"), and allows them again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from accounts.access.actors import Actor
from accounts.models import AskingStop, Contact, Partner
from provenance.log.entries import LogEvent
from provenance.models.journal import JournalEntry
from provenance.services import journal, log

ASKING_STOPPED = "asking_stopped"  # kinds of the erasure journal's entries
ASKING_ALLOWED = "asking_allowed"


@transaction.atomic
def stop_requests(*, contact: Contact, partner: Partner | None, actor: Actor) -> None:
    """Refuse every further request of one partner, or of all with None. Twice changes nothing."""
    Contact.objects.select_for_update().get(pk=contact.pk)
    _, is_new = AskingStop.objects.get_or_create(contact=contact, partner=partner)
    if is_new:
        journal.note(ASKING_STOPPED, contact.id, partner_id=partner.id if partner else "")
        _log(LogEvent.SUBJECT_ASKING_STOPPED, partner, actor)


@transaction.atomic
def allow_requests(*, contact: Contact, partner: Partner | None, actor: Actor) -> None:
    """Take `stop_requests` back. Without a stop nothing happens."""
    removed, _ = AskingStop.objects.filter(contact=contact, partner=partner).delete()
    if removed:
        journal.note(ASKING_ALLOWED, contact.id, partner_id=partner.id if partner else "")
        _log(LogEvent.SUBJECT_ASKING_ALLOWED, partner, actor)


def is_stopped(*, contact: Contact | None, partner: Partner) -> bool:
    """Whether a contact refused every further request of a partner, or of all of them."""
    return AskingStop.objects.filter(Q(partner=partner) | Q(partner=None), contact=contact).exists()


def _log(event: LogEvent, partner: Partner | None, actor: Actor) -> None:
    log.append(event, actor=actor.id, data={"partner_id": partner.id if partner else None})


def stop_again(entry: JournalEntry) -> None:
    """Put back a stop that a restored database has forgotten."""
    contact = Contact.objects.filter(pk=entry.about).first()
    partner = Partner.objects.filter(pk=entry.data.get("partner_id") or None).first()
    if contact is not None and (partner is not None or not entry.data.get("partner_id")):
        AskingStop.objects.get_or_create(contact=contact, partner=partner)


def allow_again(entry: JournalEntry) -> None:
    """Take back a stop of a restored database that its holder has taken back."""
    partner_id = entry.data.get("partner_id") or None
    AskingStop.objects.filter(contact_id=entry.about, partner_id=partner_id).delete()
