"""A small RFC 3161 time-stamp authority, for development and tests.

Nobody outside trusts it. Production asks somebody else's servers: that is the point of a
time-stamp.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Under the enterprise number that RFC 5612 keeps for examples.
POLICY = "1.3.6.1.4.1.32473.1"
ACCURACY_S = 1
# A status alone, which the library's own type for replies cannot hold.
_REJECTION = bytes(core.SequenceOf([{"status": "rejection"}], spec=tsp.PKIStatusInfo).dump())


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class TimestampAuthority:
    """A time-stamping certificate with its chain and key. `now` is the clock that it vouches for."""

    chain: tuple[x509.Certificate, ...]
    key: ec.EllipticCurvePrivateKey
    now: Callable[[], datetime] = _now

    @classmethod
    def from_files(cls, chain: Path, key: Path) -> TimestampAuthority:
        """A chain (PEM, time-stamping certificate first) and its key (PEM). Raises OSError, ValueError."""
        loaded = serialization.load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key.name} holds no elliptic-curve key")
        return cls(tuple(x509.load_pem_x509_certificates(chain.read_bytes())), loaded)

    def reply(self, request: bytes) -> bytes:
        """The DER-encoded reply to a DER-encoded request; what cannot be read is rejected."""
        try:
            asked = tsp.TimeStampReq.load(request)
            imprint = asked["message_imprint"]
            nonce, wants_chain = asked["nonce"].native, asked["cert_req"].native
            info = self._info(imprint, nonce)
        except (ValueError, TypeError):
            return _REJECTION
        token = cms.ContentInfo(
            {"content_type": "signed_data", "content": self._signed(info, with_chain=bool(wants_chain))}
        )
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _info(self, imprint: tsp.MessageImprint, nonce: int | None) -> bytes:
        values = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": imprint,
            "serial_number": secrets.randbits(63),
            "gen_time": self.now().astimezone(UTC).replace(microsecond=0),
            "accuracy": {"seconds": ACCURACY_S},
        }
        if nonce is not None:
            values["nonce"] = nonce
        return bytes(tsp.TSTInfo(values).dump())

    def _signed(self, info: bytes, *, with_chain: bool) -> cms.SignedData:
        own = asn1_x509.Certificate.load(_der(self.chain[0]))
        certificate_id = tsp.ESSCertIDv2(
            {
                "hash_algorithm": {"algorithm": "sha256"},
                "cert_hash": hashlib.sha256(_der(self.chain[0])).digest(),
            }
        )
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
                cms.CMSAttribute(
                    {
                        "type": "signing_certificate_v2",
                        "values": [tsp.SigningCertificateV2({"certs": [certificate_id]})],
                    }
                ),
            ]
        )
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {"issuer": own.issuer, "serial_number": own.serial_number}
                        )
                    }
                ),
                "digest_algorithm": {"algorithm": "sha256"},
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": self.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
            }
        )
        values = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
            "signer_infos": [signer],
        }
        if with_chain:
            values["certificates"] = [
                cms.CertificateChoices({"certificate": asn1_x509.Certificate.load(_der(certificate))})
                for certificate in self.chain
            ]
        return cms.SignedData(values)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
