"""Sends what waits, in order, again and again for three days.

One worker at a time sends to an endpoint. Two things wait longer after each failure: a message that its
receiver does not take, so that it does not stand in the way of others, and an endpoint that does not answer,
so that a receiver that is down costs one call an hour and not one for each message.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from accounts.services.webhooks.posting import Answer, post

WAITS = [timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30)]
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)
MOST_ATTEMPTS_SHOWN = 100
HELD = timedelta(minutes=2)  # longer than one attempt can take
TURN_S = 30.0  # after which other endpoints have their turn


def endpoints_with_work(at: datetime) -> list[str]:
    """The ids of the endpoints that something can be sent to at a moment."""
    return list(
        WebhookEndpoint.objects.filter(_free(at), pk__in=WebhookDelivery.objects.due(at).values("endpoint"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def send_to(endpoint_id: str) -> bool:
    """Send what is due to an endpoint, for half a minute at most; True when more is due.

    Does nothing while another worker sends to it, or while it is paused.
    """
    begun = time.monotonic()
    now = timezone.now()
    held_until = now + HELD
    if not WebhookEndpoint.objects.filter(_free(now), pk=endpoint_id).update(sending_until=held_until):
        return False
    try:
        while time.monotonic() - begun < TURN_S:
            now = timezone.now()
            endpoints = WebhookEndpoint.objects.filter(pk=endpoint_id)
            if not endpoints.filter(sending_until=held_until).update(sending_until=now + HELD):
                return False  # removed, or taken by another worker after this one had slept
            held_until = now + HELD
            delivery = _next(endpoint_id, now)
            if delivery is None:
                return False
            answer = post(delivery, at=now)
            _record(delivery, answer, at=now)
            if not answer.is_taken and answer.concerns_endpoint:
                return False
        return True
    finally:
        held = WebhookEndpoint.objects.filter(pk=endpoint_id, sending_until=held_until)
        held.update(sending_until=None)


def delete_old(*, at: datetime | None = None) -> int:
    """Delete messages that were delivered or given up a month ago; how many."""
    old = WebhookDelivery.objects.exclude(state=DeliveryState.WAITING).filter(
        created_at__lt=(at or timezone.now()) - KEPT
    )
    return old.delete()[0]


def _free(at: datetime) -> Q:
    return (Q(sending_until=None) | Q(sending_until__lte=at)) & (
        Q(paused_until=None) | Q(paused_until__lte=at)
    )


def _next(endpoint_id: str, at: datetime) -> WebhookDelivery | None:
    """The message that was tried least recently: one that always fails does not come first for ever."""
    due = WebhookDelivery.objects.due(at).filter(endpoint_id=endpoint_id).select_related("endpoint")
    return due.order_by(F("last_attempt_at").asc(nulls_first=True), "number").first()


def _record(delivery: WebhookDelivery, answer: Answer, *, at: datetime) -> None:
    attempt = {"at": at.isoformat(), "status": answer.status, "error": answer.error}
    tries = delivery.tries + 1
    changes: dict[str, object] = {
        "tries": tries,
        "last_attempt_at": at,
        "attempts": [*delivery.attempts, attempt][-MOST_ATTEMPTS_SHOWN:],
        "next_attempt_at": at + _wait(tries),
    }
    if answer.is_taken:
        changes["state"] = DeliveryState.DELIVERED
    elif at - delivery.waiting_since >= GIVEN_UP_AFTER:
        changes["state"] = DeliveryState.GIVEN_UP
    # Not a message that somebody asked to have sent again meanwhile: that one is sent again.
    WebhookDelivery.objects.filter(pk=delivery.pk, waiting_since=delivery.waiting_since).update(**changes)
    endpoints = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
    if answer.is_taken:
        endpoints.exclude(failures=0).update(failures=0, paused_until=None)
    elif answer.concerns_endpoint:
        endpoints.update(failures=F("failures") + 1, paused_until=at + _wait(delivery.endpoint.failures + 1))


def _wait(failures: int) -> timedelta:
    return WAITS[failures - 1] if failures <= len(WAITS) else LONGEST_WAIT
