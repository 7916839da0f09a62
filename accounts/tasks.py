"""Celery tasks of accounts: expire consents, send requests and webhooks, delete what expired."""

from __future__ import annotations

import logging

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import get_language
from kombu.exceptions import OperationalError

from accounts.contact_errors import MessageNotSent, PhoneUnavailable
from accounts.models import Contact
from accounts.services import likeness
from accounts.services.consent import expire_due, send_unsent
from accounts.services.contacts.expiry import delete_expired
from accounts.services.webhooks import sending
from accounts.services.webhooks.recording import send_on_commit
from provenance.common.clock import is_clock_right

logger = logging.getLogger(__name__)


@shared_task
def expire_consents() -> int:
    """Mark consents that are past their date; how many. Again, or where the clock is off, finds none."""
    return expire_due() if is_clock_right() else 0


@shared_task
def send_unsent_requests() -> int:
    """Send the requests for consent whose message did not go out; how many went."""
    return send_unsent()


@shared_task
def send_likeness_link(contact_id: str, otherwise: str = "") -> None:
    """Send a fresh link to "My likeness" to a contact. Running it twice sends two, both of which work.

    `otherwise` is the language for whom no partner has named one.
    """
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        return
    try:
        likeness.send_link(contact, otherwise=otherwise)
    except (MessageNotSent, PhoneUnavailable):
        logger.warning("The link for contact %s could not be sent; its holder can ask again.", contact_id)


def send_likeness_link_soon(contact: Contact) -> None:
    """Have a worker send the link, so that the page answers as fast for an address that nobody knows.

    To whom nobody asked yet it is written in the language of the page that is being answered.
    """
    language = get_language() or ""
    try:
        send_likeness_link.delay(contact.id, language)
    except OperationalError:
        # The broker is away: better a slower answer than no link.
        send_likeness_link(contact.id, language)


@shared_task
def delete_expired_codes() -> int:
    """Delete codes, links and refusals that nothing counts any more; how many. Again finds none."""
    return delete_expired()


# A receiver that gives its answer a byte at a time keeps a worker no longer than this.
@shared_task(soft_time_limit=90, time_limit=120)
def send_webhooks_of(endpoint_id: str) -> None:
    """Send what waits for one webhook endpoint. Running it twice sends nothing twice."""
    if sending.send_to(endpoint_id):
        send_on_commit(endpoint_id)


@shared_task
def send_webhooks() -> int:
    """Have every endpoint that something waits for be sent to; how many there are."""
    waiting = sending.endpoints_with_work(timezone.now())
    for endpoint_id in waiting:
        send_on_commit(endpoint_id)
    return len(waiting)


@shared_task
def delete_old_webhooks() -> int:
    """Delete webhook messages that are a month old and do not wait; how many. Again finds none."""
    return sending.delete_old()


@shared_task
def delete_expired_sessions() -> None:
    """Delete expired sessions; nothing else does, and each visitor of a form leaves one."""
    call_command("clearsessions")
