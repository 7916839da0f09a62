"""Client of the key service (KMS) that signs in place of a key file, and a probe of its key.

Without the native C2PA library, so that the web process can report the result of the last probe.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.conf import settings
from django.core.cache import cache
from django.utils.module_loading import import_string

from provenance.common.errors import CodedError
from provenance.common.shared_cache import cache_away

# No claim begins like this, so a signature over it cannot be misused.
TEST_BYTES = b"Likeness asks whether this key belongs to its certificate."
RAW_SIGNATURE_BYTES = 64  # r || s on P-256
# Asked every five minutes (CELERY_BEAT_SCHEDULE); an older result says nothing about now.
KEEP_PROBE_RESULT_S = 900

logger = logging.getLogger(__name__)


class KeyServiceUnavailable(CodedError):
    """The function that signs cannot be loaded, or gave no signature."""

    code = "key_service_unavailable"
    status = 503
    message = "The key service gave no signature."
    hint = "Check LIKENESS_SIGNING_CALLBACK, and what the process log says about it."


def signing_function() -> Callable[[bytes], bytes]:
    """The function that LIKENESS_SIGNING_CALLBACK names: bytes to an ECDSA signature. Raises ImportError."""
    return cast("Callable[[bytes], bytes]", import_string(settings.LIKENESS_SIGNING_CALLBACK))


def matches_certificate(leaf: x509.Certificate) -> bool:
    """Whether what the key service signs now is good under the public key of `leaf`.

    Has it sign a few bytes. Raises `KeyServiceUnavailable` when no signature comes back.
    """
    try:
        signature = signing_function()(TEST_BYTES)
    except Exception as error:
        logger.exception("The key service gave no signature")
        raise KeyServiceUnavailable from error
    public = leaf.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(_as_der(signature), TEST_BYTES, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def probe_key_service() -> bool | None:
    """Check that the key service holds the current certificate's key, and cache the result for health checks.

    None without a key service, or without a certificate. For workers and commands: the web process never
    calls the service. Raises `KeyServiceUnavailable`; then nothing is cached.
    """
    if not settings.LIKENESS_SIGNING_CALLBACK:
        return None
    try:
        leaf = x509.load_pem_x509_certificate(Path(settings.LIKENESS_SIGNING_CHAIN_FILE).read_bytes())
    except (OSError, ValueError):
        return None
    matches = matches_certificate(leaf)
    try:
        cache.set(_cache_key(leaf), matches, timeout=KEEP_PROBE_RESULT_S)
    except cache_away() as error:
        logger.warning("The shared cache is unavailable, so the key service's probe is not kept: %s", error)
    return matches


def cached_probe_result(leaf: x509.Certificate) -> bool | None:
    """The cached result for this certificate, None when there was no probe lately."""
    try:
        matches: bool | None = cache.get(_cache_key(leaf))
    except cache_away() as error:
        logger.warning("The shared cache is unavailable, and with it the key service's probe: %s", error)
        return None
    return matches


def _cache_key(leaf: x509.Certificate) -> str:
    return f"key-service-signs-for:{leaf.fingerprint(hashes.SHA256()).hex()}"


def _as_der(signature: bytes) -> bytes:
    if len(signature) != RAW_SIGNATURE_BYTES:
        return signature
    half = RAW_SIGNATURE_BYTES // 2
    return encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )
