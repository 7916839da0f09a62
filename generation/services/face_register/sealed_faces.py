"""Encrypts descriptors and pictures of faces for a column, under the site's secret key."""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Sequence

from accounts.access.encryption import box

VALUES = 128
_DESCRIPTOR, _PICTURE = "face descriptor", "registered face"


def seal_descriptor(values: Sequence[float]) -> str:
    """128 numbers as text for a column. Raises ValueError for anything else: the reader of a hostile file
    gave them.
    """
    if len(values) != VALUES or not all(math.isfinite(value) for value in values):
        raise ValueError("This is no descriptor of a face.")
    return box(_DESCRIPTOR).encrypt(struct.pack(f"<{VALUES}f", *values)).decode("ascii")


def open_descriptor(sealed: str) -> tuple[float, ...]:
    """What `seal_descriptor` was given, in single precision."""
    return struct.unpack(f"<{VALUES}f", box(_DESCRIPTOR).decrypt(sealed.encode("ascii")))


def seal_picture(jpeg: bytes) -> str:
    """A small picture as text for a column."""
    return box(_PICTURE).encrypt(base64.b64encode(jpeg)).decode("ascii")


def open_picture(sealed: str) -> bytes:
    """What `seal_picture` was given."""
    return base64.b64decode(box(_PICTURE).decrypt(sealed.encode("ascii")))
