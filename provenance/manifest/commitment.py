"""Keyed commitments to the inputs of a rendition: provable by the service, meaningless to others."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["portrait", "speech", "performance"]
SCHEME = "hmac-sha256 over role, rendition id and sha256 of the input"


def commitment(key: bytes, *, role: Role, rendition_id: str, input_sha256: str) -> str:
    """A keyed commitment to one input, 64 hexadecimal digits.

    A plain hash of a portrait would link all videos made from it and would let anybody who has the picture
    test for it. With the rendition id inside, two videos of one portrait have nothing in common; with the
    key, only the service can open the commitment, by showing the input and computing it again.
    """
    message = "\n".join([role, rendition_id, input_sha256]).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()
