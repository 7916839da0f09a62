"""How old the signing certificate is and how long it still signs, for health checks and system checks.

provenance.E003  the signing certificate cannot be used, or has run out
provenance.E004  no time-stamp server is set, beyond loopback
provenance.E005  the development authority's root is among our own, beyond loopback
provenance.E006  the development clock's root is believed, beyond loopback
provenance.W001  the signing certificate runs out soon
provenance.W002  the signing key has been in use for long
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.utils import timezone

from provenance.manifest.development_ca import ORGANISATION

# A certificate is exchanged well before it ends; jobs fail on the day it does.
EXPIRES_SOON_DAYS = 14
OLD_KEY_DAYS = 400


@dataclass(frozen=True)
class CertificateHealth:
    """The certificate that signs now. Days count from today; `problem` is empty while it signs."""

    serial: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    days_left: int = 0
    age_days: int = 0
    problem: str = ""

    @property
    def expires_soon(self) -> bool:
        """Whether it is time to exchange it."""
        return not self.problem and self.days_left < EXPIRES_SOON_DAYS

    def to_json(self) -> dict[str, Any]:
        """For the health endpoint; nothing that is not in every video anyway."""
        return {
            "ok": not self.problem,
            "problem": self.problem,
            "not_after": self.not_after.isoformat() if self.not_after else None,
            "days_left": self.days_left,
            "age_days": self.age_days,
            "expires_soon": self.expires_soon,
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
    )
    problem = ""
    if now >= leaf.not_valid_after_utc:
        problem = "The signing certificate has run out."
    elif now < leaf.not_valid_before_utc:
        problem = "The signing certificate is not valid yet."
    return CertificateHealth(**{**vars(health), "problem": problem})


def check_signing_certificate(**kwargs: Any) -> list[CheckMessage]:
    """The certificate signs, and will for a while."""
    health = signing_certificate_health()
    hint = "Run manage.py rotate_signing_key; docs/runbook.md tells how."
    if health.problem:
        return [Error(health.problem, hint=hint, id="provenance.E003")]
    found: list[CheckMessage] = []
    if health.expires_soon:
        found.append(
            Warning(
                f"The signing certificate runs out in {health.days_left} days.",
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
    """Beyond loopback, videos wait until a time-stamp server is set."""
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
    """Beyond loopback, neither the development authority nor its clock is believed."""
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
                "The development clock's root is among those of time-stamp servers.",
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
