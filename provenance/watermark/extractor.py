"""Reads the watermark from frames: their residuals are summed, aligned and decoded, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from provenance.watermark import error_correction
from provenance.watermark.content import print_of_found
from provenance.watermark.framing import is_small_window, picture_box
from provenance.watermark.pattern import PERIOD, lines_of
from provenance.watermark.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.reading import Extraction, Reading
from provenance.watermark.rectification import Geometry, folded, mapped, rectified
from provenance.watermark.refinement import refine
from provenance.watermark.residual import ResidualSum
from provenance.watermark.spectrum import Alignment, Waves, read_waves, start_of_tile
from provenance.watermark.synchroniser import Synchroniser, cut, moved_into, whole_frame

Plane = NDArray[np.float32]

SMALLEST_SIDE = 96  # frames below hold nothing that could be judged
SURE_PILOT = 7.5  # a word under a pilot this strong ends the search
WORTH_DECODING = 3.6  # a weaker pilot does not say where the payload lies
WORTH_REFINING = 4.4
KEPT_TILES = 4  # rows of soft bits that a reading keeps
PARTS = 3  # of a clip that are also looked at by themselves: the rest may be somebody else's
PILOT_OF_A_SECOND = 4.5  # by chance with probability 4e-5 at most

_UPRIGHT = Alignment(0.0, (0.0, 0.0), is_turned=False)


class Extractor:
    """Takes luma frames of one size, then reads the marks of one or several keys from them."""

    def __init__(self) -> None:
        self._sum: ResidualSum | None = None

    def add(self, luma: NDArray[np.uint8], second: int = 0) -> None:
        """Add an (H, W) uint8 luma frame shown in a second of the clip.

        Frames of another size than the first, or too small to judge, are passed over.
        """
        if min(luma.shape) < SMALLEST_SIDE:
            return
        if self._sum is None:
            self._sum = ResidualSum(*luma.shape)
        if luma.shape == self._sum.frame_shape:
            self._sum.add(luma, second)

    def read(self, keys: Sequence[WatermarkKey]) -> Extraction:
        """Look for the marks of `keys`, the likeliest first. Ends early when a word is read beyond doubt."""
        result = Extraction()
        if self._sum is None:
            return result
        result.frames_read = self._sum.frames
        for reading in _attempts(self._sum, keys, result):
            if reading.payload is not None and reading.pilot >= SURE_PILOT:
                break
        result.readings = [
            replace(
                reading, seconds=tuple(self._seconds_with(reading, keys)), prints=self._prints_at(reading)
            )
            for reading in result.readings
        ]
        return result

    def fit(self, payload: WatermarkPayload, key: WatermarkKey) -> tuple[float, float]:
        """The pilot's score and the payload's, if the frames are just as they were marked; 0 without any."""
        if self._sum is None:
            return 0.0, 0.0
        waves = _waves(self._sum.total(), next(whole_frame(self._sum.shape)), key)
        signs = 2.0 * error_correction.encode(payload.to_bits(key)) - 1.0
        return waves.pilot_score(), float(waves.beliefs(_UPRIGHT)[0] @ signs)

    def _seconds_with(self, reading: Reading, keys: Sequence[WatermarkKey]) -> Iterator[int]:
        """The seconds of the clip in which the pilot is found at the reading's geometry."""
        assert self._sum is not None  # noqa: S101
        geometry = _to_sum(self._sum) @ reading.geometry
        for second, (plane, _) in sorted(self._sum.seconds.items()):
            if _waves(plane, geometry, keys[reading.key]).pilot_score() >= PILOT_OF_A_SECOND:
                yield second

    def _prints_at(self, reading: Reading) -> NDArray[np.uint8]:
        """(n, PRINT_BYTES): what one frame of each second shows at the reading's geometry."""
        assert self._sum is not None  # noqa: S101
        geometry = _to_sum(self._sum) @ reading.geometry
        return np.stack([print_of_found(luma, geometry) for luma in self._sum.samples.values()])


def _attempts(residuals: ResidualSum, keys: Sequence[WatermarkKey], result: Extraction) -> Iterator[Reading]:
    """Every attempt at reading that gave something to decode, the cheapest first."""
    total = residuals.total()
    whole = list(whole_frame(total.shape))
    box = picture_box(residuals.mean_picture())
    result.is_judged = box is None or not is_small_window(residuals.mean_picture(), box)
    inner = cut(total, box) if box else total
    inner_synchroniser, synchroniser = Synchroniser(inner), Synchroniser(total)
    to_total = moved_into(np.eye(3), box) if box else np.eye(3)

    def supposed() -> Iterator[tuple[Plane, int, Geometry, Geometry]]:
        """A plane, a key, a geometry in it, and what takes the plane's pixels to the total's."""
        for geometry in whole:
            for number in range(len(keys)):
                yield total, number, geometry, np.eye(3)
        for number, key in enumerate(keys):
            yield inner, number, inner_synchroniser.nearby(lines_of(key)), to_total
        for part in _parts(residuals):
            for number in range(len(keys)):
                yield part, number, whole[0], np.eye(3)
        for number, key in enumerate(keys):
            for geometry in inner_synchroniser.searched(lines_of(key)):
                yield inner, number, geometry, to_total
        if box:
            for number, key in enumerate(keys):
                for geometry in synchroniser.searched(lines_of(key)):
                    yield total, number, geometry, np.eye(3)

    to_file = np.linalg.inv(_to_sum(residuals))
    for number, key in enumerate(keys):
        reading = _read_as_marked(total, whole[0], number, key, result)
        if reading is not None:
            result.keep(replace(reading, geometry=to_file @ reading.geometry))
    for plane, number, geometry, to_whole in supposed():
        for reading in _read(plane, geometry, number, keys[number], result):
            placed = replace(reading, geometry=to_file @ to_whole @ reading.geometry)
            result.keep(placed)
            yield placed


def _read_as_marked(
    plane: Plane, geometry: Geometry, number: int, key: WatermarkKey, result: Extraction
) -> Reading | None:
    """The word of a frame that lies as it was marked, whatever became of its pilot: that can be taken off."""
    waves = _waves(plane, geometry, key)
    beliefs = waves.beliefs(_UPRIGHT)[:1]
    payload = WatermarkPayload.from_bits(error_correction.decode(beliefs)[0], key)
    result.attempts += 1
    return None if payload is None else Reading(number, waves.pilot_score(), payload, beliefs, geometry)


def _read(
    plane: Plane, geometry: Geometry, number: int, key: WatermarkKey, result: Extraction
) -> Iterator[Reading]:
    """What a plane holds at a geometry, and at a refined one if that gave no word."""
    for is_refined in (False, True):
        waves = _waves(plane, geometry, key)
        alignment = waves.align()
        result.pilot = max(result.pilot, alignment.score)
        if alignment.score < WORTH_DECODING:
            return
        payload, beliefs, tile = _decoded(waves.beliefs(alignment), key)
        result.attempts += len(beliefs)
        placed = _placed(geometry, alignment, start_of_tile(tile), plane.shape)
        yield Reading(number, alignment.score, payload, beliefs[:KEPT_TILES], placed)
        if is_refined or payload is not None or alignment.score < WORTH_REFINING:
            return
        geometry = refine(plane, lines_of(key), geometry, alignment)


def _decoded(
    beliefs: NDArray[np.float32], key: WatermarkKey
) -> tuple[WatermarkPayload | None, NDArray[np.float32], int]:
    """The likeliest word of all tiles if its check holds, the rows of soft bits with the likeliest first, and
    which tile that is.
    """
    words = error_correction.decode(beliefs)
    payloads = [WatermarkPayload.from_bits(word, key) for word in words]
    fits = [
        (payload is not None, float(row @ (2.0 * error_correction.encode(word) - 1.0)))
        for payload, row, word in zip(payloads, beliefs, words, strict=True)
    ]
    order = sorted(range(len(fits)), key=lambda tile: fits[tile], reverse=True)
    return payloads[order[0]], beliefs[order], order[0]


def _parts(residuals: ResidualSum) -> Iterator[Plane]:
    """The means over the beginning, the middle and the end of a clip of several seconds."""
    seconds = sorted(residuals.seconds)
    if len(seconds) < PARTS:
        return
    for part in np.array_split(seconds, PARTS):
        chosen = [residuals.seconds[int(second)] for second in part]
        yield np.asarray(sum(plane for plane, _ in chosen) / sum(count for _, count in chosen), np.float32)


def _to_sum(residuals: ResidualSum) -> Geometry:
    """From pixels of the frames to pixels of the sum."""
    (height, width), (rows, columns) = residuals.frame_shape, residuals.shape
    return np.diag([columns / width, rows / height, 1.0])


def _waves(plane: Plane, geometry: Geometry, key: WatermarkKey) -> Waves:
    return read_waves(folded(*rectified(plane, geometry)), lines_of(key))


def _placed(
    geometry: Geometry, alignment: Alignment, start: tuple[int, int], shape: tuple[int, ...]
) -> Geometry:
    """The geometry with the payload's own beginning at 0, 0, in the period in which the plane's middle is."""
    sign = -1.0 if alignment.is_turned else 1.0
    shift = np.array(alignment.shift) + np.array(start)
    # Canonical u = sign * p + shift, where p is what `geometry` starts from.
    inverse = np.asarray(np.linalg.inv(geometry), np.float64)
    middle = mapped(np.array([[shape[1] / 2, shape[0] / 2]]), inverse)[0]
    shift -= np.floor((sign * middle + shift) / PERIOD) * PERIOD
    back = np.array([[sign, 0.0, -sign * shift[0]], [0.0, sign, -sign * shift[1]], [0.0, 0.0, 1.0]])
    return np.asarray(geometry @ back, np.float64)
