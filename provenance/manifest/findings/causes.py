"""Causes of failure: what a failure code of a C2PA validator is about.

Only a failure of the content binding says that content was changed. Everything else is about the credentials:
who signed, with what, what they name and whether they are complete and well made.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Cause(StrEnum):
    """What a failure is about, the gravest first. The values are public."""

    CONTENT = "content"  # the content is not the one that was signed
    SIGNATURE = "signature"  # the signature, or what it covers inside the credentials
    INCOMPLETE = "incomplete"  # something that is needed to check is not here
    POLICY = "policy"  # not made as the rules of the specification ask
    CERTIFICATE = "certificate"  # the signer's certificate or the time-stamp
    INPUT = "input"  # the credentials of something that it was made from
    IDENTITY = "identity"  # the identity (CAWG) that is named beside the signer


# What is only unknown is no failure of the credentials.
UNKNOWN_SIGNER = frozenset({"signingCredential.untrusted", "timeStamp.untrusted"})
_BINDINGS = ("dataHash", "bmffHash", "boxesHash", "collectionHash", "multiAssetHash")
CONTENT_MATCHES = frozenset(f"assertion.{binding}.match" for binding in _BINDINGS)
# Our own, beside the codes of the specification: parts of a segmented video that fit, each by itself.
OUT_OF_ORDER = "org.likeness.partsOutOfOrder"
# Some errors of the library carry the code of a success among the failures.
_CONTENT = (
    CONTENT_MATCHES
    | {f"assertion.{binding}.mismatch" for binding in _BINDINGS}
    | {
        "assertion.boxesHash.unknownBox",
        OUT_OF_ORDER,
        "assertion.collectionHash.incorrectFileCount",
        "assertion.collectionHash.incorrectItemCount",
    }
)
# With these words in the library's explanation, a content binding could not be followed, and nothing was
# compared: it leaves out another part of the file than its credentials, is about segments, or is empty.
_NOT_COMPARED = (
    "exclusion does not match",
    "bad parameter",
    "must not be present",
    "no box hash found",
    "type is unsupported",
)
_SIGNATURE = {
    "assertion.hashedURI.mismatch",
    "assertion.undeclared",
    "claimSignature.invalid",
    "claimSignature.mismatch",
    "claimSignature.missing",
    "hashedURI.mismatch",
}
_INCOMPLETE = {
    "assertion.inaccessible",
    "assertion.missing",
    "assertion.multiAssetHash.missingPart",
    "claim.hardBindings.missing",
    "claim.missing",
    "hashedURI.missing",
    "manifest.inaccessible",
    "manifest.missing",
}
_BY_PREFIX = {
    "signingCredential.": Cause.CERTIFICATE,
    "timeStamp.": Cause.CERTIFICATE,
    "claimSignature.outsideValidity": Cause.CERTIFICATE,
    "ingredient.": Cause.INPUT,
    "assertion.ingredient.": Cause.INPUT,
    "cawg.": Cause.IDENTITY,
}


def cause_of(code: str) -> Cause:
    """What a failure code is about. One that is not known here breaks some rule, and says no more."""
    if code in _CONTENT:
        return Cause.CONTENT
    if code in _SIGNATURE:
        return Cause.SIGNATURE
    if code in _INCOMPLETE:
        return Cause.INCOMPLETE
    return next((cause for prefix, cause in _BY_PREFIX.items() if code.startswith(prefix)), Cause.POLICY)


def by_cause(codes: Iterable[str]) -> dict[Cause, tuple[str, ...]]:
    """The codes of each cause, sorted, the gravest cause first. Unknown signers are no failure."""
    found: dict[Cause, list[str]] = {}
    for code in sorted(set(codes) - UNKNOWN_SIGNER):
        found.setdefault(cause_of(code), []).append(code)
    return {cause: tuple(found[cause]) for cause in Cause if cause in found}


def is_content_compared(code: str, explanation: str) -> bool:
    """Whether a failure means that content was compared with what was signed, and is another."""
    said = explanation.lower()
    return cause_of(code) is Cause.CONTENT and not any(words in said for words in _NOT_COMPARED)
