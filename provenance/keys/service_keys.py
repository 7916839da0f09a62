"""Reads the service's keys from the files that the settings name."""

from __future__ import annotations

import hmac
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.module_loading import import_string

from provenance.common.errors import CodedError
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogSigningKey, LogVerifyKey
from provenance.manifest.commitment import Role, commitment
from provenance.manifest.trust import TrustStore
from provenance.watermark import WatermarkKey
from provenance.watermark.coding.payload import WatermarkSecrets

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
    """The key that marks the videos with a year's number. Raises `SecretUnusable`."""
    if not settings.LIKENESS_WATERMARK_KEY_CALLBACK:
        try:
            return _watermark_secrets().key_of(year)
        except ValueError as error:
            raise SecretUnusable(f"The file with the watermark's key is not complete: {error}") from error
    try:
        return WatermarkKey(import_string(settings.LIKENESS_WATERMARK_KEY_CALLBACK)(year))
    except (ImportError, ValueError) as error:
        raise SecretUnusable(
            "The function that gets the watermark's keys cannot be loaded or gave no key.",
            hint="Check LIKENESS_WATERMARK_KEY_CALLBACK.",
        ) from error


def marking_year() -> int:
    """The number of the year whose key marks videos now: 2026, or 12026 once the secret was replaced.

    Raises `SecretUnusable`.
    """
    year = timezone.now().year
    return year if settings.LIKENESS_WATERMARK_KEY_CALLBACK else _watermark_secrets().number_of(year)


def _watermark_secrets() -> WatermarkSecrets:
    path = Path(settings.LIKENESS_WATERMARK_KEY_FILE)
    try:
        return WatermarkSecrets(tuple(secrets_in(path)))
    except ValueError as error:
        raise SecretUnusable(f"{path.name} has more secrets than there may be.") from error


def input_commitment(*, role: Role, rendition_id: str, input_sha256: str) -> str:
    """The service's keyed commitment to one input of one rendition. Raises `SecretUnusable`."""
    key = secrets_in(Path(settings.LIKENESS_COMMITMENT_KEY_FILE))[-1]
    return commitment(key, role=role, rendition_id=rendition_id, input_sha256=input_sha256)


def keyed_digest(purpose: str, text: str) -> str:
    """A hex digest of text that only the service can make, to compare without keeping. Raises
    `SecretUnusable`.
    """
    return keyed_digests(purpose, text)[-1]


def keyed_digests(purpose: str, text: str) -> list[str]:
    """The same digest under each secret that there was, the present one last. Raises `SecretUnusable`."""
    keys = secrets_in(Path(settings.LIKENESS_COMMITMENT_KEY_FILE))
    return [hmac.new(key, f"{purpose}\n{text}".encode(), "sha256").hexdigest() for key in keys]


def secrets_in(path: Path) -> list[bytes]:
    """The secrets in a file, one a line; the last one took the place of those before. Raises
    `SecretUnusable`.
    """
    try:
        secrets = [bytes.fromhex(line) for line in path.read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise SecretUnusable(f"The secret in {path.name} is missing or malformed.") from error
    if not secrets:
        raise SecretUnusable(f"The secret in {path.name} is missing or malformed.")
    if any(len(secret) != SECRET_BYTES for secret in secrets):
        raise SecretUnusable(f"The secret in {path.name} must have {SECRET_BYTES} bytes.")
    return secrets


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
