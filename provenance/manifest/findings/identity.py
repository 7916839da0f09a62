"""The identity that credentials name beside their signer (CAWG identity assertion), and how far it holds.

It says who is behind the content, as somebody else than the signer vouches for it. It has a state of its own:
an identity that cannot be checked makes neither the content nor the credentials any worse.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

PREFIX = "cawg."


class IdentityState(StrEnum):
    """How far the named identity can be believed."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"  # well signed, by somebody whom we do not know
    NOT_CHECKED = "not_checked"  # that takes a call to an address in the file, or a kind that is not known
    INVALID = "invalid"


_TRUSTED = {"cawg.x509.credential.trusted", "cawg.ica.credential_valid"}
_UNKNOWN = {"cawg.x509.credential.untrusted", "cawg.ica.untrusted_issuer"}
_NOT_CHECKED = {
    "cawg.identity.sig_type.unknown",
    "cawg.ica.did_unavailable",
    "cawg.ica.did_unsupported_method",
    "cawg.ica.invalid_did_document",
    "cawg.x509.algorithm.unsupported",
}


def identity_state(successes: Iterable[str], failures: Iterable[str]) -> IdentityState | None:
    """The state that the codes of identity assertions tell; None where there is no such assertion."""
    failed = {code for code in failures if code.startswith(PREFIX)}
    held = {code for code in successes if code.startswith(PREFIX)}
    if failed - _UNKNOWN - _NOT_CHECKED:
        return IdentityState.INVALID
    if failed & _NOT_CHECKED:
        return IdentityState.NOT_CHECKED
    if failed:
        return IdentityState.UNKNOWN
    if held & _TRUSTED:
        return IdentityState.TRUSTED
    return IdentityState.NOT_CHECKED if held else None
