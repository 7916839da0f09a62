"""A small OCSP responder (RFC 6960) for the development authority's certificates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from provenance.manifest.signature.local_server import Service
from provenance.manifest.signature.revocation import REPLY_TYPE

ANSWER_HOLDS = timedelta(days=7)


@dataclass(frozen=True)
class OcspResponder:
    """Answers for what `issuer` certified, signed with its own key; `revoked` are serial numbers."""

    issuer: x509.Certificate
    issuer_key: ec.EllipticCurvePrivateKey
    revoked: Collection[int] = ()

    @property
    def service(self) -> Service:
        """The responder over HTTP."""
        return Service(REPLY_TYPE, self.reply)

    def reply(self, request: bytes) -> bytes:
        """The DER-encoded response to a DER-encoded request; what is no request, or another's, is refused."""
        try:
            asked = ocsp.load_der_ocsp_request(request)
        except ValueError:
            return _refusal(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if asked.issuer_key_hash != _key_hash(self.issuer, asked.hash_algorithm):
            return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        now = datetime.now(UTC)
        is_revoked = asked.serial_number in self.revoked
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(minutes=1),
            next_update=now + ANSWER_HOLDS,
            revocation_time=now - timedelta(hours=1) if is_revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if is_revoked else None,
        )
        signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.issuer).sign(
            self.issuer_key, hashes.SHA256()
        )
        return signed.public_bytes(serialization.Encoding.DER)


def _refusal(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)


def _key_hash(issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    """RFC 6960's hash of an issuer's key: of the bits alone, without the description of its kind."""
    point = issuer.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    digest = hashes.Hash(algorithm)
    digest.update(point)
    return digest.finalize()
