"""Search a long clip for short marked pieces: frames that lie near each other, a few at a time.

What all frames of ten minutes have in common says nothing of eight seconds among them. But a mark shows in a
single frame, and as well in twice as many of which half carry it. So groups of neighbouring frames are
searched for the pilot, which is cheap, and those in which it stands out are read. Only inside the isolated
process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from provenance.verify.reader.deadline import Deadline
from provenance.verify.reader.watermark_by_part import Frames, FramesBySecond, ReadFrames, read_all
from provenance.watermark import WatermarkKey
from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.carrier.rectification import Geometry, folded, rectified
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import measured, values_of
from provenance.watermark.synchronisation.synchroniser import Synchroniser, whole_frame

GROUP: Final = 4  # neighbouring seconds that are searched together, wherever a picture may lie
STANDS_OUT: Final = 6.2  # of the pilot's score there: some groups without a mark reach it
STANDS_OUT_WHOLE: Final = 5.6  # in a frame as it was made, where there are fewer places to search
MOST_READ: Final = 3  # pieces, the likeliest first

Seconds = tuple[int, ...]


class PieceSearch:
    """Where in a clip pieces with a mark of one of some keys may be, and what they hold.

    `unseen`: seconds that there was no time for. `is_everywhere`: there was time to search wherever a picture
    may lie. `attempts`: of all readings that were made.
    """

    def __init__(self, seconds: FramesBySecond, keys: Sequence[WatermarkKey], deadline: Deadline) -> None:
        """Search every two neighbouring seconds for a pilot, as frames that were made or scaled as a whole.

        Nothing is begun after the deadline; the seconds behind it are `unseen`.
        """
        ordered = sorted(seconds)
        scores: dict[Seconds, float] = {}
        self.unseen = set(ordered)
        for piece, second, score in _whole_frames(seconds, ordered, keys):
            self.unseen.discard(second)
            if score >= STANDS_OUT_WHOLE:
                scores[piece] = score
            if deadline.is_over:
                break
        self.is_everywhere = True
        self.attempts = 0
        self._likely = _by_score(scores)
        self._groups = [tuple(ordered[begin : begin + GROUP]) for begin in range(0, len(ordered), GROUP)]
        self._read = set[int]()
        self._deadline = deadline

    def read(self, seconds: FramesBySecond, keys: Sequence[WatermarkKey]) -> ReadFrames | None:
        """What the first likely piece among the given seconds holds in which a word is read; None without."""
        if (found := self._read_likely(seconds, keys)) is None and self._groups:
            self._search_anywhere(seconds, keys)
            found = self._read_likely(seconds, keys)
        return found

    def _search_anywhere(self, seconds: FramesBySecond, keys: Sequence[WatermarkKey]) -> None:
        """Search groups of seconds wherever a picture may lie; each lies far from those before it, so that a
        search that ends early has looked everywhere a little.
        """
        scores: dict[Seconds, float] = {}
        groups, self._groups = self._groups, []
        for number in _far_apart(len(groups)):
            if self._deadline.is_over:
                self.is_everywhere = False
                break
            frames = [seconds[second][-1] for second in groups[number] if second in seconds]
            if frames and (score := _anywhere(frames, keys)) >= STANDS_OUT:
                scores[groups[number]] = score
        self._likely = _by_score(scores)

    def _read_likely(self, seconds: FramesBySecond, keys: Sequence[WatermarkKey]) -> ReadFrames | None:
        while self._likely and len(self._read) < MOST_READ * GROUP:
            group = self._likely.pop(0)
            frames = {second: seconds[second] for second in group if second in seconds}
            if not frames.keys() - self._read:
                continue
            self._read |= frames.keys()
            read = read_all(frames, keys)
            self.attempts += read.extraction.attempts
            if read.extraction.has_word:
                return read
        return None


def _by_score(scores: Mapping[Seconds, float]) -> list[Seconds]:
    """The likeliest first."""
    return sorted(scores, key=lambda group: -scores[group])


def _whole_frames(
    seconds: FramesBySecond, ordered: Sequence[int], keys: Sequence[WatermarkKey]
) -> Iterator[tuple[Seconds, int, float]]:
    """For each second the piece around it and the second before it, and the pilot's score in these two."""
    before: Plane | None = None
    for number, second in enumerate(ordered):
        plane = _residual([seconds[second][-1]])
        both = plane if before is None or before.shape != plane.shape else plane + before
        score = max(_pilot(both, geometry, keys) for geometry in islice(whole_frame(both.shape), 2))
        yield tuple(ordered[max(0, number - 2) : number + 2]), second, score
        before = plane


def _pilot(plane: Plane, geometry: Geometry, keys: Sequence[WatermarkKey]) -> float:
    """The strongest pilot of any key in a residual (H, W) that lies as the geometry says."""
    values = measured(folded(*rectified(plane, geometry, is_quick=True)))
    return max(values_of(values, carriers_of(key)).align().score for key in keys)


def _anywhere(frames: Frames, keys: Sequence[WatermarkKey]) -> float:
    """The strongest pilot of any key in frames of one size, wherever it lies."""
    synchroniser = Synchroniser(_residual(frames))
    first, *others = (carriers_of(key) for key in keys)
    return max([synchroniser.strongest(first), *map(synchroniser.strongest_in_common, others)])


def _residual(frames: Frames) -> Plane:
    total = ResidualSum(*frames[0].shape)
    for luma in frames:
        if luma.shape == frames[0].shape:
            total.add(luma, 0)
    return total.total()


def _far_apart(count: int) -> Iterator[int]:
    """0 to count - 1 in the order of their binary digits read backwards."""
    bits = max(1, (count - 1).bit_length())
    for number in range(1 << bits):
        if (place := int(f"{number:0{bits}b}"[::-1], 2)) < count:
            yield place
