"""Verify one file: a confined process reads it, the caller looks records up, one pure function decides.

Knows no Django: the service looks records up in its database, the offline verifier in an evidence bundle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from provenance.common.errors import CodedError
from provenance.fingerprints.stretch import Stretch
from provenance.manifest.states import ManifestReading
from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import FailureKind, IsolatedFailure
from provenance.sandbox.requirement import ReaderLate
from provenance.verify.evidence.media_type import HEAD_BYTES, sniff
from provenance.verify.evidence.reader_report import FileReport, ReadJob, SoundReport
from provenance.verify.evidence.signals import (
    InputRecord,
    MarkReading,
    MarkState,
    RecordFacts,
    Signals,
    SoundReading,
    SoundState,
)
from provenance.verify.picture_answer import compare_picture, moves_as_recorded
from provenance.verify.reader.reader_pool import Read, read_once
from provenance.verify.sound_answer import (
    NOT_COMPARED,
    FindSounds,
    can_read_sound,
    compare_sound,
    find_by_sound,
)
from provenance.verify.verdict.parts.sound_findings import may_be_of_others
from provenance.verify.verdict.verdict import Verdict, verdict
from provenance.verify.watermark_answer import WatermarkRegistry

# Finds the record whose field has this value.
FindRecord = Callable[[Literal["file_sha256", "rendition_id", "watermark_id"], str], RecordFacts | None]


class UnsupportedMedia(CodedError):
    """Not a video, picture, sound or document that can be looked into."""

    code = "unsupported_media"
    status = 415
    message = "This is not a video, picture, sound or document that we can read."
    hint = (
        "MP4, MOV, WebM, AVI, JPEG, PNG, WebP, GIF, TIFF, DNG, AVIF, HEIC, JPEG XL, JPEG 2000, "
        "SVG, WAV, MP3, M4A, FLAC, Ogg, PDF, Office files, EPUB, ZIP and .c2pa can be checked."
    )


def verify_file(
    path: Path,
    *,
    trust: TrustStore,
    watermarks: WatermarkRegistry | None,
    find: FindRecord,
    read: Read = read_once,
    find_sounds: FindSounds | None = None,
    has_all_records: bool = True,
) -> Verdict:
    """The verdict on the file at `path`. Raises `UnsupportedMedia`, and what `read` raises but for failures.

    Without `watermarks`, whose keys only the service has, no watermark is looked for; without `find_sounds` a
    sound is compared with that of the record that something else leads to, and with no other. Without
    `has_all_records` one that `find` does not find may exist nevertheless, and nobody is warned. The file is
    parsed in a confined process only; whatever it does there, there is a verdict, if need be that we cannot
    tell.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise UnsupportedMedia("The file is empty.", hint="Send the file itself, not only its name.")
        media_type = sniff(head)
        if media_type is None:
            raise UnsupportedMedia
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    job = ReadJob(path.resolve(), media_type.kind, media_type.name, trust)
    report, read_failure = _read(read, job, watermarks)
    manifest = report.manifest if report else None
    found = report.watermark if report else None
    mark = watermarks.interpret(found) if watermarks and found else MarkReading(MarkState.NOT_LOOKED_FOR)
    by_manifest = (
        find("rendition_id", manifest.rendition_id)
        if manifest and manifest.is_signed_by_us and manifest.rendition_id
        else None
    )
    by_mark = find("watermark_id", mark.watermark_id) if mark.watermark_id else None
    by_inputs = tuple(_by_inputs(manifest, find))
    sounds_like = by_mark or by_manifest or _parent(by_inputs)
    picture = compare_picture(found.motion if found else None, by_mark, is_light_kept=mark.is_light_kept)
    if mark.is_same_content is False and moves_as_recorded(picture):
        # Something covers the picture, or changed it beyond recognition.
        mark = replace(mark, is_same_content=None, shows=None)
    beside = picture.stretches if sounds_like is by_mark else ()
    sound, other_sounds, heard = _compare_sounds(report, sounds_like, beside)
    by_file = find("file_sha256", sha256)
    by_other_marks = tuple(
        record for other in mark.others if (record := find("watermark_id", other)) is not None
    )
    is_of_another = by_file is None and (sounds_like is None or sound.state is SoundState.OTHER)
    return verdict(
        Signals(
            sha256=sha256,
            size_bytes=path.stat().st_size,
            media_type=media_type,
            manifest=manifest,
            mark=mark,
            by_file=by_file,
            by_manifest=by_manifest,
            by_mark=by_mark,
            by_other_marks=by_other_marks,
            sound_of_other_marks=tuple(
                # To compare takes long, and nothing is said of a sound that is the named video's.
                compare_sound(heard, one) if may_be_of_others(sound, other_sounds) else NOT_COMPARED
                for one in by_other_marks
            ),
            by_inputs=by_inputs,
            has_hidden_data=report is not None and report.has_hidden_data,
            has_mark_key=watermarks is not None and bool(watermarks.keys()),
            has_all_records=has_all_records,
            read_failure=read_failure,
            generator=found.generator if found else None,
            by_shown=find("watermark_id", mark.shows) if mark.shows else None,
            by_sound=find_by_sound(_sounds(report), find_sounds) if find_sounds and is_of_another else (),
            container=report.container if report else None,
            sound=sound,
            other_sounds=other_sounds,
            picture=picture,
            sound_of_manifest=compare_sound(
                report.sound if report else None, by_manifest if by_mark and by_manifest != by_mark else None
            ),
        )
    )


def _by_inputs(manifest: ManifestReading | None, find: FindRecord) -> Iterator[InputRecord]:
    """The records of the inputs that are ours by credentials of their own."""
    for item in manifest.inputs if manifest else ():
        if item.rendition_id and (record := find("rendition_id", item.rendition_id)) is not None:
            yield InputRecord(item, record)


def _parent(inputs: Sequence[InputRecord]) -> RecordFacts | None:
    """The record of the video of ours that the file was edited from, as its credentials say."""
    return next((one.record for one in inputs if one.reading.relationship == "parentOf"), None)


def _sounds(report: FileReport | None) -> list[SoundReport]:
    """All sounds of a file, first the one that plays by default."""
    return [one for one in (report.sound, *report.other_sounds) if one is not None] if report else []


def _compare_sounds(
    report: FileReport | None, record: RecordFacts | None, beside: Sequence[Stretch]
) -> tuple[SoundReading, tuple[SoundReading, ...], SoundReport | None]:
    """The sound that plays by default beside that of a record; of several that players choose from, the first
    that is not that. Then the others, and the track that the first of them is.
    """
    if report is None:
        return NOT_COMPARED, (), None
    tracks = (report.sound, *report.other_sounds)
    found = [compare_sound(one, record, beside) for one in tracks]
    number = next((place for place, one in enumerate(found) if one.state is not SoundState.SAME), 0)
    return found[number], tuple(found[:number] + found[number + 1 :]), tracks[number]


def _read(
    read: Read, job: ReadJob, watermarks: WatermarkRegistry | None
) -> tuple[FileReport | None, FailureKind | None]:
    """What the reader reports, and why it did not if it did not.

    Frames and sound need the most hostile parsers. When reading fails, the credentials are read once more
    alone.
    """
    keys = watermarks.keys() if watermarks else ()
    secrets = tuple(key.secret for key in keys) or None
    try:
        return read(replace(job, watermark_keys=secrets, reads_sound=can_read_sound())), None
    except IsolatedFailure as failure:
        read_failure: FailureKind = failure.kind
    except ReaderLate:
        read_failure = "time"
    try:
        return read(job), read_failure
    except (IsolatedFailure, ReaderLate):
        return None, read_failure
