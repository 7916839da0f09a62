"""The inside of verification: read one file's manifest and watermark and print the raw signals.

Run by `provenance.sandbox.isolation` as `python -m provenance.verify.reader.inspect`, with one JSON job on
stdin: `{"path", "kind", "media_type", "trust", "watermark_keys"}`. Without `watermark_keys` the frames are
left alone, which is how a file is read again after its decoder crashed. Nothing of what is printed is more
than a claim by the file, except the states, which this module vouches for.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from provenance.manifest.reading import read_manifest
from provenance.manifest.trust import TrustStore
from provenance.verify.reader.mp4_boxes import has_hidden_data

_BOXED = {"video/mp4", "video/quicktime", "audio/mp4"}
_WITH_FRAMES = {"video", "image"}


def inspect(job: dict[str, Any]) -> dict[str, Any]:
    """The raw signals of the file at `job["path"]`: `manifest`, `mark` and `has_hidden_data`."""
    path = Path(job["path"])
    reading = read_manifest(path, TrustStore(**job["trust"]), media_type=job["media_type"])
    return {
        "manifest": reading.to_json(),
        "has_hidden_data": job["media_type"] in _BOXED and has_hidden_data(path),
        "mark": _mark(path, job) if "watermark_keys" in job and _may_have_frames(job) else None,
    }


def preload() -> None:
    """Load everything that any file may need, for a process that forks readers."""
    import provenance.verify.reader.watermark_search  # noqa: PLC0415
    import provenance.watermark.extractor  # noqa: F401, PLC0415


def _may_have_frames(job: dict[str, Any]) -> bool:
    # Four bytes make an MP4 call itself a sound file; its picture stays.
    return job["kind"] in _WITH_FRAMES or job["media_type"] in _BOXED


def _mark(path: Path, job: dict[str, Any]) -> dict[str, Any]:
    # Half a second of imports that a sound file does not need.
    from provenance.verify.reader.watermark_search import read_mark  # noqa: PLC0415

    return read_mark(path, [bytes.fromhex(key) for key in job["watermark_keys"]])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(inspect(json.load(sys.stdin))))
