"""Writes a COSE_Sign1 (RFC 9052) as C2PA has it: payload elsewhere, evidence beside the signature, padded.

Only the little CBOR (RFC 8949) that this takes. What is not covered by the signature, and may be added once
it is made, are the unprotected headers: a time-stamp over the signature (`sigTst2`) and the answers of the
certificate's issuer whether it was taken back (`rVals`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SIGNATURE_BYTES = 64  # r || s on P-256
_START = b"\xd2\x84"  # the tag of COSE_Sign1, and an array of four
_NIL = b"\xf6"

Encodable = int | bytes | str | Sequence[object] | Mapping[str, object] | Mapping[int, object]


class NoSignature(ValueError):
    """The bytes are no COSE_Sign1, or it has no place for what is to stand in it."""


@dataclass(frozen=True)
class Evidence:
    """DER of what stands beside a signature: time-stamp tokens (RFC 3161) and OCSP responses (RFC 6960)."""

    timestamp_token: bytes | None = None
    ocsp_response: bytes | None = None


def encode(value: Encodable) -> bytes:
    """The CBOR of integers, bytes, texts, lists and maps of them. Raises TypeError for anything else."""
    match value:
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            text = value.encode()
            return _head(3, len(text)) + text
        case list():
            return _head(4, len(value)) + b"".join(encode(item) for item in value)
        case dict():
            items = (encode(key) + encode(item) for key, item in value.items())
            return _head(5, len(value)) + b"".join(items)
    raise TypeError(type(value).__name__)


def protected_headers(cose: bytes) -> bytes:
    """The protected headers, encoded, of a COSE_Sign1. Raises `NoSignature`."""
    if not cose.startswith(_START):
        raise NoSignature("no COSE_Sign1")
    start, size = _byte_string(cose, len(_START))
    if start + size > len(cose):
        raise NoSignature("it breaks off")
    return cose[start : start + size]


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The bytes over which the signature is made."""
    return encode(["Signature1", protected, b"", payload])


def to_be_stamped(protected: bytes, signature: bytes) -> bytes:
    """The bytes over which a time-stamp of C2PA's second version is made: those of a countersignature."""
    return encode(["CounterSignature", protected, b"", encode(signature)])


def cose_sign1(protected: bytes, signature: bytes, evidence: Evidence, size: int | None) -> bytes:
    """A COSE_Sign1 of exactly `size` bytes, None for as many as it takes, with its payload elsewhere.

    Raises `NoSignature` if it needs more.
    """
    headers: dict[str, object] = {}
    if evidence.timestamp_token is not None:
        headers["sigTst2"] = {"tstTokens": [{"val": evidence.timestamp_token}]}
    if evidence.ocsp_response is not None:
        headers["rVals"] = {"ocspVals": [evidence.ocsp_response]}
    if size is None:
        return _assembled(protected, headers, signature)
    for padding in ({}, {"pad2": b""}):  # a byte string's own length takes 1 to 5 bytes: some sizes need two
        least = _assembled(protected, headers | {"pad": b""} | padding, signature)
        for head in range(5):  # bytes of the length beyond the first
            pad = bytes(max(0, size - len(least) - head))
            made = _assembled(protected, headers | {"pad": pad} | padding, signature)
            if len(made) == size:
                return made
    raise NoSignature(f"it needs more than the {size} bytes that are kept for it")


def _assembled(protected: bytes, headers: dict[str, object], signature: bytes) -> bytes:
    return _START + encode(protected) + encode(headers) + _NIL + encode(signature)


def _byte_string(data: bytes, offset: int) -> tuple[int, int]:
    """Where the content of a byte string begins, and its length. Raises `NoSignature`."""
    if offset >= len(data):
        raise NoSignature("it breaks off")
    kind, short = data[offset] >> 5, data[offset] & 31
    if kind != 2 or short > 27:
        raise NoSignature("no byte string")
    if short < 24:
        return offset + 1, short
    width = 1 << (short - 24)
    return offset + 1 + width, int.from_bytes(data[offset + 1 : offset + 1 + width], "big")


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    width = next(width for width in (1, 2, 4, 8) if number < 1 << 8 * width)
    return bytes([kind << 5 | 24 + (1, 2, 4, 8).index(width)]) + number.to_bytes(width, "big")
