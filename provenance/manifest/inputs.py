"""Judges the manifests of what a file was made from, each under our own trust anchors.

A manifest store holds the manifests of inputs beside the active one. What the tool that used an input wrote
down about it is that tool's word. Here each manifest is validated by itself: a store is made in which it is
the active one. Only its content binding cannot be checked, because the file that it is about is not here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import c2pa

from provenance.manifest.findings.c2pa_report import (
    C2paReport,
    ReportedManifest,
    ValidationResults,
    assertions_of,
    is_signed_by_us,
    rendition_id_of,
    source_type_of,
)
from provenance.manifest.findings.causes import CONTENT_MATCHES, UNKNOWN_SIGNER, Cause, cause_of
from provenance.manifest.findings.identity import PREFIX
from provenance.manifest.jumbf import NotAStore, stores_by_manifest
from provenance.manifest.states import STORE_ALONE, InputReading, InputState
from provenance.manifest.trust import LibrarySettings

MOST_INPUTS = 24  # manifests that are validated one by one
MOST_BYTES = 64 * 1024 * 1024  # of stores, in all
_DEEPEST = 6


def read_inputs(
    path: Path, media_type: str, report: C2paReport, settings: LibrarySettings
) -> tuple[InputReading, ...]:
    """The manifests that the active one was made from, the nearest first; empty without any.

    `report` is the library's on the file. What cannot be taken apart is `NOT_CHECKED`, with what the tools
    that used it wrote down.
    """
    found = _named(report)
    if not found:
        return ()
    validated = _validated(path, media_type, found, settings)
    links, bound = _broken_links(report), _bound(report)
    readings = (
        _reading(one, links.get(one.label, set()), validated.get(one.label)) for one in found.values()
    )
    return tuple(replace(one, is_bound=f"/{one.label}/" in bound) for one in readings)


def _bound(report: C2paReport) -> str:
    """The addresses of the content bindings that fit the file."""
    successes = report.get("validation_results", {}).get("activeManifest", {}).get("success", [])
    return " ".join(str(item.get("url")) for item in successes if item["code"] in CONTENT_MATCHES)


@dataclass(frozen=True)
class _Named:
    """An input's manifest: how it is used, and the failures that were written down then."""

    label: str
    relationship: str | None
    recorded: set[str]


def _named(report: C2paReport) -> dict[str, _Named]:
    """The manifests that the active one leads to, by label, breadth first."""
    manifests, found = report.get("manifests", {}), dict[str, _Named]()
    active = report.get("active_manifest")
    level: list[str | None] = [active]
    for _ in range(_DEEPEST):
        following: list[str | None] = []
        for label in level:
            for item in manifests.get(label, ReportedManifest()).get("ingredients", []):
                name = item.get("active_manifest")
                if name is None or name == active or name not in manifests:
                    continue
                recorded = {one["code"] for one in item.get("validation_status", [])}
                results = item.get("validation_results", ValidationResults()).get("activeManifest", {})
                recorded |= {one["code"] for one in results.get("failure", [])}
                if name in found:
                    found[name].recorded.update(recorded)
                elif len(found) < MOST_INPUTS:
                    found[name] = _Named(name, item.get("relationship"), recorded)
                    following.append(name)
        level = following
    return found


def _broken_links(report: C2paReport) -> dict[str, set[str]]:
    """By label, what is wrong with how a manifest is named: it is not the one that was meant."""
    found: dict[str, set[str]] = {}
    results = report.get("validation_results", ValidationResults())
    parts = [results.get("activeManifest", {})]
    parts += [delta.get("validationDeltas", {}) for delta in results.get("ingredientDeltas", [])]
    for part in parts:
        for item in part.get("failure", []):
            if cause_of(item["code"]) is Cause.INPUT:
                for label in report.get("manifests", {}):
                    if label and f"/{label}" in str(item.get("url")):
                        found.setdefault(label, set()).add(item["code"])
    return found


def _validated(
    path: Path, media_type: str, labels: Mapping[str, object], settings: LibrarySettings
) -> dict[str, C2paReport]:
    """The library's report on each of the manifests as the active one."""
    reports: dict[str, C2paReport] = {}
    left = MOST_BYTES
    context = c2pa.Context.from_dict(settings)
    try:
        for label, store in stores_by_manifest(_store(path, media_type, context), labels):
            left -= len(store)
            if left < 0:
                break
            with c2pa.Reader(STORE_ALONE, io.BytesIO(store), context=context) as reader:
                report: C2paReport = json.loads(reader.json())
            if report.get("active_manifest") == label:
                reports[label] = report
    except (c2pa.C2paError, NotAStore):
        pass  # what was validated until then counts
    return reports


def _store(path: Path, media_type: str, context: c2pa.Context) -> bytes:
    """The manifest store of a file of any type. Raises `C2paError`."""
    if media_type == STORE_ALONE:
        return path.read_bytes()
    # The library gives no raw store, but it takes one over from an ingredient, byte for byte.
    definition = {"claim_generator_info": [{"name": "Likeness"}], "assertions": []}
    builder = c2pa.Builder(json.dumps(definition), context=context)
    with path.open("rb") as file:
        builder.add_ingredient(json.dumps({"title": "file", "relationship": "inputTo"}), media_type, file)
    archive = io.BytesIO()
    builder.to_archive(archive)
    return archive.getvalue()


def _reading(named: _Named, links: set[str], report: C2paReport | None) -> InputReading:
    label = named.label
    found = InputReading(
        label=label,
        relationship=named.relationship[:40] if named.relationship else None,
        state=InputState.NOT_CHECKED,
        codes=tuple(sorted(named.recorded | links)),
        recorded=tuple(sorted(named.recorded)),
    )
    if report is None:
        return found
    active = report.get("validation_results", {}).get("activeManifest", {})
    successes = active.get("success", [])
    # The library says of identities which manifest they stand in by the address alone.
    failures = {
        item["code"]
        for item in active.get("failure", [])
        if not item["code"].startswith(PREFIX) or f"/{label}/" in str(item.get("url"))
    }
    # Whether its file was as signed when it was used, only the tool that used it saw.
    failures = {code for code in failures if cause_of(code) is not Cause.CONTENT}
    failures |= links | {code for code in named.recorded if cause_of(code) is Cause.CONTENT}
    here = {code for code in failures if cause_of(code) not in {Cause.CONTENT, Cause.IDENTITY}}
    is_ours = is_signed_by_us(successes) and not here
    if is_ours:
        state = InputState.OURS
    elif not here:
        state = InputState.KNOWN_SIGNER
    elif here <= UNKNOWN_SIGNER:
        state = InputState.UNKNOWN_SIGNER
    else:
        state = InputState.INVALID
    assertions = assertions_of(report.get("manifests", {}).get(label, ReportedManifest()), successes)
    is_parent = named.relationship == "parentOf"
    return replace(
        found,
        state=state,
        codes=tuple(sorted(failures)),
        digital_source_type=source_type_of(assertions) if is_parent else None,
        rendition_id=rendition_id_of(assertions) if is_ours else None,
    )
