"""Verifying a file: the isolated reader's signals, our records, and the log; then one pure function."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from provenance.errors import CodedError
from provenance.isolation import IsolatedFailure, run_isolated
from provenance.manifest.states import ManifestReading
from provenance.selectors import record_facts
from provenance.services.keys import trust_store, watermark_key
from provenance.services.marks import mark_reading, marking_years
from provenance.verify.media_type import HEAD_BYTES, MediaType, sniff
from provenance.verify.signals import MarkReading, MarkState, Signals
from provenance.verify.verdict import Verdict, verdict

READER = "provenance.verify.inspect"
# Address space, of which the libraries alone reserve most; 64 frames of 4K and a 100 MB file fit.
MEMORY_BYTES = 2 * 1024**3
CPU_S = 20
WALL_S = 30.0


class UnsupportedMedia(CodedError):
    """Not a video, picture or sound that can be looked into."""

    code = "unsupported_media"
    status = 415
    message = "This is not a video, picture or sound file that we can read."
    hint = "MP4, MOV, WebM, AVI, JPEG, PNG, WebP, GIF, AVIF, WAV, MP3, M4A, FLAC and Ogg can be checked."


def verify_file(path: Path) -> Verdict:
    """The verdict on the file at `path`. Raises `UnsupportedMedia`.

    The file is parsed in a limited process only; whatever it does there, there is a verdict, if need be that
    we cannot tell.
    """
    with path.open("rb") as file:
        media_type = sniff(file.read(HEAD_BYTES))
        if media_type is None:
            raise UnsupportedMedia
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    years = marking_years()
    report, unread = _read(path, media_type, [watermark_key(year).secret.hex() for year in years])
    manifest = ManifestReading.from_json(report["manifest"]) if report else None
    mark = MarkReading(MarkState.NOT_LOOKED_FOR)
    if report and report["mark"]:
        mark = mark_reading(report["mark"], years)
    return verdict(
        Signals(
            sha256=sha256,
            size_bytes=path.stat().st_size,
            media_type=media_type,
            manifest=manifest,
            mark=mark,
            by_file=record_facts(file_sha256=sha256),
            by_manifest=record_facts(rendition_id=manifest.rendition_id)
            if manifest and manifest.is_signed_by_us and manifest.rendition_id
            else None,
            by_mark=record_facts(watermark_id=mark.watermark_id) if mark.watermark_id else None,
            has_hidden_data=bool(report and report["has_hidden_data"]),
            unread=unread,
            generator=report["mark"]["generator"] if report and report["mark"] else None,
        )
    )


def _read(
    path: Path, media_type: MediaType, watermark_keys: list[str]
) -> tuple[dict[str, Any] | None, str | None]:
    """What the isolated reader reports, and why it did not if it did not.

    Frames need the most hostile parsers. When reading fails, the credentials are read once more alone.
    """
    job = {
        "path": str(path.resolve()),
        "kind": media_type.kind,
        "media_type": media_type.name,
        "trust": trust_store().to_json(),
    }
    try:
        return _run(job | {"watermark_keys": watermark_keys}), None
    except IsolatedFailure as failure:
        unread = failure.kind
    try:
        return _run(job), unread
    except IsolatedFailure:
        return None, unread


def _run(job: dict[str, Any]) -> dict[str, Any]:
    stdin = json.dumps(job).encode()
    return run_isolated(READER, stdin=stdin, memory_bytes=MEMORY_BYTES, cpu_s=CPU_S, wall_s=WALL_S)
