"""Parses the outer JUMBF boxes of a manifest store: its manifests, and whether they hold a time-stamp.

JUMBF, ISO 19566-5.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator

_HEADER = 8
_UUID_AND_TOGGLES = 17  # of a description, before its label
_SIGNATURE = "c2pa.signature"
# The two names that a time-stamp has among the signature's unprotected headers, as CBOR texts.
_TIME_STAMPS = (b"\x66sigTst", b"\x67sigTst2")


class NotAStore(ValueError):
    """The bytes are no manifest store."""


def active_manifest_store(store: bytes) -> bytes:
    """A store with the active manifest alone, which is the last one in `store`. Raises NotAStore."""
    description, *manifests = _boxes(_content_of(store))
    if not manifests:
        raise NotAStore
    content = description + manifests[-1]
    return struct.pack(">I4s", _HEADER + len(content), b"jumb") + content


def stores_by_manifest(store: bytes, labels: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """For each manifest with one of the labels, the store with that manifest as the active one.

    All other manifests stay in it, so that what a manifest refers to is there. Of two with one label the
    last counts, which is the one that a reader finds. Raises NotAStore.
    """
    description, *manifests = _boxes(_content_of(store))
    by_label = {_label(manifest): manifest for manifest in manifests}
    for label, manifest in by_label.items():
        if label in labels:
            content = description + b"".join(one for one in manifests if one is not manifest) + manifest
            yield label, struct.pack(">I4s", _HEADER + len(content), b"jumb") + content


def has_time_stamp(store: bytes) -> bool:
    """Whether the signature of the active manifest carries a time-stamp, whoever made it.

    A look at a store of our own: whether its authority is trusted was decided when it was sealed. Raises
    NotAStore.
    """
    _, manifest = _boxes(active_manifest_store(store)[_HEADER:])
    for box in _boxes(manifest[_HEADER:]):
        _, *content = _boxes(box[_HEADER:]) if box[4:8] == b"jumb" else (box,)
        if _label(box) == _SIGNATURE and any(name in part for part in content for name in _TIME_STAMPS):
            return True
    return False


def _content_of(store: bytes) -> bytes:
    """What is in a store, the description first. Raises NotAStore."""
    if store[4:8] != b"jumb" or struct.unpack(">I", store[:4])[0] != len(store):
        raise NotAStore
    if store[_HEADER + 4 : _HEADER + 8] != b"jumd":
        raise NotAStore
    return store[_HEADER:]


def _label(box: bytes) -> str:
    """The label in a superbox's description; empty without one."""
    description = next(_boxes(box[_HEADER:]), b"") if box[4:8] == b"jumb" else b""
    return description[_HEADER + _UUID_AND_TOGGLES :].partition(b"\0")[0].decode(errors="replace")


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
