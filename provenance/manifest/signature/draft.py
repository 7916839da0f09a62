"""Finishes a manifest store that the C2PA library drafted: byte strings, and the signature that counts.

The library writes a soft binding's value from JSON as text, where the specification has a byte string, and
puts no answer of the certificate's issuer beside the signature. So it drafts the store with a signature that
counts for nothing, and here the store gets its last bytes and then its one signature. No box changes its
size, so that everything the content hash leaves out stays where it was.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable

from provenance.manifest.signature.cose import (
    Evidence,
    cose_sign1,
    encode,
    protected_headers,
    to_be_signed,
    to_be_stamped,
)
from provenance.manifest.signature.organisation import BINDING, LABEL, REFERENCED, OrganisationIdentity

_BOX_HEAD = 8
_LABEL_AT = 16 + 1  # in a description: its type and toggles come first
SOFT_BINDING, CLAIM, SIGNATURE = "c2pa.soft-binding", "c2pa.claim.v2", "c2pa.signature"


class DraftUnusable(ValueError):
    """The library drafted a store in another form than is known here."""


def placeholder(value: bytes) -> str:
    """The text that stands for a byte string in a draft; as long as that."""
    return "0" * len(value)


def finished(
    draft: bytes,
    *,
    soft_binding: bytes | None,
    sign: Callable[[bytes], bytes],
    evidence: Callable[[bytes], Evidence],
    organisation: OrganisationIdentity | None = None,
) -> bytes:
    """The store with its soft binding in bytes and its active manifest signed.

    `soft_binding` is the value for which `placeholder` stands, None where the manifest has none. `sign` gives
    r || s for the bytes to be signed, and is called once; `evidence` what stands beside the signature, for
    the bytes to be time-stamped. `organisation` is whose placeholder the draft holds. Raises
    `DraftUnusable`, `NoSignature` and what the others raise.
    """
    store = bytearray(draft)
    active = _children(store, (0, len(store)))[-1]
    boxes = {_label(store, box): box for box in _children(store, active)}
    assertions = next(box for label, box in boxes.items() if label == "c2pa.assertions")
    by_label = {_label(store, box): box for box in _children(store, assertions)}
    if soft_binding is not None:
        if SOFT_BINDING not in by_label:
            raise DraftUnusable("no soft binding")
        _write_bytes(store, by_label[SOFT_BINDING], boxes[CLAIM], soft_binding)
    if organisation is not None:
        _write_identity(store, by_label, boxes[CLAIM], organisation)
    start, end = _content(store, boxes[SIGNATURE])
    protected = protected_headers(bytes(store[start:end]))
    claim_start, claim_end = _content(store, boxes[CLAIM])
    signature = sign(to_be_signed(protected, bytes(store[claim_start:claim_end])))
    beside = evidence(to_be_stamped(protected, signature))
    store[start:end] = cose_sign1(protected, signature, beside, end - start)
    return bytes(store)


def _write_bytes(store: bytearray, box: tuple[int, int], claim: tuple[int, int], value: bytes) -> None:
    """Put the value and the padding of a soft binding as byte strings, and its new hash into the claim."""
    before = _digest(store, box)
    for name, old, new in (("value", placeholder(value), value), ("pad", "", b"")):
        _replace_once(store, box, encode(name) + encode(old), encode(name) + encode(new))
    _replace_once(store, claim, encode(before), encode(_digest(store, box)))


def _write_identity(
    store: bytearray,
    assertions: dict[str, tuple[int, int]],
    claim: tuple[int, int],
    organisation: OrganisationIdentity,
) -> None:
    """Have the organisation sign the assertions that it refers to, and put the new hash into the claim."""
    if not {LABEL, BINDING} <= set(assertions):
        raise DraftUnusable("no place for an identity, or no content binding")
    references = [(label, _digest(store, assertions[label])) for label in REFERENCED if label in assertions]
    box = assertions[LABEL]
    before = _digest(store, box)
    start, end = _content(store, box)
    made = organisation.assertion(references)
    if len(made) != end - start:
        raise DraftUnusable("the identity needs another number of bytes than are kept for it")
    store[start:end] = made
    _replace_once(store, claim, encode(before), encode(_digest(store, box)))


def _digest(store: bytearray, box: tuple[int, int]) -> bytes:
    """The SHA-256 of a box as others refer to it."""
    return hashlib.sha256(store[box[0] + _BOX_HEAD : box[1]]).digest()


def _replace_once(store: bytearray, box: tuple[int, int], old: bytes, new: bytes) -> None:
    start, end = box
    if store.count(old, start, end) != 1:
        raise DraftUnusable("a part that is to be replaced is not there once")
    at = store.index(old, start, end)
    store[at : at + len(old)] = new


def _children(store: bytearray, box: tuple[int, int]) -> list[tuple[int, int]]:
    """Start and end of the boxes in a superbox, behind its description."""
    found, (start, end) = [], box
    offset = start + _BOX_HEAD
    while offset < end:
        (size,) = struct.unpack_from(">I", store, offset)
        if not _BOX_HEAD <= size <= end - offset:
            raise DraftUnusable("a box reaches beyond its superbox")
        found.append((offset, offset + size))
        offset += size
    return found[1:]


def _label(store: bytearray, box: tuple[int, int]) -> str:
    start = box[0] + 2 * _BOX_HEAD + _LABEL_AT
    return bytes(store[start : store.index(0, start)]).decode()


def _content(store: bytearray, box: tuple[int, int]) -> tuple[int, int]:
    """Start and end of what is in the one content box of a superbox."""
    start, end = _children(store, box)[0]
    return start + _BOX_HEAD, end
