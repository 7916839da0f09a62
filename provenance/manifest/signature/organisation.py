"""The organisation that stands behind what is signed here, named by a certificate of its own (CAWG).

The identity assertion of the Creator Assertions Working Group (1.1 to 1.3, `cawg.x509.cose`): the
organisation signs the hashes of other assertions of the manifest, the content binding among them. So it
vouches for this content and no other, whoever signs the claim.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from provenance.manifest.signature.cose import SIGNATURE_BYTES, Evidence, cose_sign1, encode, to_be_signed

LABEL: Final = "cawg.identity"
BINDING: Final = "c2pa.hash.bmff.v3"
REFERENCED: Final = (BINDING, "c2pa.actions.v2", "org.likeness.provenance")  # as far as they are there
_ALGORITHM, _X5CHAIN, _ES256 = 1, 33, -7
_TEXT_HEAD = 3  # bytes of the length of the placeholder's text

# An assertion's label and the SHA-256 of its box.
Reference = tuple[str, bytes]


class OrganisationKeyUnusable(ValueError):
    """The organisation's key or chain cannot be loaded, or they do not belong together."""


@dataclass(frozen=True)
class OrganisationIdentity:
    """An organisation's certificate chain (PEM, leaf first) and what signs with its key (ES256)."""

    chain_pem: str
    _sign: Callable[[bytes], bytes] = field(repr=False)

    @classmethod
    def from_files(cls, chain: Path, key: Path) -> OrganisationIdentity:
        """From PEM files. Raises OrganisationKeyUnusable."""
        try:
            chain_pem = chain.read_text()
            private = serialization.load_pem_private_key(key.read_bytes(), password=None)
            leaf = x509.load_pem_x509_certificate(chain_pem.encode())
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise OrganisationKeyUnusable(str(error)) from error
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != leaf.public_key():
            raise OrganisationKeyUnusable("The key does not belong to the first certificate of the chain.")
        if private.curve.name != "secp256r1":
            raise OrganisationKeyUnusable("The key has to be one of P-256.")
        return cls(chain_pem, lambda data: private.sign(data, ec.ECDSA(hashes.SHA256())))

    def assertion(self, references: Sequence[Reference]) -> bytes:
        """The CBOR of the assertion. Its length depends on the labels of the references alone."""
        payload: dict[str, object] = {
            "referenced_assertions": [
                {"url": f"self#jumbf=c2pa.assertions/{label}", "hash": digest} for label, digest in references
            ],
            "sig_type": "cawg.x509.cose",
        }
        chain: list[object] = [
            one.public_bytes(serialization.Encoding.DER)
            for one in x509.load_pem_x509_certificates(self.chain_pem.encode())
        ]
        protected = encode({_ALGORITHM: _ES256, _X5CHAIN: chain})
        r, s = decode_dss_signature(self._sign(to_be_signed(protected, encode(payload))))
        half = SIGNATURE_BYTES // 2
        signature = r.to_bytes(half, "big") + s.to_bytes(half, "big")
        signed = cose_sign1(protected, signature, Evidence(), None)
        return encode({"signer_payload": payload, "signature": signed, "pad1": b""})

    def placeholder(self, labels: Sequence[str]) -> dict[str, str]:
        """The data of an assertion that takes as many bytes in a draft as `assertion` for these labels."""
        size = len(self.assertion([(label, bytes(32)) for label in labels]))
        return {"pad1": "0" * (size - len(encode({"pad1": ""})) - _TEXT_HEAD + 1)}
