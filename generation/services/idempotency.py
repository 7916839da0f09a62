"""Idempotency keys: a repeated API request gets the stored first response, for 24 hours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Partner
from generation.models import IdempotencyKey
from provenance.common.errors import CodedError, InvalidInput

MAX_KEY_LENGTH = 255
# A request that died without an answer frees its key after this long.
IN_FLIGHT_AT_MOST = timedelta(minutes=2)


class KeyReused(CodedError):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    status = 422
    message = "This Idempotency-Key was used for a request with another body."
    hint = "Use a new key for every new request; repeat a request with the same body."


class KeyInFlight(CodedError):
    """The first request with this key has no answer yet."""

    code = "idempotency_key_in_flight"
    status = 409
    message = "The first request with this Idempotency-Key is still being answered."
    hint = "Wait a moment and repeat it."
    retry_after_s = 2


@dataclass(frozen=True)
class ApiResponse:
    """An answer of the API: HTTP status and JSON body; `is_replayed` if it is the first request's."""

    status: int
    body: Any
    is_replayed: bool = False


def require_key(key: str) -> None:
    """Raises InvalidInput unless it can be used as a key."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInput(f"Idempotency-Key must be 1 to {MAX_KEY_LENGTH} printable characters.")


def respond_once(
    *, partner: Partner, route: str, key: str, body: bytes, act: Callable[[], ApiResponse]
) -> ApiResponse:
    """Call `act` for the first request with this key, and give its answer to all that repeat it.

    `act` and the storing of its answer are one transaction. A refusal is not stored: the repeated request is
    judged anew. Raises InvalidInput for an unusable key, KeyReused, KeyInFlight, or what `act` raises.
    """
    require_key(key)
    body_sha256 = hashlib.sha256(body).hexdigest()
    row = _begin(partner, route, key, body_sha256)
    if row.status is not None:
        return ApiResponse(row.status, row.answer, is_replayed=True)
    own = IdempotencyKey.objects.filter(pk=row.pk, status=None, started_at=row.started_at)
    try:
        with transaction.atomic():
            answer = act()
            # Taken over by a repetition in the meantime, this request undoes its work: one of the two counts.
            if not own.update(status=answer.status, answer=answer.body):
                raise KeyInFlight
    except BaseException:
        own.delete()
        raise
    return answer


def _begin(partner: Partner, route: str, key: str, body_sha256: str) -> IdempotencyKey:
    """A fresh row for this request, or the row with the first answer."""
    now = timezone.now()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                partner=partner, route=route, key=key, body_sha256=body_sha256, started_at=now
            )
    except IntegrityError:
        row = IdempotencyKey.objects.filter(partner=partner, route=route, key=key).first()
    if row is None:  # the first request was refused just now
        raise KeyInFlight
    if row.body_sha256 != body_sha256:
        raise KeyReused
    if row.status is None:
        taken_over = IdempotencyKey.objects.filter(
            pk=row.pk, status=None, started_at__lt=now - IN_FLIGHT_AT_MOST
        ).update(started_at=now)
        if not taken_over:
            raise KeyInFlight
        row.started_at = now
    return row
