"""Credentials with any defect: stores built box by box and signed anew, in a small JPEG.

The library's builder refuses to make what is wrong. Here claim, assertions and signature are written as
given, so that one file can be made for each failure that a reader may report.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from PIL import Image

_UUID_TAIL = bytes.fromhex("00110010800000aa00389b71")
_UUID = {
    kind: kind.encode() + _UUID_TAIL
    for kind in ("c2pa", "c2ma", "c2um", "c2as", "c2cl", "c2cs", "cbor", "json")
}
LABEL = "urn:c2pa:00000000-0000-4000-8000-000000000001"
ACTIONS = {
    "actions": [
        {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"},
    ]
}


@dataclass(frozen=True)
class Tagged:
    """A CBOR tag and what it stands before."""

    number: int
    value: object


def cbor(value: object) -> bytes:
    """The CBOR (RFC 8949) of plain values, bytes and tags."""
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            text = value.encode()
            return _head(3, len(text)) + text
        case list():
            return _head(4, len(value)) + b"".join(cbor(item) for item in value)
        case dict():
            items = b"".join(cbor(key) + cbor(item) for key, item in value.items())
            return _head(5, len(value)) + items
        case Tagged():
            return _head(6, value.number) + cbor(value.value)
    raise TypeError(type(value).__name__)


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes([kind << 5 | 24 + (1, 2, 4, 8).index(size)]) + number.to_bytes(size, "big")


def box(kind: bytes, content: bytes) -> bytes:
    """A box of ISO media and JUMBF."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def superbox(kind: str, label: str, *contents: bytes) -> bytes:
    """A JUMBF superbox with its description."""
    description = box(b"jumd", _UUID[kind] + b"\x03" + label.encode() + b"\0")
    return box(b"jumb", description + b"".join(contents))


@dataclass
class Forgery:
    """What stands in a manifest; each field can be made wrong.

    `assertions`: label to data, in their order; bytes are written as they are, and functions make them from
    the forger and the boxes of the others. `is_update`: as a manifest that leaves the content alone.
    `unlisted` are in the store and not in the claim, `missing` the other way round. `claim`: fields that
    replace those of the claim, None takes one out. `data_hash`: what replaces fields of the content binding;
    None leaves it out altogether.
    """

    assertions: dict[str, Any] = field(default_factory=lambda: {"c2pa.actions.v2": ACTIONS})
    unlisted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    claim: dict[str, Any] = field(default_factory=dict)
    data_hash: dict[str, Any] | None = field(default_factory=dict)
    label: str = LABEL
    before: bytes = b""  # manifests of inputs
    spoil: Callable[[bytes], bytes] = bytes  # the finished store
    has_signature: bool = True
    is_update: bool = False
    claims: int = 1


class Forger:
    """Signs forgeries with a chain and key in PEM (P-256)."""

    def __init__(self, chain: str, key: str) -> None:
        loaded = serialization.load_pem_private_key(key.encode(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        self._key = loaded
        self._chain = [
            one.public_bytes(serialization.Encoding.DER)
            for one in x509.load_pem_x509_certificates(chain.encode())
        ]
        picture = io.BytesIO()
        Image.new("RGB", (80, 80), (90, 120, 150)).save(picture, "JPEG")
        self.plain = picture.getvalue()

    def file(self, forgery: Forgery) -> bytes:
        """A JPEG with the forgery in it."""
        length = 0
        while True:
            store = self.store(forgery, excluded=length)
            segment = _segment(forgery.spoil(store))
            if len(segment) == length:
                return self.plain[:2] + segment + self.plain[2:]
            length = len(segment)

    def store(self, forgery: Forgery, *, excluded: int = 0) -> bytes:
        """The manifest store alone; `excluded`: bytes behind the file's head that the binding leaves out."""
        return superbox("c2pa", "c2pa", forgery.before, self.manifest(forgery, excluded=excluded))

    def manifest(self, forgery: Forgery, *, excluded: int = 0) -> bytes:
        """The manifest's box."""
        assertions = dict(forgery.assertions)
        if forgery.data_hash is not None:
            assertions["c2pa.hash.data"] = {
                "exclusions": [{"start": 2, "length": excluded}],
                "name": "jumbf manifest",
                "alg": "sha256",
                "hash": hashlib.sha256(self.plain).digest(),
                "pad": bytes(8),
            } | forgery.data_hash
        boxes = {label: _assertion(label, data) for label, data in assertions.items() if not callable(data)}
        for label, make in assertions.items():
            if callable(make):
                boxes[label] = _assertion(label, make(self, boxes))
        listed = [
            {"url": f"self#jumbf=c2pa.assertions/{label}", "hash": hashlib.sha256(one[8:]).digest()}
            for label, one in boxes.items()
            if label not in forgery.unlisted
        ]
        listed += [
            {"url": f"self#jumbf=c2pa.assertions/{label}", "hash": bytes(32)} for label in forgery.missing
        ]
        fields: dict[str, Any] = {
            "instanceID": "xmp:iid:264f0db2-f42b-4e98-98c5-4bdc7f343979",
            "claim_generator_info": {"name": "somebody", "version": "1"},
            "signature": f"self#jumbf=/c2pa/{forgery.label}/c2pa.signature",
            "created_assertions": listed,
            "alg": "sha256",
        } | forgery.claim
        claim = cbor({name: value for name, value in fields.items() if value is not None})
        parts = [superbox("c2as", "c2pa.assertions", *boxes.values())]
        parts += [superbox("c2cl", "c2pa.claim.v2", box(b"cbor", claim))] * forgery.claims
        if forgery.has_signature:
            parts.append(superbox("c2cs", "c2pa.signature", box(b"cbor", self.signature(claim))))
        return superbox("c2um" if forgery.is_update else "c2ma", forgery.label, *parts)

    def signature(self, claim: bytes, *, header: dict[int, Any] | None = None) -> bytes:
        """A COSE_Sign1 over bytes that stand elsewhere; `header` replaces fields of its protected one."""
        protected = cbor({1: -7, 33: self._chain} | (header or {}))
        signed = cbor(["Signature1", protected, b"", claim])
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return cbor(Tagged(18, [protected, {}, None, raw]))


def _assertion(label: str, data: object) -> bytes:
    if isinstance(data, bytes):
        kind = "json" if data.startswith(b"{") else "cbor"
        return superbox(kind, label, box(kind.encode(), data))
    return superbox("cbor", label, box(b"cbor", cbor(data)))


def _segment(store: bytes) -> bytes:
    """The store in APP11 segments, as JPEG XT wants it."""
    content, size = store[8:], 60_000
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(
        b"\xff\xeb"
        + struct.pack(">H", 2 + 2 + 2 + 4 + 8 + len(piece))
        + b"JP"
        + struct.pack(">HI", 1, number)
        + store[:8]
        + piece
        for number, piece in enumerate(pieces, 1)
    )
