"""Parses the outer JUMBF boxes of a manifest store: its manifests, and whether they hold a time-stamp.

JUMBF, ISO 19566-5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_HEADER = 8
_UUID_AND_TOGGLES = 17  # of a description, before its label
_SIGNATURE = b"c2pa.signature"
# The two names that a time-stamp has among the signature's unprotected headers, as CBOR texts.
_TIME_STAMPS = (b"\x66sigTst", b"\x67sigTst2")


class NotAStore(ValueError):
    """The bytes are no manifest store."""


def active_manifest_store(store: bytes) -> bytes:
    """A store with the active manifest alone, which is the last one in `store`. Raises NotAStore."""
    if store[4:8] != b"jumb" or struct.unpack(">I", store[:4])[0] != len(store):
        raise NotAStore
    description, *manifests = _boxes(store[_HEADER:])
    if description[4:8] != b"jumd" or not manifests:
        raise NotAStore
    content = description + manifests[-1]
    return struct.pack(">I4s", _HEADER + len(content), b"jumb") + content


def has_time_stamp(store: bytes) -> bool:
    """Whether the signature of the active manifest carries a time-stamp, whoever made it.

    A look at a store of our own: whether its authority is trusted was decided when it was sealed. Raises
    NotAStore.
    """
    _, manifest = _boxes(active_manifest_store(store)[_HEADER:])
    for box in _boxes(manifest[_HEADER:]):
        description, *content = _boxes(box[_HEADER:]) if box[4:8] == b"jumb" else (box,)
        label = description[_HEADER + _UUID_AND_TOGGLES :].partition(b"\0")[0]
        if label == _SIGNATURE and any(name in part for part in content for name in _TIME_STAMPS):
            return True
    return False


def _boxes(content: bytes) -> Iterator[bytes]:
    offset = 0
    while offset < len(content):
        if len(content) - offset < _HEADER:
            raise NotAStore
        (size,) = struct.unpack(">I", content[offset : offset + 4])
        if not _HEADER <= size <= len(content) - offset:
            raise NotAStore
        yield content[offset : offset + size]
        offset += size
