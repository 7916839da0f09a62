"""Who signs: a certificate chain and its key, in a file or in a key service."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from provenance.common.errors import CodedError
from provenance.manifest.signature.cose import SIGNATURE_BYTES
from provenance.manifest.signature.organisation import OrganisationIdentity
from provenance.manifest.signature.revocation import certificate_status

logger = logging.getLogger(__name__)


class SigningFailed(CodedError):
    """The file could not be signed. Nothing is left behind."""

    code = "signing_failed"
    status = 500
    message = "The video could not be signed."
    hint = "The signing key, certificate or key service needs the operator's attention."


class SigningKeyUnusable(SigningFailed):
    """The key or chain cannot be loaded, or they do not belong together."""

    code = "signing_key_unusable"
    message = "The signing key and its certificate chain cannot be used."
    hint = "Run `manage.py create_keys` for development, or check the two files that the settings name."


@dataclass(frozen=True)
class SigningIdentity:
    """Who signs: a certificate chain, and either a private key or a function of a key service. ES256 only.

    `ocsp_responder`: the address that is asked whether the certificate was taken back, in place of the one
    that it names. `organisation`: whose identity is named in what is signed, None for nobody's.
    """

    chain_pem: str
    _sign: Callable[[bytes], bytes] = field(repr=False)
    ocsp_responder: str = ""
    organisation: OrganisationIdentity | None = None

    @classmethod
    def from_files(cls, chain: Path, key: Path) -> SigningIdentity:
        """A chain (PEM, leaf first) and its private key (PEM). Raises `SigningKeyUnusable`."""
        try:
            return cls.from_pem(chain.read_text(), key.read_text())
        except OSError as error:
            raise SigningKeyUnusable from error

    @classmethod
    def from_pem(cls, chain_pem: str, key_pem: str) -> SigningIdentity:
        """As `from_files`, from their texts."""
        try:
            private = serialization.load_pem_private_key(key_pem.encode(), password=None)
            leaf = x509.load_pem_x509_certificate(chain_pem.encode())
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SigningKeyUnusable from error
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != leaf.public_key():
            raise SigningKeyUnusable("The signing key does not belong to the first certificate of the chain.")
        return cls(chain_pem, lambda data: private.sign(data, ec.ECDSA(hashes.SHA256())))

    @classmethod
    def from_callback(cls, chain_pem: str, sign: Callable[[bytes], bytes]) -> SigningIdentity:
        """A chain, and a function that signs bytes with ECDSA on P-256 and SHA-256.

        The function is called once per video, on the calling thread, with about 2 kB. It returns the
        signature as DER or as the 64 bytes r || s. What it raises arrives as the cause of `SigningFailed`.
        """
        return cls(chain_pem, sign)

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate whose key signs."""
        return x509.load_pem_x509_certificate(self.chain_pem.encode())

    def sign(self, data: bytes) -> bytes:
        """The signature r || s. Raises `SigningFailed`, with what the key service raised as its cause."""
        try:
            signature = self._sign(data)
            if len(signature) == SIGNATURE_BYTES:
                return signature
            half = SIGNATURE_BYTES // 2
            r, s = decode_dss_signature(signature)
            return r.to_bytes(half, "big") + s.to_bytes(half, "big")
        except Exception as error:  # whatever a key service's function raises
            logger.error("Signing failed: %s: %s", type(error).__name__, error)
            raise SigningFailed from error

    def status(self) -> bytes | None:
        """The issuer's answer that the certificate is good. Raises `CertificateRevoked`."""
        chain = x509.load_pem_x509_certificates(self.chain_pem.encode())
        return certificate_status(chain, self.ocsp_responder)
