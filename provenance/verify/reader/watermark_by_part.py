"""Tell which seconds of a video carry which watermark: this video's, another one's, or none.

The mark that was read from all frames together says where the marked picture lies in the file. Each second is
laid out that way by itself and compared with that mark's word. What carries another word, or lies otherwise,
is left over, and the search is made once more in what is left. Only inside the isolated process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.verify.evidence.reader_report import PartialWatermark
from provenance.watermark import Extractor, WatermarkKey
from provenance.watermark.carrier.pattern import PERIOD
from provenance.watermark.carrier.rectification import corners_of, mapped
from provenance.watermark.completion import negative
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.search_plan import PARTS
from provenance.watermark.synchronisation.camera_motion import is_one_shot
from provenance.watermark.windows import is_filled

Frames = Sequence[NDArray[np.uint8]]
FramesBySecond = Mapping[int, Frames]

MOST_WATERMARKS = 3  # that are told apart; each one more costs a search
CARRIES = 5.0  # the word's score in a second that carries it: by chance with probability 4e-6 at most
# And in one that may well carry it, where another mark is not looked for: by chance with probability 6e-3.
FAINT = 2.5
# Under another word a strong mark scores too, as two words agree in some bits: in a third of the strength at
# the very most. How strong the mark is at all, the pilot says, which is the same for all words.
OWN_SHARE = 0.5
LEAST_PILOT = 3.0
# In seconds that are left, together, in each stretch and in each of them: a pilot where this mark's would lie
# says that whatever mark is there lies there too. By chance together in one of 20,000, a stretch in one of
# forty, a single second in one of six.
PILOT_TOGETHER, PILOT_OF_STRETCH, PILOT_OF_ONE = 4.5, 2.0, 1.0
# And this much of another word there, as the square of its score, that it may be read: one that can be read
# has 79 or more, and chance reaches it in one of eight.
WORTH_READING = 25.0
# In each stretch and each third by itself, which are looked at so as well: chance in one of twenty-five.
WORTH_READING_IN_PART = 40.0
MOST_PERIODS = 3  # of the pattern, to either side
LEAST_COVERED = 0.3  # of a period, or it says little


class ReadFrames(NamedTuple):
    """What was read from frames, the seconds that they are from, and what read it."""

    extraction: Extraction
    seconds: tuple[int, ...]
    extractor: Extractor | None = None  # that has all frames of these seconds


# Reads a mark from frames; None where it saw none that could be read.
ReadLeft = Callable[[FramesBySecond, Sequence[WatermarkKey]], ReadFrames | None]


def read_all(seconds: FramesBySecond, keys: Sequence[WatermarkKey]) -> ReadFrames:
    """What all frames together hold."""
    extractor = Extractor()
    for second, frames in seconds.items():
        for luma in frames:
            extractor.add(luma, second)
    return ReadFrames(extractor.read(keys), tuple(sorted(seconds)), extractor)


def watermarks_by_second(
    seconds: FramesBySecond, first: ReadFrames, keys: Sequence[WatermarkKey], read_left: ReadLeft
) -> tuple[list[PartialWatermark], dict[int, int]]:
    """The watermarks in a clip, and for each second that carries one, its number among them.

    `seconds` holds (H, W) uint8 grey frames of one size, `first` what was read from some or all of them; the
    first watermark is that of `first`, and `read_left` looks for others in what does not carry it. Without a
    decoded payload in `first` there are none.
    """
    watermarks: list[PartialWatermark] = []
    found: dict[int, int] = {}
    left: dict[int, Frames] = dict(seconds)
    read: ReadFrames | None = first
    while read and (reading := _with_a_word(read.extraction)) is not None and reading.payload is not None:
        fits = _fits(left, read, reading, keys)
        carrying, faint = _carrying(fits)
        found |= dict.fromkeys(carrying, len(watermarks))
        watermarks.append(PartialWatermark(reading.payload.watermark_id, read.extraction, read.seconds))
        settled = {*carrying, *faint}
        left = {second: frames for second, frames in left.items() if second not in settled}
        if not left or not carrying or len(watermarks) == MOST_WATERMARKS:
            break
        if _is_held(left, fits, read, reading, keys) and is_one_shot(_all(seconds)):
            break
        read = read_left(left, keys)
    return watermarks, found


def _with_a_word(extraction: Extraction) -> WatermarkReading | None:
    return next((reading for reading in extraction.readings if reading.payload is not None), None)


def _all(seconds: FramesBySecond) -> list[NDArray[np.uint8]]:
    return [luma for second in sorted(seconds) for luma in seconds[second]]


def _carrying(fits: Mapping[int, tuple[float, float]]) -> tuple[list[int], list[int]]:
    """The seconds that carry the reading's word where the reading found it, and those that may well do so,
    too faintly to be sure of each; of the pilot's score and the word's in each.
    """
    scores = {second: (word, word / max(pilot, LEAST_PILOT)) for second, (pilot, word) in fits.items()}
    _, strength = max(scores.values())
    own = {second: word for second, (word, share) in scores.items() if share >= OWN_SHARE * strength}
    carrying = [second for second, word in own.items() if word >= CARRIES]
    return carrying, [second for second, word in own.items() if FAINT <= word < CARRIES]


def _is_held(
    left: Mapping[int, Frames],
    fits: Mapping[int, tuple[float, float]],
    read: ReadFrames,
    reading: WatermarkReading,
    keys: Sequence[WatermarkKey],
) -> bool:
    """Whether the mark that is in all seconds left lies where the reading's does, and no other word than the
    reading's can be read there: each is too faint by itself, and another search would find nothing.
    Never where the reading's picture leaves room for another beside it.
    """
    if read.extractor is None or not left.keys() <= set(read.seconds):
        return False
    height, width = next(iter(left.values()))[0].shape
    if not is_filled(reading, (height, width)):
        return False
    numbers = np.array(sorted(left))
    stretches = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    for stretch in stretches:
        pilots = [fits[second][0] for second in stretch]
        if min(pilots) < PILOT_OF_ONE or sum(pilots) < PILOT_OF_STRETCH * len(pilots) ** 0.5:
            return False
    together = read.extractor.fit_together(numbers.tolist(), reading, keys)
    if together.pilot < PILOT_TOGETHER or together.beside >= WORTH_READING:
        return False
    parts = [*stretches, *(np.array_split(numbers, PARTS) if len(numbers) >= PARTS else ())]
    return all(
        read.extractor.fit_together(part.tolist(), reading, keys).beside < WORTH_READING_IN_PART
        for part in parts
        if len(part) < len(numbers)
    )


def _fits(
    seconds: Mapping[int, Frames],
    read: ReadFrames,
    reading: WatermarkReading,
    keys: Sequence[WatermarkKey],
) -> dict[int, tuple[float, float]]:
    """The pilot's score and that of the reading's word in each second."""
    assert reading.payload is not None  # noqa: S101
    if read.extractor is not None:
        found = read.extractor.fit_by_second(reading, keys)
        if found.keys() == seconds.keys():
            return found
    fits: dict[int, tuple[float, float]] = {}
    for second, frames in seconds.items():
        extractor = Extractor()
        for period in _laid_out(frames, reading, second):
            extractor.add(negative(period) if reading.is_inverted else period)
        fits[second] = extractor.fit(reading.payload, keys[reading.key])
    return fits


def _laid_out(frames: Frames, reading: WatermarkReading, second: int) -> Iterator[NDArray[np.uint8]]:
    """A second's frames in canonical pixels, as the (512, 512) periods of the pattern that they cover."""
    path = reading.path.get(second, (np.eye(3),) * len(frames))
    for luma, motion in zip(frames, path, strict=False):
        geometry = motion @ reading.geometry
        for shift in _periods(luma.shape, geometry):
            yield np.asarray(
                cv2.warpPerspective(
                    luma,
                    geometry @ shift,
                    (PERIOD, PERIOD),
                    flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                    borderMode=cv2.BORDER_REPLICATE,
                ),
                np.uint8,
            )


def _periods(shape: tuple[int, ...], geometry: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """The shifts to the periods of the pattern that a frame covers; always to the one in its middle."""
    ends = mapped(corners_of((shape[0], shape[1])), np.asarray(np.linalg.inv(geometry), np.float64)) / PERIOD
    low, high = ends.min(0), ends.max(0)
    middle = np.floor((low + high) / 2)
    reach = range(-(MOST_PERIODS // 2), MOST_PERIODS // 2 + 1)
    for row in reach:
        for column in reach:
            corner = middle + np.array([column, row])
            covered = np.clip(np.minimum(high, corner + 1) - np.maximum(low, corner), 0, 1).prod()
            if covered >= LEAST_COVERED or (row, column) == (0, 0):
                yield np.array(
                    [[1.0, 0.0, corner[0] * PERIOD], [0.0, 1.0, corner[1] * PERIOD], [0.0, 0.0, 1.0]]
                )
