"""The sounds of the videos that were released here, kept in memory to find out which one a sound is from.

Kept are the newest, as many as MOST_ROWS rows hold: about eleven thousand sounds of ten seconds, in 32 MB of
the process. New records are added as they come. One recording may be in many videos: its rows are kept once.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.db.models import F

from provenance.fingerprints.record_fingerprints import recorded_sound
from provenance.models.record import Record
from provenance.selectors.evidence import record_facts
from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.sound_answer import LEAST_OF_OURS_S, in_order_of_naming

if TYPE_CHECKING:
    from provenance.fingerprints.sound.fingerprint import SoundFingerprint
    from provenance.fingerprints.sound.spectrogram import BandSpectrogram

MOST_ROWS = 4_000_000  # 32 ms each
LEAST_AGREEMENT = 0.75  # of the bits; copies' .77 and more, strangers' .54 at most (docs/verify.md)
MOST_OF_ONE_SOUND = 50  # videos that are looked up
_MOST_AT_ONCE = 1.5  # times as many, before the oldest are left out again


def records_that_sound_like(found: BandSpectrogram) -> Iterator[Iterator[RecordFacts]]:
    """For each sound that the found one may be, the likeliest first, the records of its videos that were
    released at some time. They are read as they are asked for.
    """
    return map(_facts, _recorded.candidates(found))


def records_of_fingerprint(sound: SoundFingerprint) -> Sequence[RecordFacts]:
    """The records of videos that were released at some time and have the sound of this fingerprint, which may
    be a piece of theirs, those first that were not withdrawn; only what the log confirms.
    """
    found = [
        record
        for rendition_ids in _recorded.candidates_of(sound)
        for record in _facts(rendition_ids)
        if record.is_in_log
        and (ours := recorded_sound(record.fingerprints)) is not None
        and _holds(ours, sound)
    ]
    return in_order_of_naming(found)


def _holds(ours: SoundFingerprint, sound: SoundFingerprint) -> bool:
    share, seconds = ours.agreement_with(sound)
    return share >= LEAST_AGREEMENT and seconds >= LEAST_OF_OURS_S


def _facts(rendition_ids: Sequence[str]) -> Iterator[RecordFacts]:
    """The records of the videos of one sound that were released at some time: MOST_OF_ONE_SOUND at most. If
    there are more, those are left out that were withdrawn, and then the newest.
    """
    released = Record.objects.filter(rendition_id__in=rendition_ids).exclude(released_at=None)
    oldest = released.order_by(F("withdrawn_at").asc(nulls_first=True), "log_index")
    for rendition_id in oldest.values_list("rendition_id", flat=True)[:MOST_OF_ONE_SOUND]:
        if (record := record_facts(rendition_id=rendition_id)) is not None:
            yield record


class _RecordedSounds:
    """The index, brought up to date before every use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: tuple[int, str] | None = None  # log index and rendition of the newest record seen
        self._ids: list[list[str]] = []  # of the videos that have each sound
        self._numbers: dict[bytes, int] = {}  # of the sounds, by their digest
        self._rows = 0

    def _forget(self) -> None:
        # A quarter of a second of imports that most files do not need.
        from provenance.fingerprints.sound.index import SoundIndex  # noqa: PLC0415

        self._index = SoundIndex()
        self._ids, self._numbers, self._rows, self._newest = [], {}, 0, None

    def candidates(self, found: BandSpectrogram) -> list[list[str]]:
        """The videos of each sound that the found one may be, the likeliest first."""
        with self._lock:
            self._take_in()
            return [list(self._ids[number]) for number in self._index.candidates(found)]

    def candidates_of(self, found: SoundFingerprint) -> list[list[str]]:
        """The same of a fingerprint."""
        with self._lock:
            self._take_in()
            return [list(self._ids[number]) for number in self._index.candidates_of(found)]

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
            digest = hashlib.sha256(sound.to_bytes()).digest()
            if (number := self._numbers.get(digest)) is not None:
                self._ids[number].append(rendition_id)
                continue
            if (taken := taken + len(sound)) > MOST_ROWS:
                break
            self._index.add(sound)
            self._numbers[digest] = len(self._ids)
            self._ids.append([rendition_id])
            self._rows += len(sound)
        self._newest = newest


_recorded = _RecordedSounds()
