"""Loads the C2PA signing identity and time-stamp servers. For workers: loads the native library."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from provenance.keys.key_service import signing_function
from provenance.manifest.signature.organisation import OrganisationIdentity, OrganisationKeyUnusable
from provenance.manifest.signing import SigningIdentity, SigningKeyUnusable
from provenance.manifest.timestamping import TimestampServers, TimestampUnavailable

REPLACED_WITHIN_S = 0.5


def signing_identity() -> SigningIdentity:
    """The chain that the settings name, with its key: a file, or a function that asks a key service to sign.

    The function takes the bytes to be signed and returns an ECDSA signature on P-256 with SHA-256, as DER or
    as r || s. Raises `SigningKeyUnusable`.
    """
    chain_file = Path(settings.LIKENESS_SIGNING_CHAIN_FILE)
    if not settings.LIKENESS_SIGNING_CALLBACK:
        return _asking(_from_files(chain_file, Path(settings.LIKENESS_SIGNING_KEY_FILE)))
    try:
        return _asking(SigningIdentity.from_callback(chain_file.read_text(), signing_function()))
    except (ImportError, OSError) as error:
        raise SigningKeyUnusable(
            "The signing chain or the function that signs cannot be loaded.",
            hint="Check LIKENESS_SIGNING_CHAIN_FILE and LIKENESS_SIGNING_CALLBACK.",
        ) from error


def _asking(identity: SigningIdentity) -> SigningIdentity:
    return replace(
        identity, ocsp_responder=settings.LIKENESS_OCSP_RESPONDER, organisation=_organisation_identity()
    )


def _organisation_identity() -> OrganisationIdentity | None:
    """Whose identity is named in what is signed, None without a chain. Raises `SigningKeyUnusable`."""
    chain = Path(settings.LIKENESS_ORGANISATION_CHAIN_FILE)
    if not chain.exists():
        return None
    try:
        return OrganisationIdentity.from_files(chain, Path(settings.LIKENESS_ORGANISATION_KEY_FILE))
    except OrganisationKeyUnusable as error:
        raise SigningKeyUnusable(
            "The organisation's key and its certificate chain cannot be used.",
            hint="Check LIKENESS_ORGANISATION_CHAIN_FILE and LIKENESS_ORGANISATION_KEY_FILE: PEM, P-256.",
        ) from error


def _from_files(chain: Path, key: Path) -> SigningIdentity:
    """Read both files, again for a while if they do not fit: they may be being replaced at this moment."""
    given_up_at = time.monotonic() + REPLACED_WITHIN_S
    while True:
        try:
            return SigningIdentity.from_files(chain, key)
        except SigningKeyUnusable:
            if time.monotonic() > given_up_at:
                raise
            time.sleep(0.05)


def timestamp_servers() -> TimestampServers | None:
    """The servers whose time-stamps go into signatures, or None where videos may do without: on localhost.

    Raises `TimestampUnavailable` in production when no server is set: then nothing is signed.
    """
    if settings.LIKENESS_TIMESTAMP_SERVERS:
        return TimestampServers(tuple(settings.LIKENESS_TIMESTAMP_SERVERS))
    if settings.LIKENESS_ON_LOOPBACK:
        return None
    raise TimestampUnavailable(
        "No time-stamp server is set, and nothing is delivered without a time-stamp.",
        hint="The video waits. The operator has to set LIKENESS_TIMESTAMP_SERVERS.",
    )
