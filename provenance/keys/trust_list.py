"""The list of other signers' authorities, as a public trust list gives it: taken in, and how old it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from django.conf import settings
from django.utils import timezone

from provenance.common.errors import CodedError
from provenance.keys.service_keys import OTHER_ANCHORS_FILE, trust_store

EXPIRES_SOON = timedelta(days=30)
OLD_AFTER = timedelta(days=180)  # public lists change more often


class TrustListUnusable(CodedError):
    """The file is no trust list, or one that must not be taken."""

    code = "trust_list_unusable"
    status = 422
    message = "The file holds no certificate of an authority that is valid now."
    hint = "Give a trust list in PEM, as the C2PA publishes it."


@dataclass(frozen=True)
class TrustListUpdate:
    """What was taken in. `left_out`: names of those that are no valid authorities, and why."""

    taken: int
    new: int
    gone: int
    left_out: tuple[tuple[str, str], ...]
    first_expires: datetime


@dataclass(frozen=True)
class TrustListHealth:
    """The list that is in use: how many authorities, how many of them expired or expire soon, and its age."""

    authorities: int
    expired: int
    expiring: int
    age_days: int


def update_trust_list(file: Path) -> TrustListUpdate:
    """Put the authorities in a PEM file in the place of those by which other signers are known.

    Only authorities that are valid now are taken, and none of our own: who signs as us is decided by our own
    anchors alone. Raises `TrustListUnusable`; then the former list stays.
    """
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise TrustListUnusable("The trust list cannot be read, or holds no certificate in PEM.") from error
    ours = {_key(one) for one in x509.load_pem_x509_certificates(trust_store().own_anchors_pem.encode())}
    taken: dict[bytes, x509.Certificate] = {}
    left_out: list[tuple[str, str]] = []
    for certificate in found:
        reason = _reason_against(certificate, ours)
        if reason:
            left_out.append((certificate.subject.rfc4514_string(), reason))
        else:
            taken[certificate.fingerprint(hashes.SHA256())] = certificate
    if not taken:
        raise TrustListUnusable
    former = {one.fingerprint(hashes.SHA256()) for one in _certificates()}
    _write(list(taken.values()))
    return TrustListUpdate(
        taken=len(taken),
        new=len(taken.keys() - former),
        gone=len(former - taken.keys()),
        left_out=tuple(left_out),
        first_expires=min(one.not_valid_after_utc for one in taken.values()),
    )


def trust_list_health() -> TrustListHealth | None:
    """The state of the list in use; None without one."""
    found, now = _certificates(), timezone.now()
    if not found:
        return None
    ends = [one.not_valid_after_utc for one in found]
    written_s = _path().stat().st_mtime
    return TrustListHealth(
        authorities=len(found),
        expired=sum(end <= now for end in ends),
        expiring=sum(now < end <= now + EXPIRES_SOON for end in ends),
        age_days=max(0, int(now.timestamp() - written_s) // 86_400),
    )


def _reason_against(certificate: x509.Certificate, ours: set[bytes]) -> str:
    try:
        is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        is_authority = False
    now = timezone.now()
    if not is_authority:
        return "no certificate authority"
    if certificate.not_valid_after_utc <= now:
        return "expired"
    if certificate.not_valid_before_utc > now:
        return "not valid yet"
    return "one of our own anchors" if _key(certificate) in ours else ""


def _key(certificate: x509.Certificate) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return certificate.public_key().public_bytes(serialization.Encoding.DER, form)


def _path() -> Path:
    return Path(settings.LIKENESS_KEYS_DIR) / OTHER_ANCHORS_FILE


def _certificates() -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_path().read_bytes())
    except (OSError, ValueError):
        return []


def _write(certificates: Sequence[x509.Certificate]) -> None:
    """In one step: who reads meanwhile finds the former list or the new one."""
    text = "".join(
        f"# {one.subject.rfc4514_string()}, until {one.not_valid_after_utc:%Y-%m-%d}\n"
        + one.public_bytes(serialization.Encoding.PEM).decode()
        for one in certificates
    )
    partial = _path().with_name(f".{OTHER_ANCHORS_FILE}.{os.getpid()}.partial")
    partial.write_text(text)
    partial.chmod(0o644)
    partial.replace(_path())
