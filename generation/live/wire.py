"""Messages between the live server and the process of a session, over its standard input and output.

One byte says the kind, four bytes the length (big-endian), then follow so many bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from enum import Enum
from typing import Any, BinaryIO, Final

HEAD: Final = struct.Struct(">cI")
HIGH, BASELINE = "high", "baseline"  # profiles of H.264: for MP4, and for the WebRTC of every browser
PCM, OPUS = "pcm", "opus"  # how the sound that comes in is coded
MOST_BYTES: Final = 16 * 1024 * 1024


class Kind(Enum):
    """What a message is."""

    SOUND = b"S"  # to the process: 16-bit PCM, or one packet of Opus
    CONTROL = b"C"  # to the process: JSON
    MEDIA = b"M"  # from the process: the next bytes of the stream
    NOTE = b"N"  # from the process: JSON for whoever watches
    END = b"E"  # from the process: JSON with the reason; the last message


class WireBroken(Exception):
    """The other side is gone, or what it sends is no message."""


def packed(kind: Kind, payload: bytes) -> bytes:
    """A message as bytes. Raises ValueError for more than MOST_BYTES."""
    if len(payload) > MOST_BYTES:
        raise ValueError(f"A message holds at most {MOST_BYTES} bytes.")
    return HEAD.pack(kind.value, len(payload)) + payload


def packed_json(kind: Kind, values: Mapping[str, Any]) -> bytes:
    """A message of JSON."""
    return packed(kind, json.dumps(values).encode())


def opened_head(head: bytes) -> tuple[Kind, int]:
    """Kind and length from a message's head. Raises WireBroken."""
    letter, length = HEAD.unpack(head)
    try:
        kind = Kind(letter)
    except ValueError as error:
        raise WireBroken("No message has this kind.") from error
    if length > MOST_BYTES:
        raise WireBroken("No message is so long.")
    return kind, length


def read_message(source: BinaryIO) -> tuple[Kind, bytes]:
    """The next message; waits for it. Raises WireBroken at the end."""
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        raise WireBroken("The other side is gone.")
    kind, length = opened_head(head)
    payload = source.read(length) if length else b""
    if len(payload) < length:
        raise WireBroken("The other side is gone.")
    return kind, payload
