"""Asks a certificate's issuer whether it was taken back (OCSP, RFC 6960), for an answer that goes with a
signature: who checks it later need not ask, and the issuer does not learn who checks what.
"""

from __future__ import annotations

import logging
import threading
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from provenance.common.errors import CodedError

QUERY_TYPE, REPLY_TYPE = "application/ocsp-request", "application/ocsp-response"
LARGEST_REPLY_BYTES = 16 * 1024
ANSWER_WITHIN_S = 10.0

logger = logging.getLogger(__name__)


class CertificateRevoked(CodedError):
    """The issuer says that the signing certificate was taken back. Nothing is signed with it."""

    code = "certificate_revoked"
    status = 503
    message = "The certificate that videos are signed with was revoked by its issuer, so nothing is signed."
    hint = "The operator needs a new certificate and key: `manage.py rotate_signing_key`."


class NoAnswer(ValueError):
    """The responder gave no answer that can be used."""


@dataclass(frozen=True)
class _Answer:
    response: bytes
    asked_again_at: datetime


# One answer serves all videos until half of its time is over. Processes keep their own.
_kept: dict[bytes, _Answer] = {}
_lock = threading.Lock()


def certificate_status(chain: Sequence[x509.Certificate], responder: str = "") -> bytes | None:
    """The issuer's answer (DER) that the first certificate of a chain is good, or None where there is none.

    `responder` is asked, or else the address in the certificate. An issuer that names none, or does not
    answer, is no reason not to sign: what is missing then is a convenience of those who check. Raises
    `CertificateRevoked`.
    """
    leaf = chain[0]
    url = responder or _named_responder(leaf)
    if not url or len(chain) < 2:
        return None
    fingerprint = leaf.fingerprint(hashes.SHA256())
    with _lock:
        kept = _kept.get(fingerprint)
    now = datetime.now(UTC)
    if kept is not None and now < kept.asked_again_at:
        return kept.response
    try:
        response = _asked(url, leaf, chain[1])
        usable = _checked(response, leaf, chain[1], now)
    except (OSError, ValueError) as error:
        logger.warning("The status of the signing certificate is unknown: %s: %s", url, error)
        return None
    with _lock:
        _kept[fingerprint] = _Answer(response, now + (usable - now) / 2)
    return response


def forget_answers() -> None:
    """Ask again for every certificate."""
    with _lock:
        _kept.clear()


def _named_responder(leaf: x509.Certificate) -> str:
    """The address of the responder that a certificate names, empty without one."""
    try:
        access = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ""
    urls = (
        one.access_location.value
        for one in access
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    )
    return next(urls, "")


def _asked(url: str, leaf: x509.Certificate, issuer: x509.Certificate) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise NoAnswer("not an http address")
    query = urllib.request.Request(url, _request(leaf, issuer), {"Content-Type": QUERY_TYPE})  # noqa: S310 - checked above
    with urllib.request.urlopen(query, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310
        response: bytes = answer.read(LARGEST_REPLY_BYTES)
    return response


def _request(leaf: x509.Certificate, issuer: x509.Certificate) -> bytes:
    # SHA-1 names the issuer here and proves nothing; it is the one that all responders know.
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1())  # noqa: S303
    return builder.build().public_bytes(serialization.Encoding.DER)


def _checked(data: bytes, leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> datetime:
    """Until when a response that says the certificate is good may be used.

    Raises `NoAnswer`, ValueError for what is no response, and `CertificateRevoked`.
    """
    response = ocsp.load_der_ocsp_response(data)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise NoAnswer(f"the responder says {response.response_status.name}")
    if response.serial_number != leaf.serial_number:
        raise NoAnswer("the answer is about another certificate")
    _check_signature(response, issuer, now)
    if response.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        raise CertificateRevoked
    until = response.next_update_utc
    if response.certificate_status is not ocsp.OCSPCertStatus.GOOD or until is None or until <= now:
        raise NoAnswer("the answer does not say that the certificate is good now")
    return until


def _check_signature(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> None:
    """Raises `NoAnswer` unless the issuer signed, or a responder whom the issuer certified for it."""
    signer = next(iter(response.certificates), issuer)
    try:
        if signer != issuer:
            signer.verify_directly_issued_by(issuer)
            usages = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            if ExtendedKeyUsageOID.OCSP_SIGNING not in usages or now > signer.not_valid_after_utc:
                raise NoAnswer("the responder has no valid certificate for answers")
        key, algorithm = signer.public_key(), response.signature_hash_algorithm
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        else:
            raise NoAnswer("the answer is signed in a way that is not known here")
    except (InvalidSignature, TypeError, x509.ExtensionNotFound) as error:
        raise NoAnswer("the answer is not the issuer's") from error
