"""Have the C2PA library report on a file, and what its reports leave out: bindings, and videos in parts."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import c2pa

from provenance.manifest.findings.c2pa_report import C2paReport, ReportedFinding, ReportedManifest
from provenance.manifest.findings.causes import OUT_OF_ORDER, Cause, cause_of
from provenance.manifest.trust import LibrarySettings

_LONG_NUMBER = 24  # in CBOR: smaller ones are a byte by themselves


def read_report(
    path: Path, media_type: str, settings: LibrarySettings, segments: Sequence[tuple[int, int]] = ()
) -> C2paReport:
    """What the library says of the file. Raises `c2pa.C2paError`.

    Where the credentials are about the beginning of a segmented MP4 and each of its `segments`, they are held
    against each, and whether each is the one that comes next.
    """
    context = c2pa.Context.from_dict(settings)
    with path.open("rb") as file, c2pa.Reader(media_type, file, context=context) as reader:
        report: C2paReport = json.loads(reader.json())
        detailed = json.loads(reader.detailed_json())
    label = report.get("active_manifest")
    if label in report.get("manifests", {}):
        bindings = _bmff_bindings(detailed["manifests"].get(label, {}))
        report["manifests"][label]["excluded_boxes"] = _excluded_boxes(bindings)
        report["manifests"][label]["has_parts"] = any(data.get("merkle") for data in bindings)
    if segments and _is_about_segments(report):
        return _report_on_segments(path, media_type, settings, segments)
    return report


def _is_about_segments(report: C2paReport) -> bool:
    """Whether the content binding holds hashes of parts, and does not fit the file as a whole."""
    label = report.get("active_manifest")
    failures = report.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    is_misfit = any(item["code"] == "assertion.bmffHash.mismatch" for item in failures)
    return is_misfit and report["manifests"].get(label, ReportedManifest()).get("has_parts", False)


def _report_on_segments(
    path: Path, media_type: str, settings: LibrarySettings, segments: Sequence[tuple[int, int]]
) -> C2paReport:
    """The report on the first segment that does not fit, or on the last one."""
    context = c2pa.Context.from_dict(settings)
    report, expected = C2paReport(), dict[int, int]()
    with path.open("rb") as file:
        beginning = file.read(segments[0][0])
        for offset, size in segments:
            file.seek(offset)
            segment = file.read(size)
            reader = c2pa.Reader(media_type, io.BytesIO(beginning), context=context)
            with reader.with_fragment(media_type, io.BytesIO(beginning), io.BytesIO(segment)) as one:
                report = json.loads(one.json())
            failures = report.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
            if not _is_next(segment, expected):
                failures.append(ReportedFinding(code=OUT_OF_ORDER))
            if any(cause_of(item["code"]) is Cause.CONTENT for item in failures):
                report["validation_state"] = "Invalid"
                break
    return report


def _is_next(segment: bytes, expected: dict[int, int]) -> bool:
    """Whether a segment is the one that comes after those before it, as its proof says; `expected` by track.

    Each segment fits by itself: without this, one could be left out or put in another place.
    """
    track, location = (_number_of(segment, name) for name in (b"localId", b"location"))
    if track is None or location is None:
        return True
    is_next = expected.get(track, location) == location
    expected[track] = location + 1
    return is_next


def _number_of(segment: bytes, name: bytes) -> int | None:
    """The unsigned number behind a name in the CBOR of a segment's proof, which stands before its media."""
    at = segment.find(bytes([0x60 | len(name)]) + name, 0, segment.find(b"moof"))
    if at < 0:
        return None
    at += 1 + len(name)
    first = segment[at]
    if first < _LONG_NUMBER:
        return first
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(first)
    return None if width is None else int.from_bytes(segment[at + 1 : at + 1 + width], "big")


def _bmff_bindings(detailed: dict[str, Any]) -> list[dict[str, Any]]:
    """The content bindings of an MP4 in a manifest of the library's detailed report."""
    assertions = detailed.get("assertion_store", {}).items()
    return [
        data for label, data in assertions if label.startswith("c2pa.hash.bmff") and isinstance(data, dict)
    ]


def _excluded_boxes(bindings: list[dict[str, Any]]) -> list[str]:
    """The boxes of an MP4 that the content binding leaves out, unless it has the hashes of their parts."""
    found: list[str] = []
    for data in bindings:
        if not data.get("merkle"):
            exclusions = [one for one in data.get("exclusions", []) if isinstance(one, dict)]
            found += [str(one.get("xpath")) for one in exclusions if not one.get("subset")]
    return found
