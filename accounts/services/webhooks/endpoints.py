"""Add, change and remove webhook endpoints; send tests; send messages again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.access import policy
from accounts.access.actors import Actor
from accounts.models import (
    DeliveryState,
    Partner,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEventType,
)
from accounts.services.webhooks.addresses import resolve
from accounts.services.webhooks.recording import send_on_commit, write_messages
from accounts.services.webhooks.signing import encrypted, new_secret
from accounts.webhook_errors import TooManyWebhooks
from provenance.common.errors import InvalidInput, NotFound

MOST_ENDPOINTS = 5
OLD_SECRET_LASTS = timedelta(hours=24)


def _partner(actor: Actor) -> Partner:
    """The partner whose webhooks these are: of a key with the scope, or of an owner."""
    partner = policy.require_partner(actor)
    if actor.kind != "api_key":
        policy.require_owner(actor, partner)
    return partner


def endpoints_of(actor: Actor) -> list[WebhookEndpoint]:
    """The endpoints of the actor's partner, oldest first."""
    return list(WebhookEndpoint.objects.filter(partner=_partner(actor)))


def endpoint_of(actor: Actor, endpoint_id: str) -> WebhookEndpoint:
    """One endpoint. Raises `NotFound`, also for somebody else's."""
    found = WebhookEndpoint.objects.filter(partner=_partner(actor), pk=endpoint_id).first()
    if found is None:
        raise NotFound(_("There is no webhook under that id."))
    return found


def add_endpoint(*, actor: Actor, url: str, event_types: Collection[str]) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and the only copy of its secret.

    No types mean all types. Raises `WebhookAddressRefused`, `TooManyWebhooks`, `PartnerNotActive`, and
    `InvalidInput` for a type that does not exist.
    """
    partner = _partner(actor)
    policy.require_active(partner)
    unknown = set(event_types).difference(WebhookEventType.values)
    if unknown:
        raise InvalidInput(gettext("There is no event type {kind}.").format(kind=min(unknown)))
    resolve(url)  # outside the transaction: a slow name server holds no lock
    secret = new_secret()
    with transaction.atomic():
        # The partner's row is the lock under which endpoints are counted.
        Partner.objects.select_for_update().get(pk=partner.pk)
        if WebhookEndpoint.objects.filter(partner=partner).count() >= MOST_ENDPOINTS:
            raise TooManyWebhooks
        endpoint = WebhookEndpoint.objects.create(
            partner=partner, url=url, event_types=sorted(set(event_types)), secret=encrypted(secret)
        )
    return endpoint, secret


def remove_endpoint(*, actor: Actor, endpoint_id: str) -> None:
    """Remove an endpoint with everything that waits for it. Raises `NotFound`."""
    endpoint_of(actor, endpoint_id).delete()


def rotate_secret(*, actor: Actor, endpoint_id: str) -> tuple[WebhookEndpoint, str]:
    """A new secret, and its only copy. The old one signs beside it for 24 hours. Raises `NotFound`."""
    endpoint = endpoint_of(actor, endpoint_id)
    secret = new_secret()
    endpoint.previous_secret, endpoint.secret = endpoint.secret, encrypted(secret)
    endpoint.previous_until = timezone.now() + OLD_SECRET_LASTS
    endpoint.save(update_fields=["previous_secret", "secret", "previous_until"])
    return endpoint, secret


@transaction.atomic
def send_test(*, actor: Actor, endpoint_id: str) -> WebhookDelivery:
    """Write a message of the type `webhook.test` for this endpoint alone. Raises `NotFound`."""
    endpoint = endpoint_of(actor, endpoint_id)
    (message,) = write_messages(
        [endpoint],
        event_type=WebhookEventType.TEST,
        subject=endpoint.id,
        data={"webhook_id": endpoint.id},
        at=timezone.now(),
    )
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_until=None)
    return message


def deliveries_of(actor: Actor, endpoint_id: str) -> QuerySet[WebhookDelivery]:
    """The messages to an endpoint, newest first. Raises `NotFound`."""
    return endpoint_of(actor, endpoint_id).deliveries.order_by("-number")


@transaction.atomic
def send_again(*, actor: Actor, endpoint_id: str, delivery_id: str) -> WebhookDelivery:
    """Send a message once more and at once, whatever became of it, under its old id. Raises `NotFound`."""
    endpoint = endpoint_of(actor, endpoint_id)
    delivery = endpoint.deliveries.filter(id=delivery_id).first()
    if delivery is None:
        raise NotFound(_("There is no message under that id."))
    now = timezone.now()
    delivery.state, delivery.tries = DeliveryState.WAITING, 0
    delivery.waiting_since = delivery.next_attempt_at = now
    delivery.save(update_fields=["state", "tries", "waiting_since", "next_attempt_at"])
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_until=None)
    send_on_commit(endpoint.id)
    return delivery
