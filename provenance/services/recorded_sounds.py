"""The sounds of the videos that were released here, kept in memory to find out which one a sound is from.

Kept are the newest, as many as MOST_ROWS rows hold: about eleven thousand videos of ten seconds, in 32 MB of
the process. New records are added as they come.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from provenance.fingerprints.record_fingerprints import recorded_sound
from provenance.models.record import Record
from provenance.selectors.evidence import record_facts
from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.sound_answer import LEAST_OF_OURS_S

if TYPE_CHECKING:
    from provenance.fingerprints.sound.fingerprint import SoundFingerprint
    from provenance.fingerprints.sound.spectrogram import BandSpectrogram

MOST_ROWS = 4_000_000  # 32 ms each
LEAST_AGREEMENT = 0.75  # of the bits; copies' .77 and more, strangers' .54 at most (docs/verify.md)
_MOST_AT_ONCE = 1.5  # times as many, before the oldest are left out again


def records_that_sound_like(found: BandSpectrogram) -> Sequence[RecordFacts]:
    """Records of videos that were released at some time, whose sound the found one may be, the likeliest
    first.
    """
    facts = [record_facts(rendition_id=one) for one in _recorded.candidates(found)]
    return [one for one in facts if one is not None]


def record_of_fingerprint(sound: SoundFingerprint) -> RecordFacts | None:
    """The record of a video that was released at some time and has the sound of this fingerprint, which may
    be a piece of its own; None without any that the log confirms.
    """
    for rendition_id in _recorded.candidates_of(sound):
        record = record_facts(rendition_id=rendition_id)
        if record is None or not record.is_in_log or record.released_at is None:
            continue
        ours = recorded_sound(record.fingerprints)
        if ours is None:
            continue
        share, seconds = ours.agreement_with(sound)
        if share >= LEAST_AGREEMENT and seconds >= LEAST_OF_OURS_S:
            return record
    return None


class _RecordedSounds:
    """The index, brought up to date before every use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: tuple[int, str] | None = None  # log index and rendition of the newest record seen
        self._ids: list[str] = []
        self._rows = 0

    def _forget(self) -> None:
        # A quarter of a second of imports that most files do not need.
        from provenance.fingerprints.sound.index import SoundIndex  # noqa: PLC0415

        self._index = SoundIndex()
        self._ids, self._rows, self._newest = [], 0, None

    def candidates(self, found: BandSpectrogram) -> list[str]:
        with self._lock:
            self._take_in()
            return [self._ids[number] for number in self._index.candidates(found)]

    def candidates_of(self, found: SoundFingerprint) -> list[str]:
        with self._lock:
            self._take_in()
            return [self._ids[number] for number in self._index.candidates_of(found)]

    def _take_in(self) -> None:
        rows = Record.objects.order_by("-log_index").values_list("log_index", "rendition_id", "fingerprints")
        if self._newest is None:
            self._forget()
        else:
            index, rendition_id = self._newest
            is_there = Record.objects.filter(log_index=index, rendition_id=rendition_id).exists()
            if is_there and self._rows <= _MOST_AT_ONCE * MOST_ROWS:
                rows = rows.filter(log_index__gt=index)
            else:  # another database, or one put back to an earlier state; or too many by now
                self._forget()
        newest, self._newest = self._newest, None  # until all is read: after an error, all is read again
        taken = 0
        for index, rendition_id, fingerprints in rows.iterator():
            newest = max(newest or (index, rendition_id), (index, rendition_id))
            sound = recorded_sound(bytes(fingerprints))
            if sound is None:
                continue
            if (taken := taken + len(sound)) > MOST_ROWS:
                break
            self._index.add(sound)
            self._ids.append(rendition_id)
            self._rows += len(sound)
        self._newest = newest


_recorded = _RecordedSounds()
