"""Turn the sound of a file into an answer: is it the sound that the named video was made with."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from provenance.fingerprints.stretch import Stretch
from provenance.verify.evidence.reader_report import SoundReport
from provenance.verify.evidence.signals import RecordFacts, SoundReading, SoundState

if TYPE_CHECKING:
    from provenance.fingerprints.sound.spectrogram import BandSpectrogram

# Records whose sound a found one may be: those of one sound after the other.
FindSounds = Callable[["BandSpectrogram"], Iterable[Iterable[RecordFacts]]]
NOT_COMPARED: Final = SoundReading(SoundState.NOT_COMPARED)
_MOST_BYTES: Final = 4 * 1024 * 1024  # of a spectrogram: ten minutes hold less
LEAST_OF_OURS_S: Final = 3.0  # of a sound, from which it is said to be in a video of ours, too
# What reads and compares sound; the package brings them with an extra.
DECODERS: Final = ("av", "scipy")


def can_read_sound() -> bool:
    """Whether what decodes and compares sound is installed here."""
    return all(find_spec(name) is not None for name in DECODERS)


def compare_sound(
    report: SoundReport | None, record: RecordFacts | None, beside: Sequence[Stretch] = ()
) -> SoundReading:
    """The sound of a file beside that of a record; `beside` are the stretches of its picture that are ours.

    A report that is not well-formed counts as no report.
    """
    if report is None or record is None or not record.fingerprints:
        return NOT_COMPARED
    if report.levels is None:
        return SoundReading(SoundState.SILENT) if report.state == "no_track" else NOT_COMPARED
    # A quarter of a second of imports that most files do not need.
    from provenance.fingerprints.edits import known_of_a_part, known_of_a_recording  # noqa: PLC0415
    from provenance.fingerprints.record_fingerprints import RecordFingerprints  # noqa: PLC0415
    from provenance.fingerprints.sound.edits import sound_edits  # noqa: PLC0415
    from provenance.fingerprints.sound.match import compare, is_another_or_gone  # noqa: PLC0415
    from provenance.fingerprints.unread import known_of_the_readable, seconds_of  # noqa: PLC0415

    at_s, unread = (
        report.start_s,
        [(begin - report.start_s, end - report.start_s) for begin, end in report.unread],
    )
    beside = [one.later(-at_s) for one in beside]
    try:
        ours = RecordFingerprints.from_bytes(record.fingerprints).sound
    except ValueError:
        return NOT_COMPARED
    found = _spectrogram(report)
    if ours is None or found is None:
        return replace(NOT_COMPARED, unread=report.unread)
    comparison = compare(ours, found, beside)
    edits = tuple(sound_edits(ours, found, comparison))
    if edits and not comparison.stretches:
        is_damaged = seconds_of(unread) > found.duration_s / 2
        if is_damaged or not is_another_or_gone(ours, found, beside):
            return replace(NOT_COMPARED, unread=report.unread)
    else:
        edits = tuple(known_of_the_readable(edits, unread))
    if report.until_s is not None:
        edits = tuple(known_of_a_part(edits, comparison.stretches))
    if record.is_live:
        edits = tuple(known_of_a_recording(edits, comparison.stretches))
    if comparison.stretches:
        state = SoundState.CHANGED if edits else SoundState.SAME
    elif not edits:
        state = SoundState.SAME  # both are silent
    else:
        state = SoundState.SILENT if edits[0].kind == "muted" else SoundState.OTHER
    return SoundReading(
        state,
        tuple(one.later(at_s) for one in edits),
        report.until_s,
        tuple(one.later(at_s) for one in comparison.stretches),
        found.duration_s + at_s,
        report.unread,
    )


def find_by_sound(reports: Iterable[SoundReport], candidates: FindSounds) -> tuple[RecordFacts, ...]:
    """The records of all videos that were released at some time and have the sound of one of these tracks, or
    a piece of it, in the order of naming; only what the log confirms.

    One recording may be in several videos: which of them a file is from, its sound does not say.
    """
    records: dict[str, RecordFacts] = {}
    for report in reports:
        found = _spectrogram(report)
        if found is None:
            continue
        for of_one_sound in candidates(found):
            is_heard = False
            for record in of_one_sound:
                if not record.is_in_log or record.released_at is None:
                    continue
                if not is_heard and _heard_s(compare_sound(report, record)) < LEAST_OF_OURS_S:
                    break  # nor is that of the others, which is the same
                is_heard = True
                records.setdefault(record.rendition_id, record)
    return in_order_of_naming(records.values())


def in_order_of_naming(records: Iterable[RecordFacts]) -> tuple[RecordFacts, ...]:
    """Records that a sound leads to: those first that were not withdrawn, and then the oldest."""
    return tuple(sorted(records, key=lambda one: (one.state != "released", one.log_index)))


def _heard_s(reading: SoundReading) -> float:
    """For how many seconds it is a record's sound at about its own speed."""
    return sum(one.end_s - one.start_s for one in reading.stretches if one.change.is_hardly_any)


def _spectrogram(report: SoundReport) -> BandSpectrogram | None:
    """What was heard of a track, None where nothing was or the report is not well-formed."""
    from provenance.fingerprints.sound.spectrogram import WIDTH, BandSpectrogram  # noqa: PLC0415

    if report.levels is None:
        return None
    try:
        levels = zlib.decompressobj().decompress(report.levels, _MOST_BYTES)
        return BandSpectrogram(np.frombuffer(levels, np.uint8).reshape(-1, WIDTH))
    except (ValueError, zlib.error):
        return None
