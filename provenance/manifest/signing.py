"""Signing a finished file, last of all, and reading it back before anybody may have it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.errors import CodedError
from provenance.manifest.claim import VIDEO_FORMAT, RenditionClaim, manifest_definition, soft_binding_value
from provenance.manifest.reading import ManifestReading, ManifestState, read_manifest
from provenance.manifest.trust import TrustStore


class SigningFailed(CodedError):
    """The file could not be signed. Nothing is left behind."""

    code = "signing_failed"
    status = 500
    message = "The video could not be signed."
    hint = "The signing key, certificate or key service needs the operator's attention."


class ReadBackFailed(SigningFailed):
    """The file was signed, but reading it back did not give what must come out. Nothing is left behind."""

    code = "signature_not_trusted"
    message = "The signed video did not pass its own check, so it was thrown away."
    hint = "The certificate does not chain to our own trust anchors, or the file changed while being signed."


class SigningKeyUnusable(SigningFailed):
    """The key or chain cannot be loaded, or they do not belong together."""

    code = "signing_key_unusable"
    message = "The signing key and its certificate chain cannot be used."
    hint = "Run `manage.py create_keys` for development, or check the two files that the settings name."


@dataclass(frozen=True)
class SigningIdentity:
    """Who signs: a certificate chain, and either a private key or a function of a key service. ES256 only."""

    chain_pem: str
    _key_pem: str | None = field(default=None, repr=False)
    _sign: Callable[[bytes], bytes] | None = field(default=None, repr=False)

    @classmethod
    def from_files(cls, chain: Path, key: Path) -> SigningIdentity:
        """A chain (PEM, leaf first) and its private key (PEM). Raises `SigningKeyUnusable`."""
        try:
            chain_pem, key_pem = chain.read_text(), key.read_text()
            private = serialization.load_pem_private_key(key_pem.encode(), password=None)
            leaf = x509.load_pem_x509_certificate(chain_pem.encode())
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SigningKeyUnusable from error
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != leaf.public_key():
            raise SigningKeyUnusable("The signing key does not belong to the first certificate of the chain.")
        return cls(chain_pem, _key_pem=key_pem)

    @classmethod
    def from_callback(cls, chain_pem: str, sign: Callable[[bytes], bytes]) -> SigningIdentity:
        """A chain, and a function that signs bytes with ECDSA on P-256 and SHA-256.

        The function is called once per video, on the calling thread, with about 2 kB. It returns the
        signature as DER or as the 64 bytes r || s. What it raises arrives as the cause of `SigningFailed`.
        """
        return cls(chain_pem, _sign=sign)

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate whose key signs."""
        return x509.load_pem_x509_certificate(self.chain_pem.encode())


@dataclass(frozen=True)
class SignedManifest:
    """The manifest store as embedded in the file, and the label of its active manifest."""

    manifest: bytes
    label: str


def sign_file(
    source: Path, destination: Path, claim: RenditionClaim, identity: SigningIdentity, trust: TrustStore
) -> SignedManifest:
    """Embed the signed manifest of `claim` in the finished MP4 at `source` and put the result at
    `destination`.

    The result is read back before it gets its name: it must be trusted by our own anchors, signed by this
    very certificate, and say what the claim says. Afterwards the file must not be touched. Raises
    `ClaimInvalid`, `SigningKeyUnusable`, `SigningFailed` or `ReadBackFailed`; then there is no file at
    `destination` or beside it.
    """
    definition = json.dumps(manifest_definition(claim))
    partial = destination.with_name(f".{destination.name}.{os.getpid()}.partial")
    try:
        manifest = _sign(source, partial, definition, identity, trust)
        label = _check(read_manifest(partial, trust), claim, identity)
        partial.replace(destination)
    finally:
        partial.unlink(missing_ok=True)
    return SignedManifest(manifest, label)


def _sign(source: Path, target: Path, definition: str, identity: SigningIdentity, trust: TrustStore) -> bytes:
    # Contexts and signers do not survive a fork and builders are used once, so each is made for this one
    # file.
    causes: list[Exception] = []
    try:
        context = c2pa.Context.from_dict(trust.settings())
        signer = _signer(identity, causes)
        with (
            c2pa.Builder(definition, context=context) as builder,
            source.open("rb") as read,
            target.open("w+b") as write,
        ):
            manifest = builder.sign(signer, VIDEO_FORMAT, read, write)
            write.flush()
            os.fsync(write.fileno())
    except c2pa.C2paError as error:
        raise SigningFailed from (causes[0] if causes else error)
    return bytes(manifest)


def _signer(identity: SigningIdentity, causes: list[Exception]) -> c2pa.Signer:
    if identity._key_pem is not None:
        key = identity._key_pem.encode()
        return c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", identity.chain_pem.encode(), key, None))
    sign = identity._sign
    if sign is None:
        raise SigningKeyUnusable

    def remember_failure(data: bytes) -> bytes:
        # The library turns whatever happens here into "signature invalid"; keep the real reason.
        try:
            return sign(data)
        except Exception as error:
            causes.append(error)
            raise

    return c2pa.Signer.from_callback(remember_failure, c2pa.C2paSigningAlg.ES256, identity.chain_pem)


def _check(reading: ManifestReading, claim: RenditionClaim, identity: SigningIdentity) -> str:
    if reading.state is not ManifestState.TRUSTED_OURS or reading.label is None:
        codes = ", ".join(reading.codes) or "no codes"
        raise ReadBackFailed(
            f"The signed video reads back as {reading.state} ({codes}), so it was thrown away."
        )
    if reading.signer_serial != str(identity.leaf.serial_number):
        raise ReadBackFailed("The signed video names another signer than ours, so it was thrown away.")
    said = (
        reading.rendition_id,
        reading.watermark_algorithm,
        reading.watermark_value,
        reading.digital_source_type,
    )
    meant = (
        claim.rendition_id,
        claim.watermark_algorithm,
        soft_binding_value(claim.watermark_value),
        claim.digital_source_type,
    )
    if said != meant:
        raise ReadBackFailed("The signed video does not say what was signed, so it was thrown away.")
    return reading.label
