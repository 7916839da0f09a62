"""Inside the confined reader: read one file's credentials and watermark, print a report as JSON.

Run by `provenance.sandbox.isolation` as `python -m provenance.verify.reader.inspect`, with a `ReadJob` as
JSON on stdin; prints a `FileReport` as JSON. Nothing of what is printed is more than a claim by the file,
except the states, which this module vouches for.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace

from provenance.common.strict_json import parse, to_plain
from provenance.manifest.reading import read_manifest
from provenance.verify.evidence.reader_report import FileReport, ReadJob, SoundReport, WatermarkReport
from provenance.verify.reader.mp4_boxes import has_hidden_data, is_part

_BOXED = {"video/mp4", "video/quicktime", "audio/mp4"}
_WITH_FRAMES = {"video", "image"}
_WITH_SOUND = {"video", "audio"}


def inspect(job: ReadJob) -> FileReport:
    """The raw signals of the file at `job.path`. Raises OSError when it cannot be opened."""
    manifest = read_manifest(job.path, job.trust, media_type=job.media_type)
    if job.media_type in _BOXED and is_part(job.path):
        manifest = replace(manifest, is_part=True)
    return FileReport(
        manifest=manifest,
        has_hidden_data=job.media_type in _BOXED and has_hidden_data(job.path),
        watermark=_watermark(job),
        sound=_sound(job),
    )


def preload() -> None:
    """Load everything that any file may need, for a process that forks readers."""
    import provenance.verify.reader.sound_track  # noqa: PLC0415
    import provenance.verify.reader.watermark_search  # noqa: PLC0415
    import provenance.watermark.extractor  # noqa: F401, PLC0415


def _watermark(job: ReadJob) -> WatermarkReport | None:
    # Four bytes make an MP4 call itself a sound file; its picture stays.
    may_have_frames = job.kind in _WITH_FRAMES or job.media_type in _BOXED
    if job.watermark_keys is None or not may_have_frames:
        return None
    # Half a second of imports that a sound file does not need.
    from provenance.verify.reader.watermark_search import search_watermark  # noqa: PLC0415

    return search_watermark(job.path, job.watermark_keys)


def _sound(job: ReadJob) -> SoundReport | None:
    if not job.reads_sound or job.kind not in _WITH_SOUND:
        return None
    from provenance.verify.reader.sound_track import read_sound  # noqa: PLC0415  (loads FFmpeg)

    return read_sound(job.path)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(to_plain(inspect(parse(ReadJob, sys.stdin.read())))))
