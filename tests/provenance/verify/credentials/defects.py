"""One made file for each failure that a reader can report, with the causes that must be told for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from provenance.manifest.findings.causes import Cause
from tests.provenance.verify.credentials.forged_credentials import ACTIONS, LABEL, Forger, Forgery, cbor
from tests.provenance.verify.credentials.identity_defects import IDENTITIES

INNER = Forgery(label="urn:c2pa:00000000-0000-4000-8000-000000000002")
NO_FAILURES: dict[str, list[object]] = {"success": [], "informational": [], "failure": []}
CONTENT, SIGNATURE, INCOMPLETE, POLICY = Cause.CONTENT, Cause.SIGNATURE, Cause.INCOMPLETE, Cause.POLICY
INPUT, IDENTITY = Cause.INPUT, Cause.IDENTITY


@dataclass(frozen=True)
class Defect:
    """How a file is made, and what must be told: `codes` among others, and `causes` exactly.

    No causes: the reader gives up on such credentials, and the answer is that they cannot be read.
    """

    make: Callable[[Forger], bytes]
    codes: set[str]
    causes: set[Cause]


def _forged(codes: str, *causes: Cause, **fields: Any) -> Defect:
    return Defect(lambda forger: forger.file(Forgery(**fields)), set(codes.split()), set(causes))


def _stating(codes: str, *causes: Cause, binds: bool = True, **assertions: Any) -> Defect:
    """With assertions beside the actions, or in their place; `__` in a name stands for a full stop."""
    stated = {"c2pa.actions.v2": ACTIONS} | {
        name.replace("__", ".").replace("_9", "-"): data for name, data in assertions.items()
    }
    return _forged(codes, *causes, assertions=stated, data_hash={} if binds else None)


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda store: store.replace(old, new, 1)


def _with_input(
    codes: str,
    *causes: Cause,
    inner: Forgery = INNER,
    relationships: tuple[str, ...] = ("componentOf",),
    has_digest: bool = True,
    has_results: bool = True,
    recorded: list[str] | None = None,
    is_there: bool = True,
    **fields: Any,
) -> Defect:
    """With the manifest `inner` as an input."""

    def make(forger: Forger) -> bytes:
        manifest = forger.manifest(inner)
        signature = manifest[manifest.index(b"jumdc2cs") - 12 :]
        digests = [
            hashlib.sha256(part[8:]).digest() if has_digest else bytes(32) for part in (manifest, signature)
        ]
        address = f"self#jumbf=/c2pa/{inner.label}"
        failures = [{"code": code, "url": f"{address}/c2pa.signature"} for code in recorded or []]
        stated: dict[str, Any] = {"c2pa.actions.v2": ACTIONS}
        for number, relationship in enumerate(relationships):
            stated["c2pa.ingredient.v3" + (f"__{number}" if number else "")] = {
                "relationship": relationship,
                "dc:title": "input",
                "activeManifest": {"url": address, "hash": digests[0]},
                "claimSignature": {"url": f"{address}/c2pa.signature", "hash": digests[1]},
                "validationResults": {"activeManifest": NO_FAILURES | {"failure": failures}},
            }
            if not has_results:
                del stated["c2pa.ingredient.v3"]["validationResults"]
        return forger.file(Forgery(assertions=stated, before=manifest if is_there else b"", **fields))

    return Defect(make, set(codes.split()), set(causes))


def updated_by(forger: Forger, manifest: bytes, label: str) -> bytes:
    """A file in which somebody updates what a manifest says, and leaves the content alone."""
    signature = manifest[manifest.index(b"jumdc2cs") - 12 :]
    address = f"self#jumbf=/c2pa/{label}"
    digests = [hashlib.sha256(part[8:]).digest() for part in (manifest, signature)]
    parent = {
        "relationship": "parentOf",
        "dc:title": "input",
        "activeManifest": {"url": address, "hash": digests[0]},
        "claimSignature": {"url": f"{address}/c2pa.signature", "hash": digests[1]},
        "validationResults": {"activeManifest": NO_FAILURES},
    }
    stated = {
        "c2pa.actions.v2": {"actions": [{"action": "c2pa.edited.metadata"}]},
        "c2pa.ingredient.v3": parent,
    }
    return forger.file(Forgery(assertions=stated, before=manifest, data_hash=None, is_update=True))


def _naming(codes: str, *, kind: str = "cawg.x509.cose", references: int = 1, pad: bytes = b"") -> Defect:
    """With an identity assertion (CAWG) that does not hold, beside content and signature that do."""
    referred = {"url": "self#jumbf=c2pa.assertions/c2pa.hash.data", "hash": bytes(32)}
    payload = {"referenced_assertions": [referred] * references, "sig_type": kind}
    data = {"signer_payload": payload, "signature": b"x", "pad1": pad}
    return _stating(codes, IDENTITY, cawg__identity=data)


def _vouching(codes: str, spoil: Callable[[bytes], bytes] = bytes) -> Defect:
    """With an identity assertion that refers to the content and is signed by a stranger."""

    def identity(forger: Forger, boxes: dict[str, bytes]) -> dict[str, Any]:
        label = "c2pa.hash.data"
        digest = hashlib.sha256(boxes[label][8:]).digest()
        referred = {"url": f"self#jumbf=c2pa.assertions/{label}", "hash": digest}
        payload = {"referenced_assertions": [referred], "sig_type": "cawg.x509.cose"}
        return {
            "signer_payload": payload,
            "signature": spoil(forger.signature(cbor(payload))),
            "pad1": b"",
        }

    return _stating(codes, IDENTITY, cawg__identity=identity)


def _acting(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"c2pa__actions__v2": {"actions": list(actions)}}


_CREATED = ACTIONS["actions"][0]
_OF_SELF = f"self#jumbf=/c2pa/{LABEL}/c2pa.assertions"
_OF_INNER = f"self#jumbf=/c2pa/{INNER.label}/c2pa.assertions"
_MISSING_BOXES = {"alg": "sha256", "boxes": []}
_OTHER_BOXES = {
    "alg": "sha256",
    "boxes": [{"names": [name], "hash": bytes(32), "pad": b""} for name in ("SOI", "C2PA")],
}
_UNKNOWN_BOXES = {"alg": "sha256", "boxes": [{"names": ["XXXX"], "hash": bytes(32), "pad": b""}]}

_ELSEWHERE = {
    "label": "c2pa.hash.data",
    "size": 10,
    "location": {"url": "http://127.0.0.1:9/x", "alg": "sha256", "hash": bytes(32)},
    "content_type": "application/cbor",
}

DEFECTS: dict[str, Defect] = {
    # The content.
    "content is another": _forged("assertion.dataHash.mismatch", CONTENT, data_hash={"hash": bytes(32)}),
    "boxes are others": _stating(
        "assertion.boxesHash.mismatch", CONTENT, binds=False, c2pa__hash__boxes=_OTHER_BOXES
    ),
    "a box that is not listed": _stating(
        "assertion.boxesHash.mismatch", CONTENT, binds=False, c2pa__hash__boxes=_UNKNOWN_BOXES
    ),
    # The binding of the content cannot be followed.
    "binding leaves out more than the file": _forged(
        "assertion.dataHash.mismatch", POLICY, data_hash={"exclusions": [{"start": 2, "length": 10**6}]}
    ),
    "binding of an unknown algorithm": _forged(
        "assertion.dataHash.mismatch", POLICY, data_hash={"alg": "md5"}
    ),
    "binding of another kind of file": _stating(
        "assertion.bmffHash.malformed",
        POLICY,
        binds=False,
        c2pa__hash__bmff__v3={"exclusions": [], "alg": "sha256", "hash": bytes(32), "name": "x"},
    ),
    "binding without boxes": _stating(
        "assertion.boxesHash.mismatch", POLICY, binds=False, c2pa__hash__boxes=_MISSING_BOXES
    ),
    "two bindings": _stating(
        "assertion.multipleHardBindings assertion.boxesHash.mismatch",
        POLICY,
        c2pa__hash__boxes=_MISSING_BOXES,
    ),
    "no binding": _forged("", data_hash=None),
    # The signature and what it covers.
    "signature": _forged(
        "claimSignature.mismatch",
        SIGNATURE,
        spoil=lambda store: store[:-3] + bytes([store[-3] ^ 1]) + store[-2:],
    ),
    "claim": _forged("claimSignature.mismatch", SIGNATURE, spoil=_replaced(b"somebody", b"somebodx")),
    "assertion": _forged(
        "assertion.hashedURI.mismatch",
        SIGNATURE,
        spoil=_replaced(b"digitalsourcetype/empty", b"digitalsourcetype/emptx"),
    ),
    "content and signature": _forged(
        "assertion.dataHash.mismatch claimSignature.mismatch",
        CONTENT,
        SIGNATURE,
        data_hash={"hash": bytes(32)},
        spoil=_replaced(b"somebody", b"somebodx"),
    ),
    "digests of another algorithm": _forged("assertion.hashedURI.mismatch", SIGNATURE, claim={"alg": "md5"}),
    "no signature": _forged("", has_signature=False),
    "signature that is elsewhere": _forged(
        "claimSignature.missing",
        SIGNATURE,
        claim={"signature": "self#jumbf=/c2pa/urn:c2pa:00000000-0000-4000-8000-00000000000f/c2pa.signature"},
    ),
    # Something is missing.
    "assertion that is not there": _forged("assertion.missing", INCOMPLETE, missing=("org.example.gone",)),
    "icon that is not there": _forged(
        "assertion.missing",
        INCOMPLETE,
        claim={
            "claim_generator_info": {
                "name": "x",
                "icon": {"url": "self#jumbf=c2pa.assertions/c2pa.icon", "hash": bytes(32)},
            }
        },
    ),
    # The rules.
    "no action": _forged("assertion.action.malformed", POLICY, assertions={}),
    "opened without an ingredient": _stating(
        "assertion.action.ingredientMismatch", POLICY, **_acting({"action": "c2pa.opened", "parameters": {}})
    ),
    "watermark without soft binding": _stating(
        "assertion.action.softBindingMissing",
        POLICY,
        **_acting(_CREATED, {"action": "c2pa.watermarked.bound"}),
    ),
    "redaction of nothing": _stating(
        "assertion.action.redactionMismatch",
        POLICY,
        **_acting(
            _CREATED,
            {
                "action": "c2pa.redacted",
                "reason": "x",
                "parameters": {"redacted": "self#jumbf=/c2pa/x/c2pa.assertions/y"},
            },
        ),
    ),
    "redacts itself": _forged(
        "assertion.selfRedacted assertion.notRedacted assertion.action.redacted",
        POLICY,
        claim={"redacted_assertions": [f"{_OF_SELF}/c2pa.actions.v2"]},
    ),
    "cloud data": _stating("assertion.cloud-data.malformed", POLICY, c2pa__cloud_9data={"x": 1}),
    "external reference": _stating(
        "assertion.external-reference.malformed", POLICY, c2pa__external_9reference={"x": 1}
    ),
    "identity without its fields": _stating("assertion.required.missing", POLICY, cawg__identity={"x": 1}),
    "two claims": _forged("", claims=2),
    "assertion that no claim lists": _forged(
        "", assertions={"c2pa.actions.v2": ACTIONS, "org.example.x": {"a": 1}}, unlisted=("org.example.x",)
    ),
    "assertion that is no CBOR": _forged("", assertions={"c2pa.actions.v2": b"\xff\xff\xff"}),
    "assertion that is no JSON": _forged(
        "", assertions={"c2pa.actions.v2": ACTIONS, "c2pa.metadata": b"{not json"}
    ),
    "claim of an unknown version": _forged("", claim={"assertions": []}),
    "cloud data in the place of a binding": _stating(
        "assertion.cloud-data.hardBinding",
        POLICY,
        c2pa__cloud_9data=_ELSEWHERE,
    ),
    "update that says it was created": _with_input(
        "manifest.update.invalid",
        POLICY,
        relationships=("parentOf",),
        is_update=True,
        data_hash=None,
    ),
    # Inputs.
    "input without what was found": _with_input("assertion.ingredient.malformed", INPUT, has_results=False),
    "input that is not there": _with_input("ingredient.manifest.missing", INPUT, is_there=False),
    "input that is another": _with_input("ingredient.manifest.mismatch", INPUT, has_digest=False),
    "two parents": _with_input("manifest.multipleParents", POLICY, relationships=("parentOf", "parentOf")),
    "redaction of a binding": _with_input(
        "assertion.hardBinding.redacted assertion.notRedacted",
        POLICY,
        claim={"redacted_assertions": [f"{_OF_INNER}/c2pa.hash.data"]},
    ),
    "redaction of what is not there": _with_input(
        "ingredient.claimSignature.mismatch",
        INPUT,
        has_digest=False,
        claim={"redacted_assertions": [f"{_OF_INNER}/c2pa.nothing"]},
    ),
    "input with a broken rule": _with_input(
        "assertion.action.malformed", INPUT, inner=Forgery(label=INNER.label, assertions={})
    ),
    # The named identity.
    "identity for another assertion": _naming(
        "cawg.identity.assertion.mismatch cawg.x509.signature.mismatch"
    ),
    "identity of an unknown kind": _naming("cawg.identity.sig_type.unknown", kind="somebodys.kind"),
    "identity without a binding": _naming("cawg.identity.hard_binding_missing", references=0),
    "identity with something hidden": _naming("cawg.identity.pad.invalid", pad=b"x"),
    "identity that refers twice": _naming("cawg.identity.assertion.duplicate", references=2),
    "identity by claims of others": _naming(
        "cawg.ica.invalid_cose_sign1", kind="cawg.identity_claims_aggregation"
    ),
    "identity that a stranger vouches for": _vouching("cawg.x509.credential.untrusted"),
    "identity with a broken signature": _vouching(
        "cawg.x509.signature.mismatch", lambda signed: signed[:-3] + bytes([signed[-3] ^ 1]) + signed[-2:]
    ),
}
DEFECTS |= {
    f"identity by {name}": _stating(code, IDENTITY, cawg__identity=identity)
    for name, (identity, code) in IDENTITIES.items()
}
