"""The key service that signs in place of a key file, and whether it holds the key of a certificate.

Without the native C2PA library, so that the web process can tell what the answer was.
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
from redis.exceptions import RedisError

from provenance.common.errors import CodedError

# No claim begins like this, so the signature over it is good for nothing.
TEST_BYTES = b"Likeness asks whether this key belongs to its certificate."
RAW_SIGNATURE_BYTES = 64  # r || s on P-256
# Asked every five minutes (CELERY_BEAT_SCHEDULE); an older answer says nothing about now.
KEEP_ANSWER_S = 900

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


def signs_for(leaf: x509.Certificate) -> bool:
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


def note_answer() -> bool | None:
    """Ask the key service about the certificate that signs now, and keep the answer for health checks.

    None without a key service, or without a certificate. For workers and commands: the web process has no
    business with the service. Raises `KeyServiceUnavailable`; then nothing is kept.
    """
    if not settings.LIKENESS_SIGNING_CALLBACK:
        return None
    try:
        leaf = x509.load_pem_x509_certificate(Path(settings.LIKENESS_SIGNING_CHAIN_FILE).read_bytes())
    except (OSError, ValueError):
        return None
    answer = signs_for(leaf)
    try:
        cache.set(_place(leaf), answer, timeout=KEEP_ANSWER_S)
    except RedisError as error:
        logger.warning("The shared cache is away, so nobody is told what the key service answered: %s", error)
    return answer


def noted_answer(leaf: x509.Certificate) -> bool | None:
    """The answer about this certificate, None when there was none lately."""
    try:
        answer: bool | None = cache.get(_place(leaf))
    except RedisError as error:
        logger.warning("The shared cache is away, and with it what the key service answered: %s", error)
        return None
    return answer


def _place(leaf: x509.Certificate) -> str:
    return f"key-service-signs-for:{leaf.fingerprint(hashes.SHA256()).hex()}"


def _as_der(signature: bytes) -> bytes:
    if len(signature) != RAW_SIGNATURE_BYTES:
        return signature
    half = RAW_SIGNATURE_BYTES // 2
    return encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )
