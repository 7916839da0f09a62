"""The outermost layer of a manifest store: which manifests it holds (JUMBF, ISO 19566-5)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_HEADER = 8


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
