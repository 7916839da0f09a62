"""Reads and validates the Content Credentials in a file with the C2PA library.

Runs the native parser on hostile bytes: call it in an isolated process, except for files that we have just
made.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import c2pa

from provenance.manifest.claim import soft_binding_value
from provenance.manifest.findings.c2pa_report import (
    LONGEST_TEXT,
    AssertionData,
    C2paReport,
    ReportedFinding,
    ReportedGenerator,
    ReportedIngredient,
    ReportedManifest,
    ReportedSignature,
    ValidationResults,
    assertions_of,
    is_signed_by_us,
    matched,
    rendition_id_of,
    source_type_of,
    text_of,
)
from provenance.manifest.findings.causes import (
    CONTENT_MATCHES,
    UNKNOWN_SIGNER,
    Cause,
    cause_of,
    is_content_compared,
)
from provenance.manifest.findings.identity import PREFIX as IDENTITY_PREFIX
from provenance.manifest.findings.identity import identity_state
from provenance.manifest.inputs import read_inputs
from provenance.manifest.library_report import read_report
from provenance.manifest.states import STORE_ALONE, InputReading, ManifestReading, ManifestState
from provenance.manifest.tree import manifest_tree
from provenance.manifest.trust import TrustStore

__all__ = ["ManifestReading", "ManifestState", "read_manifest"]

_STORE_UUID = bytes.fromhex("6332706100110010800000aa00389b71")  # JUMBF type of a manifest store
_MEDIA_BOXES = {"/mdat", "/moov", "/moov/trak", "/moof"}
_MOST_EDITS = 6  # one after the other
_EXPIRED_CODES = {"signingCredential.expired", "signingCredential.untrusted"}


def read_manifest(
    path: Path,
    trust: TrustStore,
    *,
    media_type: str = "video/mp4",
    segments: Sequence[tuple[int, int]] = (),
) -> ManifestReading:
    """Read and validate the credentials embedded in a file. Never raises for what is in the file.

    `media_type` is a hint; the library looks for itself. Nothing is fetched: a manifest that is only named by
    an address gives `remote_only`, and the address is not kept. Manifests by themselves (`application/c2pa`)
    are `detached` at best, whatever they say: nothing is here that they could fit. `segments` are offset and
    bytes of those of a segmented MP4: where the credentials are about its beginning and each of them, they
    are held against each.
    """
    try:
        report = read_report(path, media_type, trust.settings(), segments)
        reading = _reading(report, read_inputs(path, media_type, report, trust.settings()))
        if reading.state is ManifestState.TRUSTED_OTHER and trust.timestamp_anchors_pem:
            signer = _reading(
                read_report(path, media_type, trust.settings_for_signers(), segments), reading.inputs
            )
            if signer.state is not ManifestState.TRUSTED_OTHER:
                reading = signer
        elif reading.state is ManifestState.INVALID and _is_only_expired(reading):
            when_signed = _reading(
                read_report(path, media_type, trust.settings_for_signers(), segments), reading.inputs
            )
            if when_signed.state in {ManifestState.VALID_UNTRUSTED, ManifestState.TRUSTED_OTHER}:
                reading = replace(reading, state=ManifestState.VALID_UNTRUSTED)
    except c2pa.C2paError.ManifestNotFound:
        return ManifestReading(ManifestState.NONE)
    except c2pa.C2paError.NotSupported:
        if media_type == STORE_ALONE:  # such as the manifests of a ZIP, which are checked entry by entry
            return ManifestReading(ManifestState.UNREADABLE)
        # Matroska and the like: no place for credentials in it that anybody could read.
        return ManifestReading(ManifestState.NONE, codes=("format.unsupported",))
    except c2pa.C2paError as error:
        if "must fetch remote manifest" in str(error):
            return ManifestReading(ManifestState.REMOTE_ONLY)
        if "naked codestream" in str(error):
            # JPEG XL without its container, which has no place for credentials either.
            return ManifestReading(ManifestState.NONE, codes=("format.unsupported",))
        return ManifestReading(ManifestState.UNREADABLE, is_there=_names_a_store(path))
    return _alone(reading) if media_type == STORE_ALONE else reading


def _names_a_store(path: Path) -> bool:
    """Whether a file holds the name that every C2PA manifest store begins with."""
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(_STORE_UUID) >= 0


def _alone(reading: ManifestReading) -> ManifestReading:
    """What can be said of manifests without their file: the library took the store itself for it."""
    if reading.label is None:
        return ManifestReading(ManifestState.UNREADABLE)
    codes = tuple(code for code in reading.codes if cause_of(code) is not Cause.CONTENT)
    is_signed = {cause_of(code) for code in codes} <= {Cause.CERTIFICATE, Cause.IDENTITY}
    return replace(reading, state=ManifestState.DETACHED if is_signed else ManifestState.INVALID, codes=codes)


def _is_only_expired(reading: ManifestReading) -> bool:
    """Whether all that is wrong with credentials of others is that the certificate has expired since.

    A time-stamp by an unknown authority may say that it was valid when it signed. That makes nobody
    known or trusted; but the file is as it was signed, which "invalid" would deny. Never so for our own:
    whoever has an old key of ours can also run a time-stamp authority.
    """
    codes = {code for code in reading.codes if not code.startswith(IDENTITY_PREFIX)}
    return not reading.is_signed_by_us and codes <= _EXPIRED_CODES


def _reading(report: C2paReport, inputs: tuple[InputReading, ...]) -> ManifestReading:
    label = report.get("active_manifest")
    manifest = report.get("manifests", {}).get(label, ReportedManifest())
    results = report.get("validation_results", ValidationResults())
    active = results.get("activeManifest", {})
    successes, failures = active.get("success", []), active.get("failure", [])
    failed = {item["code"] for item in failures}
    is_ours = is_signed_by_us(successes)
    held = {item["code"] for item in successes}
    match _validation_state(report):
        case "Trusted":
            state = ManifestState.TRUSTED_OURS if is_ours else ManifestState.TRUSTED_OTHER
        case "Valid":
            state = ManifestState.VALID_UNTRUSTED
        case _:
            state = ManifestState.INVALID
    assertions = assertions_of(manifest, successes)
    rendition_id = rendition_id_of(assertions)
    edited_id = None
    if rendition_id is None and state is ManifestState.TRUSTED_OURS:
        edited_id = _edited_rendition_id(report)
    signature = manifest.get("signature_info", ReportedSignature())
    generators = manifest.get("claim_generator_info") or [ReportedGenerator()]
    return ManifestReading(
        state=state,
        codes=tuple(sorted(failed)),
        is_time_stamped=any(item["code"] == "timeStamp.trusted" for item in successes),
        is_signed_by_us=is_ours and not any(code.startswith("claimSignature") for code in failed),
        is_edited=edited_id is not None,
        label=label,
        title=text_of(manifest.get("title")),
        signer_name=text_of(signature.get("issuer")) or text_of(signature.get("common_name")),
        signer_serial=text_of(signature.get("cert_serial_number")),
        generator=text_of(generators[0].get("name")) or text_of(manifest.get("claim_generator")),
        digital_source_type=source_type_of(assertions),
        signed_at=text_of(signature.get("time")),
        rendition_id=rendition_id or edited_id,
        watermark_algorithm=text_of(assertions.get("c2pa.soft-binding", {}).get("alg")),
        watermark_value=_soft_binding(assertions),
        ingredient_codes=_ingredient_codes(manifest, results, inputs),
        tree=manifest_tree(report, {item.label: item for item in inputs}),
        is_content_bound="claimSignature.validated" in held
        and bool(held & CONTENT_MATCHES)
        and not any(cause_of(code) is Cause.CONTENT for code in failed),
        is_media_excluded=any(box in _MEDIA_BOXES for box in manifest.get("excluded_boxes", [])),
        is_unbound=any(cause_of(item["code"]) is Cause.CONTENT for item in failures)
        and not any(is_content_compared(item["code"], item.get("explanation", "")) for item in failures),
        identity=identity_state(*(_of_identity(label, found) for found in (successes, failures))),
        inputs=inputs,
    )


def _of_identity(label: str | None, findings: list[ReportedFinding]) -> list[str]:
    """The codes about the identity that the manifest with this label names, not about that of an input."""
    return [
        item["code"]
        for item in findings
        if item["code"].startswith(IDENTITY_PREFIX) and f"/{label}/" in str(item.get("url"))
    ]


def _validation_state(report: C2paReport) -> str | None:
    """The library's state, as if no identity were named: that has a state of its own."""
    state, results = report.get("validation_state"), report.get("validation_results", ValidationResults())
    active = results.get("activeManifest", {})
    parts = [active, *(delta.get("validationDeltas", {}) for delta in results.get("ingredientDeltas", []))]
    codes = {item["code"] for part in parts for item in part.get("failure", [])}
    others = {code for code in codes if not code.startswith(IDENTITY_PREFIX)}
    if others == codes or others - UNKNOWN_SIGNER:
        return state
    successes = {item["code"] for item in active.get("success", [])}
    failures = {item["code"] for item in active.get("failure", [])}
    is_trusted = "signingCredential.trusted" in successes and not failures & UNKNOWN_SIGNER
    return "Trusted" if is_trusted else "Valid"


def _edited_rendition_id(report: C2paReport) -> str | None:
    """The video that was edited here, in the report on a file whose active manifest is trusted and ours.

    The parent's id counts because three things hold: the active manifest, which fits this content, names the
    parent by hash and says that it was valid and ours when the edit was signed; that hash still matches; and
    the id stands in an assertion that the parent's own signature covers. An edit of an edit is followed down.
    """
    manifests = report["manifests"]
    label, results = report["active_manifest"], report["validation_results"]
    if any(delta["validationDeltas"].get("failure") for delta in results.get("ingredientDeltas", [])):
        return None
    for _ in range(_MOST_EDITS):
        parent = _parent(manifests[label], results)
        if parent is None or parent["active_manifest"] not in manifests:
            return None
        label, results = parent["active_manifest"], parent["validation_results"]
        said = results.get("activeManifest", {})
        if said.get("failure") or not is_signed_by_us(said.get("success", [])):
            return None
        assertions = assertions_of(manifests[label], said["success"])
        if rendition_id := rendition_id_of(assertions):
            return rendition_id
    return None


def _parent(manifest: ReportedManifest, results: ValidationResults) -> ReportedIngredient | None:
    """The ingredient that is the one parent of a manifest, if that manifest covers it and it is unaltered.

    `results` is what was found when the manifest was validated.
    """
    parents = [item for item in manifest.get("ingredients", []) if item.get("relationship") == "parentOf"]
    if len(parents) != 1 or not parents[0].get("validation_results"):
        return None
    (parent,) = parents
    covered = matched(results.get("activeManifest", {}).get("success", []))
    address = f"/{manifest['label']}/c2pa.assertions/{parent.get('label')}"
    unaltered = any(
        item["code"] == "ingredient.manifest.validated"
        and str(item.get("url")).endswith(f"/{parent.get('active_manifest')}")
        for delta in results.get("ingredientDeltas", [])
        if str(delta.get("ingredientAssertionURI")).endswith(address)
        for item in delta["validationDeltas"].get("success", [])
    )
    return parent if unaltered and any(url.endswith(address) for url in covered) else None


def _soft_binding(assertions: dict[str, AssertionData]) -> str | None:
    blocks = assertions.get("c2pa.soft-binding", {}).get("blocks")
    first = blocks[0] if isinstance(blocks, list) and blocks else None
    value = first.get("value") if isinstance(first, dict) else None
    if isinstance(value, list) and len(value) <= LONGEST_TEXT:
        try:
            return soft_binding_value(bytes(value))  # a byte string, as the library shows it
        except (TypeError, ValueError):
            return None
    return text_of(value)


def _ingredient_codes(
    manifest: ReportedManifest, results: ValidationResults, inputs: tuple[InputReading, ...]
) -> tuple[str, ...]:
    """What is wrong with the credentials of the inputs: it does not make the file itself invalid, but must be
    said.

    What was found here counts; where nothing could be, what the tool that used an input wrote down.
    """
    judged = {item.label for item in inputs}
    deltas = [delta.get("validationDeltas", {}) for delta in results.get("ingredientDeltas", [])]
    failures = [
        failure
        for part in deltas
        for failure in part.get("failure", [])
        if cause_of(failure["code"]) is Cause.INPUT
        or not any(f"/{label}" in str(failure.get("url")) for label in judged)
    ]
    for item in manifest.get("ingredients", []):
        if item.get("active_manifest") not in judged:
            failures += item.get("validation_status", [])
            failures += item.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    codes = {failure["code"] for failure in failures}
    return tuple(sorted(codes.union(*(item.codes for item in inputs))))
