"""Request and response schemas of the webhooks API."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from ninja import Field, Schema

from accounts.models import DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEventType
from provenance.api.request_body import RequestBody
from provenance.common.listing import ListFilters, Row


class WebhookIn(RequestBody):
    """An address to send messages to."""

    url: str = Field(min_length=1, max_length=500, description="An https address on the public internet.")
    event_types: list[WebhookEventType] = Field(
        default_factory=list, max_length=50, description="What to be told of; everything when it is empty."
    )


class WebhookOut(Schema):
    """A webhook. `paused_until`: it did not answer, and nothing is sent before this moment."""

    id: str
    url: str
    event_types: list[WebhookEventType]
    created_at: datetime
    previous_secret_until: datetime | None
    paused_until: datetime | None


class WebhookCreated(WebhookOut):
    """A webhook with its new secret."""

    secret: str = Field(description="Signs the messages; shown in this answer and never again.")


class WebhookList(Schema):
    """All webhooks, oldest first."""

    items: list[WebhookOut]


class AttemptOut(Schema):
    """One attempt to deliver a message."""

    at: datetime
    status: int | None = Field(description="The status of the answer, if there was one.")
    error: str = Field(description="address_refused, timed_out, tls_failed or not_reached; else empty.")


class DeliveryOut(Schema):
    """One message and what became of it."""

    id: str
    message_id: str = Field(description="The header webhook-id: the same at every attempt.")
    type: WebhookEventType
    subject: str = Field(description="The id of the job, consent, key or webhook that the message is about.")
    created_at: datetime
    state: DeliveryState
    next_attempt_at: datetime | None
    attempts: list[AttemptOut]


class DeliveryFilters(ListFilters):
    """Which messages to list."""

    state: DeliveryState | None = Field(None, description="Only those in one state.")
    event_type: WebhookEventType | None = Field(None, description="Only those of one type.")
    subject: str | None = Field(
        None, max_length=60, description="Only those about one job, consent, key or webhook."
    )

    def chosen(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """The messages asked for, in the order in which they came to be."""
        return super().chosen(rows).order_by("number" if self.order == "oldest" else "-number")


class DeliveryList(Schema):
    """One page of messages, newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None = Field(None, description="Leads to the next page; null on the last one.")


def webhook_out(endpoint: WebhookEndpoint) -> WebhookOut:
    """The public form of a webhook."""
    return WebhookOut(
        id=endpoint.id,
        url=endpoint.url,
        event_types=endpoint.event_types,
        created_at=endpoint.created_at,
        previous_secret_until=endpoint.previous_until,
        paused_until=endpoint.paused_until,
    )


def webhook_created(endpoint: WebhookEndpoint, secret: str) -> WebhookCreated:
    """The answer that holds a secret."""
    return WebhookCreated(**webhook_out(endpoint).model_dump(), secret=secret)


def delivery_out(delivery: WebhookDelivery) -> DeliveryOut:
    """The public form of a message."""
    waits = delivery.state == DeliveryState.WAITING
    return DeliveryOut(
        id=delivery.id,
        message_id=delivery.message_id,
        type=WebhookEventType(delivery.event_type),
        subject=delivery.subject,
        created_at=delivery.created_at,
        state=DeliveryState(delivery.state),
        next_attempt_at=delivery.next_attempt_at if waits else None,
        attempts=[AttemptOut(**attempt) for attempt in delivery.attempts],
    )
