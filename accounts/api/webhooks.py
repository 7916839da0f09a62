"""HTTP API for webhooks: the addresses that are told what happens to jobs, consents and keys."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router, Status

from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.api.webhook_schemas import (
    DeliveryFilters,
    DeliveryList,
    DeliveryOut,
    WebhookCreated,
    WebhookIn,
    WebhookList,
    delivery_out,
    webhook_created,
    webhook_out,
)
from accounts.models import Scope
from accounts.services.webhooks import endpoints
from provenance.api.problem_schemas import Problem
from provenance.common.keyset import read_page
from provenance.common.pages import Cursor

router = Router(tags=["webhooks"])
DELIVERIES_PER_PAGE = 200
REFUSALS: dict[Any, Any] = {401: Problem, 403: Problem, 422: Problem, 429: Problem}


@router.post(
    "/webhooks",
    auth=ApiKeyAuth(Scope.WEBHOOKS),
    response={201: WebhookCreated, 409: Problem, **REFUSALS},
    summary="Add a webhook",
)
def add_webhook(request: AuthenticatedRequest, payload: WebhookIn) -> Status[WebhookCreated]:
    """Name an address that is sent a message whenever something happens (Standard Webhooks).

    The answer holds the secret that signs the messages, this once. Messages that are not taken with a status
    of 2xx are sent again for three days; those about one job or consent arrive in order.
    """
    endpoint, secret = endpoints.add_endpoint(
        actor=request.auth, url=payload.url, event_types=payload.event_types
    )
    return Status(201, webhook_created(endpoint, secret))


@router.get(
    "/webhooks",
    auth=ApiKeyAuth(Scope.WEBHOOKS),
    response={200: WebhookList, **REFUSALS},
    summary="List webhooks",
)
def list_webhooks(request: AuthenticatedRequest) -> WebhookList:
    """Your webhooks, oldest first."""
    return WebhookList(items=[webhook_out(endpoint) for endpoint in endpoints.endpoints_of(request.auth)])


@router.delete(
    "/webhooks/{webhook_id}",
    auth=ApiKeyAuth(Scope.WEBHOOKS),
    response={204: None, 404: Problem, **REFUSALS},
    summary="Delete a webhook",
)
def delete_webhook(request: AuthenticatedRequest, webhook_id: str) -> Status[None]:
    """Delete a webhook, with everything that waits to be sent to it."""
    endpoints.remove_endpoint(actor=request.auth, endpoint_id=webhook_id)
    return Status(204, None)


@router.post(
    "/webhooks/{webhook_id}/secret",
    auth=ApiKeyAuth(Scope.WEBHOOKS),
    response={200: WebhookCreated, 404: Problem, **REFUSALS},
    summary="Rotate a secret",
)
def rotate_secret(request: AuthenticatedRequest, webhook_id: str) -> WebhookCreated:
    """Make a new secret. For 24 hours messages carry a signature by the old one too."""
    return webhook_created(*endpoints.rotate_secret(actor=request.auth, endpoint_id=webhook_id))


@router.post(
    "/webhooks/{webhook_id}/test",
    auth=ApiKeyAuth(Scope.WEBHOOKS),
    response={202: DeliveryOut, 404: Problem, **REFUSALS},
    summary="Send a test",
)
def send_test(request: AuthenticatedRequest, webhook_id: str) -> Status[DeliveryOut]:
    """Send a message of the type webhook.test to this address."""
    return Status(202, delivery_out(endpoints.send_test(actor=request.auth, endpoint_id=webhook_id)))


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    auth=ApiKeyAuth(Scope.WEBHOOKS),
    response={200: DeliveryList, 404: Problem, **REFUSALS},
    summary="List deliveries",
)
def list_deliveries(
    request: AuthenticatedRequest, webhook_id: str, filters: Query[DeliveryFilters], cursor: Cursor = None
) -> DeliveryList:
    """The messages to this address, two hundred to a page, and what became of each; kept for a month.

    `next_cursor` leads on, with the same filters.
    """
    found = read_page(
        filters.chosen(endpoints.deliveries_of(request.auth, webhook_id)),
        cursor=cursor,
        size=DELIVERIES_PER_PAGE,
        scope=filters.scope(f"deliveries:{webhook_id}"),
    )
    return DeliveryList(items=[delivery_out(delivery) for delivery in found], next_cursor=found.next_cursor)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    auth=ApiKeyAuth(Scope.WEBHOOKS),
    response={202: DeliveryOut, 404: Problem, **REFUSALS},
    summary="Replay a delivery",
)
def replay_delivery(request: AuthenticatedRequest, webhook_id: str, delivery_id: str) -> Status[DeliveryOut]:
    """Send a message once more, with the same id and the same body."""
    again = endpoints.send_again(actor=request.auth, endpoint_id=webhook_id, delivery_id=delivery_id)
    return Status(202, delivery_out(again))
