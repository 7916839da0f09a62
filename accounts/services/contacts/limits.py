"""No pestering: who may ask the holder of a contact, and when again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.contact_errors import (
    AskedTooOften,
    AskedTooSoon,
    AskingStopped,
    ContactOfPartner,
    RequestOpen,
)
from accounts.models import AskingStop, ConsentGrant, ConsentState, Contact, Partner, RefusedRequest
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
    same = require_not_stopped(partner=partner, contact=contact)
    asked = ConsentGrant.objects.filter(contact__in=same)
    theirs = asked.filter(partner=partner)
    # What is past its date is not open, though the periodic task may not have written that down yet.
    expire(theirs.due(timezone.now()).filter(state__in=[ConsentState.REQUESTED, ConsentState.RECORDED]))
    if theirs.filter(state__in=[ConsentState.REQUESTED, ConsentState.RECORDED]).exists():
        raise RequestOpen
    require_rest(asked=asked, theirs=theirs)


@contextmanager
def refusals_noted(partner: Partner) -> Iterator[None]:
    """Keep a note, for operators, of a request that is refused within: nobody's address, only the code.

    Must run outside of the transaction that a refusal takes back.
    """
    try:
        yield
    except (ContactOfPartner, RequestOpen, AskedTooSoon, AskedTooOften, AskingStopped) as refusal:
        RefusedRequest.objects.create(partner=partner, code=refusal.code)
        raise


def require_not_stopped(*, partner: Partner, contact: Contact) -> QuerySet[Contact]:
    """The contacts of a mailbox that does not want to be left alone. Must run inside a transaction.

    Its end lets the partner's next request go on: two at once are counted one by one. Raises `AskingStopped`.
    """
    Partner.objects.select_for_update().get(pk=partner.pk)
    same = same_mailbox(contact)
    if AskingStop.objects.filter(Q(partner=partner) | Q(partner=None), contact__in=same).exists():
        raise AskingStopped
    return same


def require_rest(*, asked: QuerySet[Any], theirs: QuerySet[Any]) -> None:
    """Refuse a request too soon after a no, or one too many of one partner or of all.

    `asked` are all requests of one kind to a mailbox, `theirs` the partner's: rows with `state`,
    `decided_at`, `withdrawn_at` and `created_at`. Raises `AskedTooSoon` or `AskedTooOften`.
    """
    now = timezone.now()
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
