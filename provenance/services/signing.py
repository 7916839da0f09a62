"""Who signs renditions. For workers: it loads the native C2PA library, which the web process does without."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from provenance.manifest.signing import SigningIdentity


def signing_identity() -> SigningIdentity:
    """The chain and key that the settings name. Raises `SigningKeyUnusable`."""
    return SigningIdentity.from_files(
        Path(settings.LIKENESS_SIGNING_CHAIN_FILE), Path(settings.LIKENESS_SIGNING_KEY_FILE)
    )
