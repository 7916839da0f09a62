"""Health and system checks of keys, signing certificate and time-stamp servers.

The system checks:

provenance.E003  the signing certificate cannot be used, or has expired
provenance.E004  no time-stamp server is set, in production (not on localhost)
provenance.E005  the development authority's root is among our own, in production
provenance.E006  the development time-stamp authority's root is trusted, in production
provenance.W001  the signing certificate expires soon
provenance.W002  the signing key has been in use for long
provenance.W003  the key service gave no signature, so nobody knows whether it holds the certificate's key
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.utils import timezone

from provenance.keys.key_service import KeyServiceUnavailable, cached_probe_result, probe_key_service
from provenance.manifest.development_ca import ORGANISATION

# A certificate is replaced well before it expires; jobs fail on the day it does.
EXPIRES_SOON_DAYS = 14
OLD_KEY_DAYS = 400
KEY_DOES_NOT_BELONG = "The signing key does not belong to the certificate."


@dataclass(frozen=True)
class CertificateHealth:
    """The certificate that signs now. Days count from today; `problem` is empty while it signs.

    `has_its_key` says whether the signing key belongs to it: None when this process cannot read the key file,
    or the key service was not probed lately.
    """

    serial: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    days_left: int = 0
    age_days: int = 0
    has_its_key: bool | None = None
    problem: str = ""

    @property
    def expires_soon(self) -> bool:
        """Whether it is time to replace it."""
        return not self.problem and self.days_left < EXPIRES_SOON_DAYS

    def to_json(self) -> dict[str, object]:
        """For the health endpoint; nothing that is not in every video anyway."""
        return {
            "ok": not self.problem,
            "problem": self.problem,
            "not_after": self.not_after.isoformat() if self.not_after else None,
            "days_left": self.days_left,
            "age_days": self.age_days,
            "expires_soon": self.expires_soon,
            "has_its_key": self.has_its_key,
        }


def signing_certificate_health() -> CertificateHealth:
    """Read the chain that the settings name. Never raises for what is in it."""
    try:
        leaf = x509.load_pem_x509_certificate(Path(settings.LIKENESS_SIGNING_CHAIN_FILE).read_bytes())
    except OSError:
        return CertificateHealth(problem="The signing chain cannot be read.")
    except ValueError:
        return CertificateHealth(problem="The signing chain holds no certificate.")
    now = timezone.now()
    health = CertificateHealth(
        serial=str(leaf.serial_number),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        days_left=(leaf.not_valid_after_utc - now).days,
        age_days=max(0, (now - leaf.not_valid_before_utc).days),
        has_its_key=_has_its_key(leaf),
    )
    problem = KEY_DOES_NOT_BELONG if health.has_its_key is False else ""
    if now >= leaf.not_valid_after_utc:
        problem = "The signing certificate has expired."
    elif now < leaf.not_valid_before_utc:
        problem = "The signing certificate is not valid yet."
    return CertificateHealth(**{**vars(health), "problem": problem})


def key_file_ages() -> dict[str, int | None]:
    """How many days ago the files of the log's key and of the watermark's were written.

    None for a file that this process cannot see; so for the watermark's key when a key service gives it.
    """
    return {
        "log_age_days": _age_days(Path(settings.LIKENESS_LOG_KEY_FILE)),
        "watermark_age_days": (
            None
            if settings.LIKENESS_WATERMARK_KEY_CALLBACK
            else _age_days(Path(settings.LIKENESS_WATERMARK_KEY_FILE))
        ),
    }


def _age_days(path: Path) -> int | None:
    try:
        written_s = path.stat().st_mtime
    except OSError:
        return None
    return max(0, int(timezone.now().timestamp() - written_s) // 86_400)


def _has_its_key(leaf: x509.Certificate) -> bool | None:
    if settings.LIKENESS_SIGNING_CALLBACK:
        return cached_probe_result(leaf)
    try:
        pem = Path(settings.LIKENESS_SIGNING_KEY_FILE).read_bytes()
    except OSError:
        return None
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return private.public_key() == leaf.public_key()


def check_signing_certificate(**kwargs: Any) -> list[CheckMessage]:
    """The certificate signs, and will for a while. A key service is asked whether it holds its key."""
    hint = "Run manage.py rotate_signing_key; docs/runbook.md tells how."
    found: list[CheckMessage] = []
    try:
        is_held = probe_key_service()
    except KeyServiceUnavailable as error:
        is_held = None
        found.append(Warning(error.message, hint=error.hint, id="provenance.W003"))
    health = signing_certificate_health()
    problem = health.problem or (KEY_DOES_NOT_BELONG if is_held is False else "")
    if problem:
        return [*found, Error(problem, hint=hint, id="provenance.E003")]
    if health.expires_soon:
        found.append(
            Warning(
                f"The signing certificate expires in {health.days_left} days.",
                hint=hint,
                id="provenance.W001",
            )
        )
    if health.age_days > OLD_KEY_DAYS:
        found.append(
            Warning(
                f"The signing key has been in use for {health.age_days} days.",
                hint=hint,
                id="provenance.W002",
            )
        )
    return found


def check_timestamp_servers(**kwargs: Any) -> list[CheckMessage]:
    """In production (not on localhost), videos wait until a time-stamp server is set."""
    if settings.LIKENESS_TIMESTAMP_SERVERS or settings.LIKENESS_ON_LOOPBACK:
        return []
    return [
        Error(
            "No time-stamp server is set: no video will be signed.",
            hint="Set LIKENESS_TIMESTAMP_SERVERS and put the servers' roots into timestamp-anchors.pem.",
            id="provenance.E004",
        )
    ]


def check_development_roots(**kwargs: Any) -> list[CheckMessage]:
    """In production, neither the development authority nor its time-stamp authority is trusted."""
    if settings.LIKENESS_ON_LOOPBACK:
        return []
    found: list[CheckMessage] = []
    if _holds_development_root(Path(settings.LIKENESS_TRUST_ANCHORS_FILE)):
        found.append(
            Error(
                "The development authority's root is among our own anchors.",
                hint="Leave only the roots of your own authority in LIKENESS_TRUST_ANCHORS_FILE.",
                id="provenance.E005",
            )
        )
    if _holds_development_root(Path(settings.LIKENESS_TIMESTAMP_ANCHORS_FILE)):
        found.append(
            Error(
                "The development time-stamp authority's root is among those of time-stamp servers.",
                hint="Leave only the roots of LIKENESS_TIMESTAMP_SERVERS in LIKENESS_TIMESTAMP_ANCHORS_FILE.",
                id="provenance.E006",
            )
        )
    return found


def _holds_development_root(path: Path) -> bool:
    """Whether a file with anchors names the development authority. One that cannot be read holds nothing."""
    try:
        anchors = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return False
    names = {name.value for anchor in anchors for name in anchor.subject}
    return ORGANISATION in names
