"""One made file for each failure of a named identity (CAWG): content and signature hold, it does not.

The identity is vouched for by a certificate, or by claims of others: a verifiable credential in a COSE_Sign1,
whose issuer's key stands in its own name (did:jwk), so that nothing needs to be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.manifest import development_ca
from tests.provenance.verify.credentials.forged_credentials import Forger, Tagged, cbor

Credential = dict[str, Any]
Identity = Callable[[Forger, dict[str, bytes]], dict[str, Any]]
_BINDING = "c2pa.hash.data"
_ALGORITHM, _CONTENT_TYPE = 1, 3  # of COSE's protected header
_EDDSA, _UNKNOWN = -8, -999
_KEY = Ed25519PrivateKey.generate()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _did(key: dict[str, str]) -> str:
    return "did:jwk:" + _base64url(json.dumps(key).encode())


def _own_did() -> str:
    public = _KEY.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return _did({"kty": "OKP", "crv": "Ed25519", "x": _base64url(public)})


def _reference(boxes: dict[str, bytes]) -> tuple[str, bytes]:
    return f"self#jumbf=c2pa.assertions/{_BINDING}", hashlib.sha256(boxes[_BINDING][8:]).digest()


def _claimed(
    change: Callable[[Credential], object] = lambda credential: None,
    *,
    header: dict[int, Any] | None = None,
    unprotected: dict[str, Any] | None = None,
    text: bytes | None = None,
    spoil: Callable[[bytes], bytes] = bytes,
) -> Identity:
    """An identity by claims of others, with one thing changed."""

    def make(_: Forger, boxes: dict[str, bytes]) -> dict[str, Any]:
        address, digest = _reference(boxes)
        kind = "cawg.identity_claims_aggregation"
        referenced = [{"url": address, "hash": base64.b64encode(digest).decode()}]
        account = {
            "type": "cawg.social_media",
            "username": "somebody",
            "uri": "https://social.example/somebody",
            "verifiedAt": "2025-01-01T00:00:00Z",
            "provider": {"id": "https://social.example", "name": "Social"},
        }
        credential: Credential = {
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://cawg.io/identity/1.1/ica/context/"],
            "type": ["VerifiableCredential", "IdentityClaimsAggregationCredential"],
            "issuer": _own_did(),
            "validFrom": "2025-01-01T00:00:00Z",
            "verifiedIdentities": [account],
            "credentialSubject": {
                "verifiedIdentities": [account],
                "c2paAsset": {"referenced_assertions": referenced, "sig_type": kind},
            },
            "credentialSchema": [{"id": "https://cawg.io/identity/1.1/ica/schema/", "type": "JSONSchema"}],
        }
        change(credential)
        body = json.dumps(credential).encode() if text is None else text
        fields = {_ALGORITHM: _EDDSA, _CONTENT_TYPE: "application/vc"} | (header or {})
        protected = cbor({name: value for name, value in fields.items() if value is not None})
        signature = spoil(_KEY.sign(cbor(["Signature1", protected, b"", body])))
        return {
            "signer_payload": {"referenced_assertions": [{"url": address, "hash": digest}], "sig_type": kind},
            "signature": cbor(Tagged(18, [protected, unprotected or {}, body, signature])),
            "pad1": b"",
        }

    return make


def _certified(make_forger: Callable[[Forger], Forger], header: dict[int, Any] | None = None) -> Identity:
    """An identity by the certificate of whoever `make_forger` gives."""

    def make(forger: Forger, boxes: dict[str, bytes]) -> dict[str, Any]:
        address, digest = _reference(boxes)
        payload = {"referenced_assertions": [{"url": address, "hash": digest}], "sig_type": "cawg.x509.cose"}
        signed = make_forger(forger).signature(cbor(payload), header=header)
        return {"signer_payload": payload, "signature": signed, "pad1": b""}

    return make


def _expired(_: Forger) -> Forger:
    with tempfile.TemporaryDirectory() as folder:
        authority = development_ca.create(Path(folder))
        return Forger(*authority.issue_leaf(now=datetime.now(UTC) - timedelta(days=400)))


def _set(**fields: Any) -> Callable[[Credential], object]:
    return lambda credential: credential.update(fields)


IDENTITIES: dict[str, tuple[Identity, str]] = {
    "claims of another kind": (
        _claimed(header={_CONTENT_TYPE: "application/json"}),
        "cawg.ica.invalid_content_type",
    ),
    "claims that do not say how they are signed": (
        _claimed(header={_ALGORITHM: None}),
        "cawg.ica.invalid_alg",
    ),
    "claims signed in an unknown way": (
        _claimed(header={_ALGORITHM: _UNKNOWN}),
        "cawg.ica.invalid_cose_sign1",
    ),
    "claims that are no credential": (_claimed(text=b"{}"), "cawg.ica.invalid_verifiable_credential"),
    "claims with a broken signature": (
        _claimed(spoil=lambda signed: signed[:-1] + bytes([signed[-1] ^ 1])),
        "cawg.ica.signature_mismatch",
    ),
    "claims by an issuer of an unknown kind": (
        _claimed(_set(issuer="did:key:z6Mk")),
        "cawg.ica.invalid_issuer",
    ),
    "claims by an issuer whose key is elsewhere": (
        _claimed(_set(issuer="did:web:127.0.0.1%3A9")),
        "cawg.ica.did_unavailable",
    ),
    "claims by an issuer without a key": (_claimed(_set(issuer=_did({}))), "cawg.ica.invalid_did_document"),
    "claims about something else": (
        _claimed(lambda one: one["credentialSubject"]["c2paAsset"].update(sig_type="x")),
        "cawg.ica.signer_payload.mismatch",
    ),
    "claims without a beginning": (
        _claimed(lambda one: one.pop("validFrom")),
        "cawg.ica.valid_from.missing",
    ),
    "claims of the future": (
        _claimed(_set(validFrom="2999-01-01T00:00:00Z")),
        "cawg.ica.valid_from.invalid",
    ),
    "claims of the past": (_claimed(_set(validUntil="2025-02-01T00:00:00Z")), "cawg.ica.valid_until.invalid"),
    "claims with a broken time-stamp": (
        _claimed(unprotected={"sigTst2": {"tstTokens": [{"val": b"none"}]}}),
        "cawg.ica.time_stamp.invalid",
    ),
    "an expired certificate": (_certified(_expired), "cawg.x509.signature.outside_validity"),
    "no certificate": (
        _certified(lambda forger: forger, {33: b"none"}),
        "cawg.x509.credential.invalid",
    ),
}
