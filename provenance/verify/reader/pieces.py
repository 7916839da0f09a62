"""Search a long clip for short marked pieces: frames that show the same, a few at a time.

What all frames of ten minutes have in common says nothing of eight seconds among them, and of four frames of
which one carries a mark little is left as well. But a piece is a shot of its own. So neighbouring frames are
taken together only where they show the same, each such shot is looked at quickly, and of what stands out more
frames are decoded and read. Only inside the isolated process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.verify.reader.watermark_by_part import FramesBySecond, ReadFrames, read_all
from provenance.watermark import Extractor, WatermarkKey
from provenance.watermark.glance import Glance, LikelyPlace
from provenance.watermark.identification.reading import WatermarkReading

MOST_IN_A_SHOT: Final = 4  # frames: with more of them, a piece that looks like what is around it would drown
SAME: Final = 6.0  # grey levels, between thumbnails of frames of one shot
THUMBNAIL: Final = (32, 18)  # pixels
LEAST_CLOSE: Final = 12  # frames of a shot, by which a faint mark is found too
# Of a place's rank: the best of 150 unmarked shots come to 9, wherever a picture may lie to 10.
WORTH_A_LOOK: Final = 7.8
STANDS_OUT: Final = 12.0
MOST_LOOKS, MOST_READ = 8, 3  # pieces that are looked at once more, and those that are searched everywhere
MORE_FRAMES: Final = 12  # of a piece that is looked at once more

Seconds = tuple[int, ...]
# Gives about so many more frames from between two times in seconds, as (second, (H, W) uint8 grey).
Closer = Callable[[float, float, int], Iterator[tuple[int, NDArray[np.uint8]]]]


@dataclass(frozen=True)
class Deadline:
    """When a search is to end, as a reading of `time.process_time`: a busy machine finds as much."""

    cpu_s: float

    @classmethod
    def within(cls, *, cpu_s: float) -> Deadline:
        """So many processor seconds from now."""
        return cls(time.process_time() + cpu_s)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be begun."""
        return time.process_time() > self.cpu_s


class _Piece(NamedTuple):
    """A shot in which a mark may lie, and where."""

    place: LikelyPlace
    seconds: Seconds


class PieceSearch:
    """Where in a clip pieces with a mark of one of some keys may be, and what they hold.

    `unseen`: seconds that were not looked at. `coarse`: seconds of which too few frames were looked at, or in
    too few places, to find a faint mark. `is_everywhere`: there was time to search wherever a picture may
    lie. `attempts`: of all readings that were made. `faint`: the readings without a word. `more`: frames of
    pieces that were looked at once more.
    """

    def __init__(
        self, seconds: FramesBySecond, glances: Mapping[int, Glance], closer: Closer, deadline: Deadline
    ) -> None:
        """`glances`: what some frames of each second show. Nothing is begun after the deadline."""
        self._ordered = sorted(seconds)
        self._glances, self._closer, self._deadline = glances, closer, deadline
        self._to_look_at = list(_far_apart(shots_of(seconds)))
        self._to_search = list(self._to_look_at)
        self._pieces: list[_Piece] = []
        self._looks = self._reads = 0
        self.unseen = set(self._ordered)
        self.coarse = set(self._ordered)
        self.is_everywhere = True
        self.attempts = 0
        self.faint: list[WatermarkReading] = []
        self.more: dict[int, list[NDArray[np.uint8]]] = {}

    def read(self, seconds: FramesBySecond, keys: Sequence[WatermarkKey]) -> ReadFrames | None:
        """What the first likely piece among the given seconds holds in which a word is read; None without."""
        self._look(seconds, keys)
        found = self._read_likely(seconds, keys, MOST_LOOKS // 2)
        while found is None and self._search_anywhere(seconds, keys):
            found = self._read_likely(seconds, keys, MOST_LOOKS)
        return found

    def _look(self, seconds: FramesBySecond, keys: Sequence[WatermarkKey]) -> None:
        """Look at every shot for a picture that is neither turned nor stretched.

        Shots come in such an order that they are all over the clip, where there is no time for all.
        """
        shots, self._to_look_at = self._to_look_at, []
        for shot in shots:
            if self._deadline.is_over or not seconds.keys() >= set(shot):
                continue
            self._add(self._glance(shot).upright(keys), shot)
            self.unseen.difference_update(shot)

    def _search_anywhere(self, seconds: FramesBySecond, keys: Sequence[WatermarkKey]) -> bool:
        """Look at shots wherever a picture may lie; a search that ends early has been everywhere a little.

        Ends where a mark stands out. False if nothing was left to look at.
        """
        if not self._to_search:
            return False
        while self._to_search:
            if self._deadline.is_over:
                self.is_everywhere = False
                self._to_search.clear()
                break
            shot = self._to_search.pop(0)
            if not seconds.keys() >= set(shot):
                continue
            glance = self._glance(shot)
            place = glance.anywhere(keys)
            self._add(place, shot)
            if glance.frames >= LEAST_CLOSE:
                self.coarse.difference_update(shot)
            if place is not None and place.rank >= STANDS_OUT:
                break
        return True

    def _glance(self, shot: Seconds) -> Glance:
        return Glance.together([self._glances[second] for second in shot])

    def _add(self, place: LikelyPlace | None, shot: Seconds) -> None:
        if place is not None and place.rank >= WORTH_A_LOOK:
            self._pieces.append(_Piece(place, shot))
            self._pieces.sort(key=lambda piece: -piece.place.rank)

    def _read_likely(
        self, seconds: FramesBySecond, keys: Sequence[WatermarkKey], most: int
    ) -> ReadFrames | None:
        """Read the likely pieces, the likeliest first, until there were so `most` looks in all; a few that
        stand out also after the deadline.
        """
        while self._pieces and self._looks < most:
            stands_out = self._pieces[0].place.rank >= STANDS_OUT
            if self._deadline.is_over and (not stands_out or self._looks >= MOST_READ):
                return None
            place, shot = self._pieces.pop(0)
            if not seconds.keys() >= set(shot):
                continue
            self._pieces = [piece for piece in self._pieces if piece.seconds != shot]
            self._looks += 1
            read = self._read_piece(seconds, keys, place, shot)
            if read is not None:
                return read
        return None

    def _read_piece(
        self, seconds: FramesBySecond, keys: Sequence[WatermarkKey], place: LikelyPlace, shot: Seconds
    ) -> ReadFrames | None:
        """What more frames of a shot hold at the likely place, and anywhere if it stands out there."""
        frames = self._closely(seconds, shot)
        extractor = Extractor()
        for second in sorted(frames):
            for luma in frames[second]:
                extractor.add(luma, second)
        read = ReadFrames(extractor.read_near(place.geometry, place.key, keys), tuple(sorted(frames)))
        self.attempts += read.extraction.attempts
        if not read.extraction.has_word and place.rank >= STANDS_OUT and self._reads < MOST_READ:
            self._reads += 1
            read = read_all(frames, keys)
            self.attempts += read.extraction.attempts
            self.coarse.difference_update(shot)
        if read.extraction.has_word:
            self.more |= frames
            return read
        self.faint += read.extraction.readings
        return None

    def _closely(self, seconds: FramesBySecond, shot: Seconds) -> dict[int, list[NDArray[np.uint8]]]:
        """The frames of a shot, and more that show the same, up to the next that were looked at."""
        first, last = self._ordered.index(shot[0]), self._ordered.index(shot[-1])
        around = [self._ordered[place] for place in (first - 1, last + 1) if 0 <= place < len(self._ordered)]
        frames = {second: list(seconds[second]) for second in shot}
        own = [_thumbnail(seconds[second][-1]) for second in shot]
        others = [_thumbnail(seconds[second][-1]) for second in around if second in seconds]
        begin, end = min((*around, shot[0])), max((*around, shot[-1] + 1))
        for second, luma in self._closer(begin, end, MORE_FRAMES):
            thumbnail = _thumbnail(luma)
            apart = _nearest(thumbnail, own)
            if apart <= max(SAME, _nearest(thumbnail, others)):
                frames.setdefault(second, []).append(luma)
        return frames


def shots_of(seconds: FramesBySecond) -> list[Seconds]:
    """Seconds whose frames show the same, neighbours together, a few to each."""
    shots: list[Seconds] = []
    first: NDArray[np.float32] | None = None
    for second in sorted(seconds):
        thumbnail = _thumbnail(seconds[second][-1])
        if first is None or len(shots[-1]) == MOST_IN_A_SHOT or _nearest(thumbnail, [first]) > SAME:
            shots.append((second,))
            first = thumbnail
        else:
            shots[-1] = (*shots[-1], second)
    return shots


def _thumbnail(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(luma, THUMBNAIL, interpolation=cv2.INTER_AREA), np.float32)


def _nearest(thumbnail: NDArray[np.float32], others: Sequence[NDArray[np.float32]]) -> float:
    """By how many grey levels it differs from the one that is most like it; 0 without others."""
    return min((float(np.abs(thumbnail - other).mean()) for other in others), default=0.0)


def _far_apart(shots: Sequence[Seconds]) -> Iterator[Seconds]:
    """All shots, in the order of the binary digits of their numbers read backwards."""
    bits = max(1, (len(shots) - 1).bit_length())
    for number in range(1 << bits):
        if (place := int(f"{number:0{bits}b}"[::-1], 2)) < len(shots):
            yield shots[place]
