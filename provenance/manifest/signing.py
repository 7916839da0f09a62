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
from dataclasses import dataclass
from pathlib import Path

import c2pa

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
from provenance.manifest.signature.signer import SigningFailed, SigningIdentity, SigningKeyUnusable
from provenance.manifest.timestamping import TimestampServers
from provenance.manifest.trust import TrustStore

__all__ = [
    "ReadBackFailed",
    "SignedManifest",
    "SigningFailed",
    "SigningIdentity",
    "SigningKeyUnusable",
    "sign_edited",
    "sign_file",
]
logger = logging.getLogger(__name__)


class ReadBackFailed(SigningFailed):
    """The file was signed, but reading it back did not give what must come out. Nothing is left behind."""

    code = "signature_not_trusted"
    message = "The signed video did not pass its own check, so it was thrown away."
    hint = "The certificate does not chain to our own trust anchors, or the file changed while being signed."


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
