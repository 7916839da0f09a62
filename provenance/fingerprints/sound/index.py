"""Finds which of many recorded sounds a found one may be, without comparing it with each of them.

Of a sound that went through codecs, some rows of the fingerprint stay as they were, bit for bit. So every row
is a word under which it is found again, and a sound whose words lie as far apart as in the found one is a
candidate (Haitsma and Kalker 2002). Whether it is the one, `match.compare` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.sound.fingerprint import SoundFingerprint
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import BandSpectrogram

MOST_CANDIDATES: Final = 4
_LEAST_VOTES = 4  # words of one sound that lie as far apart as in the found one
_COMMON = 64  # places of one word, from which it says little
_NEAR_ROWS = 2  # by which they may lie beside their places
_MOST_CHUNKS = 8
_Rows = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class _Chunk:
    words: _Rows  # sorted
    places: _Rows  # of each among the rows of all sounds


class SoundIndex:
    """The words of recorded sounds, eight bytes a row. Sounds are numbered as they are added."""

    def __init__(self) -> None:
        self._starts: list[int] = [0]
        self._chunks: list[_Chunk] = []
        self._pending: list[_Chunk] = []

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, sound: SoundFingerprint) -> None:
        """Add a sound; its number is how many there were before."""
        rows = np.flatnonzero(sound.sounding)
        self._pending.append(_Chunk(sound.words[rows], (rows + self._starts[-1]).astype(np.uint32)))
        self._starts.append(self._starts[-1] + len(sound))

    def candidates(self, found: BandSpectrogram) -> list[int]:
        """Numbers of the sounds that the found one may be or hold a piece of, the likeliest first."""
        # Rows are two columns long, and nobody knows where the first began.
        return self.candidates_of(*(fingerprint(BandSpectrogram(found.levels[phase:])) for phase in (0, 1)))

    def candidates_of(self, *readings: SoundFingerprint) -> list[int]:
        """The same of a sound whose fingerprint is at hand, in one reading or several."""
        self._take_in()
        votes: dict[int, set[int]] = {}  # of each line through both times, which rows of the found sound
        for plain in readings:
            words = plain.words
            for row in np.flatnonzero(plain.sounding):
                for place in self._places(words[row]):
                    votes.setdefault((int(place) - int(row)) // _NEAR_ROWS, set()).add(int(row))
        best: dict[int, int] = {}
        for line, rows in votes.items():
            # A line that lies between two of these counts with its neighbour.
            together = rows | votes.get(line + 1, set())
            if len(together) >= _LEAST_VOTES:
                number = self._number_at(line * _NEAR_ROWS + min(together))
                best[number] = max(best.get(number, 0), len(together))
        return sorted(best, key=lambda number: -best[number])[:MOST_CANDIDATES]

    def _places(self, word: np.uint32) -> Iterator[np.uint32]:
        for chunk in self._chunks:
            first, last = np.searchsorted(chunk.words, word), np.searchsorted(chunk.words, word, "right")
            if last - first <= _COMMON:
                yield from chunk.places[first:last]

    def _number_at(self, place: int) -> int:
        return max(0, min(len(self) - 1, int(np.searchsorted(self._starts, place, "right")) - 1))

    def _take_in(self) -> None:
        if self._pending:
            self._chunks.append(_sorted(self._pending))
            self._pending = []
        if len(self._chunks) > _MOST_CHUNKS:
            self._chunks = [_sorted(self._chunks)]


def _sorted(chunks: list[_Chunk]) -> _Chunk:
    words = np.concatenate([one.words for one in chunks])
    places = np.concatenate([one.places for one in chunks])
    order = np.argsort(words, kind="stable")
    return _Chunk(words[order], places[order])
