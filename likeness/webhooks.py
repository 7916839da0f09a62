"""Messages that a service sends to webhooks: whether one is really from it (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from likeness.errors import MessageRejected

TOLERANCE_S = 300
_SECONDS = re.compile("[0-9]{1,12}")


def verify_webhook(body: bytes, headers: Mapping[str, str], secret: str) -> dict[str, Any]:
    """The message that was sent as `body`, if its headers prove that the owner of `secret` sent it just now.

    `headers` may be written in any case; `secret` is `whsec_...`. A message may come twice: `webhook-id` is
    the same then. Raises `MessageRejected` for a signature by another secret, a message older than five
    minutes, and a body that is no JSON object.
    """
    given = {name.lower(): value for name, value in headers.items()}
    identity, at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not _SECONDS.fullmatch(at) or abs(time.time() - int(at)) > TOLERANCE_S:
        raise MessageRejected("The message is not of now, or does not say when it was sent.")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:  # no base64, or no ASCII
        raise MessageRejected("The secret is not one of a webhook.") from error
    signed = f"{identity}.{at}.".encode(errors="surrogateescape") + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    signatures = given.get("webhook-signature", "").encode(errors="surrogateescape").split()
    if not any(hmac.compare_digest(f"v1,{expected}".encode(), signature) for signature in signatures):
        raise MessageRejected
    try:
        message = json.loads(body)
    except ValueError as error:
        raise MessageRejected("The message is no JSON.") from error
    if not isinstance(message, dict):
        raise MessageRejected("The message is no JSON object.")
    return message
