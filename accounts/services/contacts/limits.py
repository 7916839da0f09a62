"""No pestering: who may ask the holder of a contact, and when again."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.contact_errors import AskedTooOften, AskedTooSoon, AskingStopped, RequestOpen
from accounts.models import AskingStop, ConsentGrant, ConsentState, Contact, Partner
from accounts.services.contacts.addresses import tombstones
from accounts.services.expire_grants import expire

COOL_DOWN = timedelta(days=30)  # after a no or a withdrawal
WINDOW = timedelta(days=30)
REQUESTS_OF_ONE_PARTNER = 5  # in the window
REQUESTS_OF_ALL = 15  # in the window, by all partners together


def same_mailbox(contact: Contact) -> QuerySet[Contact]:
    """All contacts that may lead to the mailbox or number of one, erased ones too."""
    known_as = [contact.identity, *tombstones(contact.channel, contact.identity)]
    return Contact.objects.filter(channel=contact.channel, identity__in=known_as)


def require_may_ask(*, partner: Partner, contact: Contact) -> None:
    """Refuse a request that would pester the holder of the contact. Must run inside a transaction.

    Raises `AskingStopped`, `RequestOpen`, `AskedTooSoon` or `AskedTooOften`. The limits hold for all
    addresses that may lead to one mailbox, so naming the same person twice does not get round them.
    """
    # The partner's row is the lock: two of its requests at once are counted one by one.
    Partner.objects.select_for_update().get(pk=partner.pk)
    now = timezone.now()
    same = same_mailbox(contact)
    if AskingStop.objects.filter(Q(partner=partner) | Q(partner=None), contact__in=same).exists():
        raise AskingStopped
    asked = ConsentGrant.objects.filter(contact__in=same)
    theirs = asked.filter(partner=partner)
    # What is past its date is not open, though the periodic task may not have written that down yet.
    expire(theirs.due(now).filter(state__in=[ConsentState.REQUESTED, ConsentState.RECORDED]))
    if theirs.filter(state__in=[ConsentState.REQUESTED, ConsentState.RECORDED]).exists():
        raise RequestOpen
    since = now - COOL_DOWN
    no = Q(state=ConsentState.DECLINED, decided_at__gt=since) | Q(
        state=ConsentState.WITHDRAWN, withdrawn_at__gt=since
    )
    if theirs.filter(no).exists():
        raise AskedTooSoon
    recently = Q(created_at__gt=now - WINDOW)
    if (
        theirs.filter(recently).count() >= REQUESTS_OF_ONE_PARTNER
        or asked.filter(recently).count() >= REQUESTS_OF_ALL
    ):
        raise AskedTooOften
