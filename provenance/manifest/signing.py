"""Signs a finished file with its C2PA manifest, and reads it back before anybody may have it.

The C2PA library writes the manifest into the file with a signature that counts for nothing, by a key that is
thrown away; `signature.draft` finishes it in place, so that the signing key is used once for each file.
"""

from __future__ import annotations

import copy
import json
import logging
import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from provenance.common.errors import CodedError
from provenance.manifest.claim import (
    VIDEO_FORMAT,
    ClaimInvalid,
    RenditionClaim,
    manifest_definition,
    soft_binding_value,
)
from provenance.manifest.definition import ManifestDefinition
from provenance.manifest.editing import OPENED, PARENT, EditClaim, edit_definition
from provenance.manifest.findings.identity import IdentityState
from provenance.manifest.reading import ManifestReading, ManifestState, read_manifest
from provenance.manifest.signature.cose import SIGNATURE_BYTES, Evidence, NoSignature
from provenance.manifest.signature.draft import SOFT_BINDING, DraftUnusable, finished, placeholder
from provenance.manifest.signature.organisation import BINDING, REFERENCED, OrganisationIdentity
from provenance.manifest.signature.organisation import LABEL as IDENTITY
from provenance.manifest.signature.revocation import certificate_status
from provenance.manifest.timestamping import TimestampServers
from provenance.manifest.trust import TrustStore

logger = logging.getLogger(__name__)


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


@dataclass(frozen=True)
class SignedManifest:
    """The manifest store as embedded in the file, and the label of its active manifest."""

    manifest: bytes
    label: str


def sign_file(
    source: Path,
    destination: Path,
    claim: RenditionClaim,
    identity: SigningIdentity,
    trust: TrustStore,
    *,
    timestamps: TimestampServers | None = None,
) -> SignedManifest:
    """Embed the signed manifest of `claim` in the finished MP4 at `source` and put the result at
    `destination`.

    The result is read back before it gets its name: it must be trusted by our own anchors, signed by this
    very certificate, say what the claim says and, with `timestamps`, carry a time-stamp that we believe.
    Afterwards the file must not be touched: what is edited all the same goes through `sign_edited`. Raises
    `ClaimInvalid`, `SigningKeyUnusable`, `SigningFailed`, `ReadBackFailed` or `TimestampUnavailable`; then
    there is no file at `destination` or beside it.
    """
    if read_manifest(source, trust).state not in {ManifestState.NONE, ManifestState.UNREADABLE}:
        raise SigningFailed("The video carries credentials already, and signing it anew would drop them.")

    def is_meant(reading: ManifestReading) -> bool:
        return (
            reading.rendition_id == claim.rendition_id
            and reading.watermark_algorithm == claim.watermark_algorithm
            and reading.watermark_value == soft_binding_value(claim.watermark_value)
            and reading.digital_source_type == claim.picture_source_type
        )

    definition = manifest_definition(claim)
    signer = _Signing(identity, trust, timestamps)
    return signer.sign(definition, source, destination, is_meant=is_meant, soft_binding=claim.watermark_value)


def sign_edited(
    edited: Path,
    destination: Path,
    claim: EditClaim,
    identity: SigningIdentity,
    trust: TrustStore,
    *,
    parent: Path,
    timestamps: TimestampServers | None = None,
) -> SignedManifest:
    """Sign the MP4 at `edited`, which was made from the signed file `parent`, into `destination`.

    `parent` must be trusted by our own anchors and say which rendition it is: what was tampered with is not
    signed over. Its manifests stay inside. The result is read back: it must lead to the same rendition
    through this very parent and say what was done, or there is no file. Raises as `sign_file`.
    """
    before = read_manifest(parent, trust)
    if before.state is not ManifestState.TRUSTED_OURS:
        raise ClaimInvalid("The video that was edited does not carry good credentials of ours.")
    if before.rendition_id is None:
        raise ClaimInvalid("The credentials of the video that was edited do not say which video it is.")

    def is_meant(reading: ManifestReading) -> bool:
        former = reading.tree.parent if reading.tree else None
        return (
            reading.is_edited
            and reading.rendition_id == before.rendition_id
            and reading.tree is not None
            and reading.tree.actions == (OPENED, claim.action)
            and former is not None
            and former.label == before.label
        )

    definition = edit_definition(claim)
    signer = _Signing(identity, trust, timestamps)
    return signer.sign(definition, edited, destination, parent=parent, is_meant=is_meant)


@dataclass(frozen=True)
class _Signing:
    """The signing identity, the trust anchors and the time-stamp servers."""

    identity: SigningIdentity
    trust: TrustStore
    timestamps: TimestampServers | None

    def sign(
        self,
        definition: ManifestDefinition,
        source: Path,
        destination: Path,
        *,
        is_meant: Callable[[ManifestReading], bool],
        soft_binding: bytes | None = None,
        parent: Path | None = None,
    ) -> SignedManifest:
        partial = destination.with_name(f".{destination.name}.{os.getpid()}.partial")
        try:
            manifest = self._embed(definition, source, partial, parent, soft_binding)
            label = self._check(read_manifest(partial, self.trust), is_meant)
            partial.replace(destination)
        finally:
            partial.unlink(missing_ok=True)
        return SignedManifest(manifest, label)

    def _embed(
        self,
        definition: ManifestDefinition,
        source: Path,
        target: Path,
        parent: Path | None,
        soft_binding: bytes | None = None,
    ) -> bytes:
        """Write the file at `target`, with `soft_binding` as bytes; the manifest store that is in it."""
        if soft_binding is not None:
            definition = _with_placeholder(definition, soft_binding)
        if self.identity.organisation is not None:
            definition = _with_organisation(definition, self.identity.organisation)
        draft = self._drafted(definition, source, target, parent)
        manifest = self._finished(draft, soft_binding)
        _put_in_place(target, draft, manifest)
        return manifest

    def _drafted(
        self, definition: ManifestDefinition, source: Path, target: Path, parent: Path | None
    ) -> bytes:
        """Write the file with a signature that counts for nothing; the manifest store that is in it."""
        # Contexts and signers do not survive a fork and builders are used once, so each is made for this one
        # file.
        settings = self.trust.settings()
        settings["verify"]["verify_after_sign"] = False
        try:
            context = c2pa.Context.from_dict(settings)
            signer = c2pa.Signer.from_callback(
                lambda _: bytes(SIGNATURE_BYTES), c2pa.C2paSigningAlg.ES256, self.identity.chain_pem, None
            )
            with (
                c2pa.Builder(json.dumps(definition), context=context) as builder,
                source.open("rb") as read,
                target.open("w+b") as write,
            ):
                if parent is not None:
                    with parent.open("rb") as former:
                        used = {"label": PARENT, "title": PARENT, "relationship": "parentOf"}
                        builder.add_ingredient(used, VIDEO_FORMAT, former)
                return bytes(builder.sign(signer, VIDEO_FORMAT, read, write))
        except c2pa.C2paError as error:
            logger.error("Signing failed: %s: %s", type(error).__name__, error)
            raise SigningFailed from error

    def _finished(self, draft: bytes, soft_binding: bytes | None) -> bytes:
        status = self.identity.status()  # before the key is used

        def evidence(to_be_stamped: bytes) -> Evidence:
            return Evidence(self.timestamps.stamp(to_be_stamped) if self.timestamps else None, status)

        try:
            return finished(
                draft,
                soft_binding=soft_binding,
                sign=self.identity.sign,
                evidence=evidence,
                organisation=self.identity.organisation,
            )
        except (DraftUnusable, NoSignature) as error:
            logger.error("Signing failed: %s", error)
            raise SigningFailed from error

    def _check(self, reading: ManifestReading, is_meant: Callable[[ManifestReading], bool]) -> str:
        if reading.state is not ManifestState.TRUSTED_OURS or reading.label is None:
            codes = ", ".join(reading.codes) or "no codes"
            raise ReadBackFailed(
                f"The signed video reads back as {reading.state} ({codes}), so it was thrown away."
            )
        if reading.signer_serial != str(self.identity.leaf.serial_number):
            raise ReadBackFailed("The signed video names another signer than ours, so it was thrown away.")
        if self.timestamps is not None and not reading.is_time_stamped:
            raise ReadBackFailed(
                "The signed video carries no time-stamp that we believe, so it was thrown away."
            )
        if self.identity.organisation is not None and reading.identity in {None, IdentityState.INVALID}:
            raise ReadBackFailed("The identity of the organisation does not hold, so it was thrown away.")
        if not is_meant(reading):
            raise ReadBackFailed("The signed video does not say what was signed, so it was thrown away.")
        return reading.label


def _with_placeholder(definition: ManifestDefinition, soft_binding: bytes) -> ManifestDefinition:
    definition = copy.deepcopy(definition)
    for assertion in definition["assertions"]:
        if assertion["label"] == SOFT_BINDING:
            assertion["data"]["blocks"][0]["value"] = placeholder(soft_binding)
    return definition


def _with_organisation(
    definition: ManifestDefinition, organisation: OrganisationIdentity
) -> ManifestDefinition:
    definition = copy.deepcopy(definition)
    there = {BINDING, *(assertion["label"] for assertion in definition["assertions"])}
    data = organisation.placeholder([label for label in REFERENCED if label in there])
    definition["assertions"].append({"label": IDENTITY, "data": data})
    return definition


def _put_in_place(path: Path, draft: bytes, manifest: bytes) -> None:
    """Write the finished manifest store over its draft, which the file holds once. Raises `SigningFailed`."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        at = content.find(draft)
        if at < 0 or len(manifest) != len(draft):
            raise SigningFailed("The file does not hold the manifest that was drafted for it.")
        content[at : at + len(manifest)] = manifest
        content.flush()
        os.fsync(file.fileno())
