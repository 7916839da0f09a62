"""Secrets and signatures of webhook messages (Standard Webhooks 1.0: `v1`, HMAC-SHA256)."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from standardwebhooks import Webhook

from accounts.access.encryption import box
from accounts.models import WebhookEndpoint

SECRET_BYTES = 32
PURPOSE = "webhook secret"


def new_secret() -> str:
    """A new secret of 256 random bits: `whsec_` and base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def encrypted(secret: str) -> str:
    """The secret as it is stored."""
    return box(PURPOSE).encrypt(secret.encode()).decode()


def signed_headers(endpoint: WebhookEndpoint, *, message_id: str, body: str, at: datetime) -> dict[str, str]:
    """The three headers of a message that is sent at `at`.

    While an old secret is still good there are two signatures, the present secret's first.
    """
    stored = [endpoint.secret]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > at:
        stored.append(endpoint.previous_secret)
    readable = [box(PURPOSE).decrypt(secret.encode()).decode() for secret in stored]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret).sign(msg_id=message_id, timestamp=at, data=body) for secret in readable
        ),
    }
