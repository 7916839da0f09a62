"""Who signs renditions. For workers: it loads the native C2PA library, which the web process does without."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from provenance.manifest.signing import SigningIdentity, SigningKeyUnusable


def signing_identity() -> SigningIdentity:
    """The chain that the settings name, with its key: a file, or a function that asks a key service to sign.

    The function takes the bytes to be signed and returns an ECDSA signature on P-256 with SHA-256, as DER or
    as r || s. Raises `SigningKeyUnusable`.
    """
    chain_file = Path(settings.LIKENESS_SIGNING_CHAIN_FILE)
    if not settings.LIKENESS_SIGNING_CALLBACK:
        return SigningIdentity.from_files(chain_file, Path(settings.LIKENESS_SIGNING_KEY_FILE))
    try:
        return SigningIdentity.from_callback(
            chain_file.read_text(), import_string(settings.LIKENESS_SIGNING_CALLBACK)
        )
    except (ImportError, OSError) as error:
        raise SigningKeyUnusable(
            "The signing chain or the function that signs cannot be loaded.",
            hint="Check LIKENESS_SIGNING_CHAIN_FILE and LIKENESS_SIGNING_CALLBACK.",
        ) from error
