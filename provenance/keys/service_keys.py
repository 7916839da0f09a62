"""Reads the service's keys from the files that the settings name."""

from __future__ import annotations

import hmac
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from provenance.common.errors import CodedError
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogSigningKey, LogVerifyKey
from provenance.manifest.commitment import Role, commitment
from provenance.manifest.trust import TrustStore
from provenance.watermark import WatermarkKey

SECRET_BYTES = 32
OTHER_ANCHORS_FILE = "other-trust-anchors.pem"


class SecretUnusable(CodedError):
    """A file with a secret is missing or malformed."""

    code = "secret_unusable"
    status = 500
    message = "A file with one of the service's secrets is missing or malformed."
    hint = "Run `manage.py create_keys` once, or put the file back from the backup."


def trust_store() -> TrustStore:
    """Our own anchors, those of time-stamps, and those of others if a list is in the keys folder."""
    return TrustStore.from_files(
        Path(settings.LIKENESS_TRUST_ANCHORS_FILE),
        Path(settings.LIKENESS_KEYS_DIR) / OTHER_ANCHORS_FILE,
        Path(settings.LIKENESS_TIMESTAMP_ANCHORS_FILE),
    )


def watermark_key(year: int) -> WatermarkKey:
    """The key that marks the videos made in a year. Raises `SecretUnusable`."""
    if not settings.LIKENESS_WATERMARK_KEY_CALLBACK:
        return WatermarkKey(_secret(Path(settings.LIKENESS_WATERMARK_KEY_FILE))).for_year(year)
    try:
        return WatermarkKey(import_string(settings.LIKENESS_WATERMARK_KEY_CALLBACK)(year))
    except (ImportError, ValueError) as error:
        raise SecretUnusable(
            "The function that gets the watermark's keys cannot be loaded or gave no key.",
            hint="Check LIKENESS_WATERMARK_KEY_CALLBACK.",
        ) from error


def input_commitment(*, role: Role, rendition_id: str, input_sha256: str) -> str:
    """The service's keyed commitment to one input of one rendition. Raises `SecretUnusable`."""
    key = _secret(Path(settings.LIKENESS_COMMITMENT_KEY_FILE))
    return commitment(key, role=role, rendition_id=rendition_id, input_sha256=input_sha256)


def keyed_digest(purpose: str, text: str) -> str:
    """A hex digest of text that only the service can make, to compare without keeping. Raises
    `SecretUnusable`.
    """
    key = _secret(Path(settings.LIKENESS_COMMITMENT_KEY_FILE))
    return hmac.new(key, f"{purpose}\n{text}".encode(), "sha256").hexdigest()


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise SecretUnusable(f"The secret in {path.name} is missing or malformed.") from error
    if len(secret) != SECRET_BYTES:
        raise SecretUnusable(f"The secret in {path.name} must have {SECRET_BYTES} bytes.")
    return secret


def log_signing_key() -> LogSigningKey:
    """The key that signs the log's checkpoints. Raises ImproperlyConfigured where it cannot be read."""
    return _load_log_key(Path(settings.LIKENESS_LOG_KEY_FILE), settings.LIKENESS_LOG_ORIGIN)


def log_verify_key() -> LogVerifyKey:
    """The public half of the log's key: what anybody needs to check a checkpoint."""
    return log_signing_key().verify_key


@lru_cache(maxsize=4)
def _load_log_key(path: Path, origin: str) -> LogSigningKey:
    try:
        return LogSigningKey.load(path, origin)
    except (OSError, NoteRejected) as error:
        raise ImproperlyConfigured(
            f"The key in LIKENESS_LOG_KEY_FILE cannot be read: {error}. Make it with manage.py create_keys."
        ) from error
