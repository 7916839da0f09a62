"""A receiver knows the service's messages from everybody else's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from accounts.services.webhooks.signing import new_secret
from likeness import verify_webhook
from likeness.errors import MessageRejected

BODY = b'{"type": "job.released", "data": {"job_id": "job_1"}}'


def headers(secret: str, body: bytes = BODY, age_s: float = 0) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    signature = Webhook(secret).sign(msg_id="msg_1", timestamp=at, data=body.decode())
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": signature,
    }


def test_a_message_of_the_service_is_read() -> None:
    secret = new_secret()
    assert verify_webhook(BODY, headers(secret), secret) == json.loads(BODY)


def test_after_a_rotation_either_secret_will_do() -> None:
    old, new = new_secret(), new_secret()
    both = headers(new)
    both["Webhook-Signature"] += " " + headers(old)["Webhook-Signature"]
    assert verify_webhook(BODY, both, old) == verify_webhook(BODY, both, new)


def test_everything_else_is_rejected() -> None:
    secret = new_secret()
    good = headers(secret)
    for body, given, key in (
        (BODY, good, new_secret()),
        (BODY + b" ", good, secret),
        (BODY, {**good, "Webhook-Id": "msg_2"}, secret),
        (BODY, {**good, "Webhook-Timestamp": "soon"}, secret),
        (BODY, headers(secret, age_s=301), secret),
        (BODY, headers(secret, age_s=-302), secret),
        (BODY, {}, secret),
        (BODY, {**good, "Webhook-Signature": "v1,\u00e9"}, secret),
        (BODY, {**good, "Webhook-Id": "\udce9"}, secret),
        (BODY, {**good, "Webhook-Timestamp": "9" * 5000}, secret),
        (BODY, {**good, "Webhook-Timestamp": "\u0663"}, secret),
        (BODY, good, "whsec_\u00e9"),
        (BODY, good, "whsec_no base64!"),
        (b"[]", headers(secret, b"[]"), secret),
        (b"no", headers(secret, b"no"), secret),
    ):
        with pytest.raises(MessageRejected) as rejected:
            verify_webhook(body, given, key)
        assert rejected.value.hint
