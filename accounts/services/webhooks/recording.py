"""Writes down what partners are to be told, in the transaction of what happened: nothing told is untrue,
nothing that happened is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import ids
from accounts.models import ConsentGrant, WebhookDelivery, WebhookEndpoint, WebhookEventType

SEND = "accounts.tasks.send_webhooks_of"


def tell_partner(
    *,
    partner_id: str,
    event_type: WebhookEventType,
    subject: str,
    data: Mapping[str, str | None],
    at: datetime,
) -> None:
    """Write a message for each endpoint of the partner that wants this type, and have it sent on commit.

    `subject` is the id of what the message is about. Must run inside the transaction of the change. A broker
    that is away delays messages until the periodic task finds them.
    """
    endpoints = [e for e in WebhookEndpoint.objects.filter(partner_id=partner_id) if e.wants(event_type)]
    write_messages(endpoints, event_type=event_type, subject=subject, data=data, at=at)


def tell_of_consent(grant: ConsentGrant) -> None:
    """Tell the partner the state that a consent has now. Must run inside the transaction of the change."""
    tell_partner(
        partner_id=grant.partner_id,
        event_type=WebhookEventType(f"consent.{grant.state}"),
        subject=grant.id,
        data={
            "consent_id": grant.id,
            "state": str(grant.state),
            "portrait_id": grant.portrait_id,
            "subject_id": grant.subject_id,
        },
        at=timezone.now(),
    )


def write_messages(
    endpoints: Iterable[WebhookEndpoint],
    *,
    event_type: WebhookEventType,
    subject: str,
    data: Mapping[str, str | None],
    at: datetime,
) -> list[WebhookDelivery]:
    """Write one message for these endpoints and have it sent on commit."""
    message_id = ids.message_id()
    body = json.dumps(
        {"type": str(event_type), "timestamp": at.isoformat().replace("+00:00", "Z"), "data": dict(data)},
        separators=(",", ":"),
        ensure_ascii=False,
    )
    written = []
    for endpoint in endpoints:
        written.append(
            WebhookDelivery.objects.create(
                endpoint=endpoint, message_id=message_id, event_type=event_type, subject=subject, body=body
            )
        )
        send_on_commit(endpoint.id)
    return written


def send_on_commit(endpoint_id: str) -> None:
    """Have a worker send what waits for an endpoint, once the present transaction is committed."""
    transaction.on_commit(lambda: _send(endpoint_id), robust=True)


def _send(endpoint_id: str) -> None:
    try:
        current_app.send_task(SEND, args=(endpoint_id,))
    except OperationalError:
        return  # the messages are safe in their rows; the periodic task sends them
