"""Inside the confined reader: read one file's credentials and watermark, print a report as JSON.

Run by `provenance.sandbox.isolation` as `python -m provenance.verify.reader.inspect`, with a `ReadJob` as
JSON on stdin; prints a `FileReport` as JSON. Nothing of what is printed is more than a claim by the file,
except the states, which this module vouches for.
"""

from __future__ import annotations

import json
import sys
from ctypes import create_string_buffer, memset
from dataclasses import replace
from pathlib import Path

from provenance.common.strict_json import parse, to_plain
from provenance.manifest.reading import read_manifest
from provenance.manifest.states import ManifestReading, ManifestState
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.reader_report import (
    ContainerReport,
    FileReport,
    ReadJob,
    SoundReport,
    WatermarkReport,
)
from provenance.verify.reader.mp4_boxes import has_hidden_data, is_part, segments
from provenance.verify.reader.mp4_index import NO_INDEX, Mp4Index, read_index

_BOXED = {"video/mp4", "video/quicktime", "audio/mp4"}
_WITH_FRAMES = {"video", "image"}
_WITH_SOUND = {"video", "audio"}
_FITTING = {ManifestState.VALID_UNTRUSTED, ManifestState.TRUSTED_OTHER, ManifestState.TRUSTED_OURS}
_AT_HAND_BYTES = 32 << 20  # about half of what ten seconds of 512x512 need
_REHEARSAL = Path(__file__).with_name("rehearsal")
# Our own, beside the codes of the specification: samples lie where the signature does not reach.
MEDIA_NOT_COVERED = "org.likeness.mediaNotCovered"


def inspect(job: ReadJob) -> FileReport:
    """The raw signals of the file at `job.path`. Raises OSError when it cannot be opened."""
    is_boxed = job.media_type in _BOXED
    index = read_index(job.path) if is_boxed else NO_INDEX
    manifest = read_manifest(
        job.path, job.trust, media_type=job.media_type, segments=segments(job.path) if is_boxed else ()
    )
    if is_boxed and is_part(job.path):
        manifest = replace(manifest, is_part=True)
    if index.is_media_uncovered or manifest.is_media_excluded:
        manifest = _not_covering_the_media(manifest)
    sounds = _sounds(job)
    return FileReport(
        manifest=manifest,
        has_hidden_data=is_boxed and has_hidden_data(job.path),
        watermark=_watermark(job),
        sound=sounds[0] if sounds else None,
        container=_container(job, index),
        other_sounds=tuple(sounds[1:]),
    )


def _not_covering_the_media(manifest: ManifestReading) -> ManifestReading:
    """What is left of credentials whose signature does not reach what is played."""
    if manifest.state not in _FITTING:
        return manifest
    codes = tuple(sorted({*manifest.codes, MEDIA_NOT_COVERED}))
    return replace(manifest, state=ManifestState.INVALID, codes=codes, is_content_bound=False)


def preload() -> None:
    """Load everything that any file may need, for a process that forks readers."""
    import provenance.verify.reader.sound_track  # noqa: PLC0415
    import provenance.verify.reader.tracks  # noqa: PLC0415
    import provenance.verify.reader.watermark_search  # noqa: PLC0415
    import provenance.watermark.extractor  # noqa: F401, PLC0415
    from provenance.watermark.synchronisation.search import prepare  # noqa: PLC0415

    prepare()


def rehearse() -> None:
    """Read credentials and sound of a file of ours, for a process that waits for another one, and have
    memory at hand for its frames.

    Half of the time that the first file takes goes to pages of memory and tables that no file before needed.
    """
    trust = TrustStore((_REHEARSAL / "trust-anchors.pem").read_text())
    inspect(ReadJob(_REHEARSAL / "video.mp4", "video", "video/mp4", trust, reads_sound=True))
    memset(create_string_buffer(_AT_HAND_BYTES), 1, _AT_HAND_BYTES)  # which the C library keeps


def _watermark(job: ReadJob) -> WatermarkReport | None:
    # Four bytes make an MP4 call itself a sound file; its picture stays.
    may_have_frames = job.kind in _WITH_FRAMES or job.media_type in _BOXED
    if job.watermark_keys is None or not may_have_frames:
        return None
    # Half a second of imports that a sound file does not need.
    from provenance.verify.reader.watermark_search import search_watermark  # noqa: PLC0415

    return search_watermark(job.path, job.watermark_keys)


def _sounds(job: ReadJob) -> list[SoundReport]:
    if not job.reads_sound or job.kind not in _WITH_SOUND:
        return []
    from provenance.verify.reader.sound_track import read_sounds  # noqa: PLC0415  (loads FFmpeg)

    return read_sounds(job.path)


def _container(job: ReadJob, index: Mp4Index) -> ContainerReport | None:
    if job.watermark_keys is None and not job.reads_sound:
        return None  # read again for its credentials alone
    if job.kind not in _WITH_SOUND:
        return None
    import av  # noqa: PLC0415  (loads FFmpeg)

    from provenance.verify.reader.tracks import container_report  # noqa: PLC0415

    try:
        return container_report(job.path, index)
    except (av.error.FFmpegError, ValueError):
        return None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(to_plain(inspect(parse(ReadJob, sys.stdin.read())))))
