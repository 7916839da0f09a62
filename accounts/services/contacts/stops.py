"""Stops the requests of one partner or of all ("do not ask me again"), and allows them again."""

from __future__ import annotations

from django.db import transaction

from accounts.access.actors import Actor
from accounts.models import AskingStop, Contact, Partner
from provenance.log.entries import LogEvent
from provenance.services import log


@transaction.atomic
def stop_requests(*, contact: Contact, partner: Partner | None, actor: Actor) -> None:
    """Refuse every further request of one partner, or of all with None. Twice changes nothing."""
    Contact.objects.select_for_update().get(pk=contact.pk)
    _, is_new = AskingStop.objects.get_or_create(contact=contact, partner=partner)
    if is_new:
        _log(LogEvent.SUBJECT_ASKING_STOPPED, partner, actor)


@transaction.atomic
def allow_requests(*, contact: Contact, partner: Partner | None, actor: Actor) -> None:
    """Take `stop_requests` back. Without a stop nothing happens."""
    removed, _ = AskingStop.objects.filter(contact=contact, partner=partner).delete()
    if removed:
        _log(LogEvent.SUBJECT_ASKING_ALLOWED, partner, actor)


def _log(event: LogEvent, partner: Partner | None, actor: Actor) -> None:
    log.append(event, actor=actor.id, data={"partner_id": partner.id if partner else None})
