"""Looks for the mark of a picture that lies over a marked picture which fills the frame.

Its own word says how that picture agrees with the frames in each cell, and where it does not, something may
lie over it: so it is in few cells of a picture that nothing covers. Elsewhere it is painted over, and
what is left is searched for a pilot that lies otherwise. Which cells these are depends on the key, but on the
signs of no other word than the one that was found; and there are none without one. So each row of soft bits
counts among the `tests` of the bounds (`identification/decision.py`), and the pilot does not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.attempts import SURE_PILOT, decoded, read_bent, to_sum
from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import PERIOD, carriers_of
from provenance.watermark.carrier.rectification import Geometry, corners_of, mapped
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.search_plan import OTHERS_SHARE
from provenance.watermark.synchronisation.camera_motion import STILL
from provenance.watermark.synchronisation.extent import CELL, seen_cells
from provenance.watermark.synchronisation.framing import Box
from provenance.watermark.synchronisation.synchroniser import Synchroniser, cut, moved_into

PARTS = 3  # of a clip at most, that are looked at by themselves: what is moved lies elsewhere in each
# Of the frame, in all of a clip and in a part: of twelve clips that nothing covered .02 and .11 at most.
LEAST_BARE, LEAST_BARE_OF_PART = 0.05, 0.1
MOST_BARE = 0.8  # where more is bare, the picture is not shown in a part, which is looked at by itself
AROUND = 3  # cells to a side, about each that does not agree, in which the edge of what covers it may lie


@dataclass(frozen=True, eq=False)
class BarePart:
    """A mean residual (H, W) of some seconds, and where the word does not agree with it: (H, W), 1 there."""

    plane: Plane
    bare: NDArray[np.uint8]


def lies_still(reading: WatermarkReading, frame_shape: tuple[int, int]) -> bool:
    """Whether a reading's picture stays where it is in frames (H, W) of the file, so that a mean shows it."""
    corners = corners_of(frame_shape)
    most = STILL * max(1.0, min(frame_shape) / PERIOD)
    motions = (motion for second in reading.path.values() for motion in second)
    return all(np.abs(mapped(corners, motion) - corners).max() < most for motion in motions)


def bare_parts(
    reading: WatermarkReading, residuals: ResidualSum, keys: Sequence[WatermarkKey]
) -> list[BarePart]:
    """All frames together, and parts of them, in which a part of a reading's picture does not carry its word.

    The reading has a payload, and its picture fills the frames.
    """
    assert reading.payload is not None  # noqa: S101
    key, geometry = keys[reading.key], to_sum(residuals) @ reading.geometry
    signs = 2.0 * error_correction.encode(reading.payload.to_bits(key)) - 1.0
    signs *= -1.0 if reading.is_inverted else 1.0
    found, planes = [], list(_planes(residuals))
    for plane, cells in zip(planes, seen_cells(planes, geometry, carriers_of(key), signs), strict=True):
        size = plane.shape[::-1]
        to_plane = geometry @ np.array(
            [[CELL, 0, cells.left * CELL], [0, CELL, cells.top * CELL], [0, 0, 1.0]]
        )
        bare = 1 - float(_in_plane(cells.seen, to_plane, size).mean())
        if (LEAST_BARE if plane is planes[0] else LEAST_BARE_OF_PART) <= bare <= MOST_BARE:
            held = cv2.erode(cells.seen.astype(np.uint8), np.ones((AROUND, AROUND), np.uint8))
            found.append(BarePart(plane, 1 - _in_plane(held, to_plane, size)))
    return found


def words_over(
    parts: Sequence[BarePart],
    residuals: ResidualSum,
    keys: Sequence[WatermarkKey],
    result: Extraction,
    known: set[WatermarkPayload],
    *,
    until: float,
) -> list[WatermarkReading]:
    """The readings in the first of the parts that holds another word than those that are known, where the
    picture that carries it lies still. What was looked at is counted in `result`; `until` is when, in the
    process's own time, nothing more is begun.
    """
    back = np.asarray(np.linalg.inv(to_sum(residuals)), np.float64)
    for part in parts:
        for reading in _words(part, keys, result, known, until):
            return [replace(reading, geometry=back @ reading.geometry)]
    return []


def _words(
    part: BarePart,
    keys: Sequence[WatermarkKey],
    result: Extraction,
    known: set[WatermarkPayload],
    until: float,
) -> Iterator[WatermarkReading]:
    left, top, width, height = cv2.boundingRect(part.bare)
    box = left, top, left + width, top + height
    synchroniser = Synchroniser(cut(np.where(part.bare == 1, part.plane, np.float32(0)), box))
    pending: list[WatermarkReading] = []
    begun = time.process_time()
    for number, key in enumerate(keys):
        if time.process_time() > until:
            result.is_everywhere = False
            break
        if number == 1:
            now = time.process_time()
            until = min(until, now + OTHERS_SHARE * (now - begun))
        search = synchroniser.in_common if number else synchroniser.searched
        for geometry in search(carriers_of(key)):
            pending += read_bent(synchroniser.plane, geometry, number, key, result)
            if any(one.pilot >= SURE_PILOT for one in pending):
                yield from _new(pending, keys, known, box)
                pending.clear()
    yield from _new(pending, keys, known, box)


def _new(
    pending: Sequence[WatermarkReading],
    keys: Sequence[WatermarkKey],
    known: set[WatermarkPayload],
    box: Box,
) -> Iterator[WatermarkReading]:
    """Those of some readings in a box that give words which are not known, the clearest first."""
    words = [one for one in decoded(pending, keys) if one.payload is not None and one.payload not in known]
    for one in sorted(words, key=lambda word: -word.ranking_score):
        yield replace(one, geometry=moved_into(one.geometry, box))


def _planes(residuals: ResidualSum) -> Iterator[Plane]:
    """The mean residuals of all frames and of parts of a clip of several seconds."""
    yield residuals.total()
    seconds = sorted(residuals.seconds)
    parts = np.array_split(seconds, min(PARTS, len(seconds))) if len(seconds) > 1 else []
    for part in parts:
        chosen = [residuals.seconds[int(second)] for second in part]
        yield np.asarray(sum(plane for plane, _ in chosen) / sum(count for _, count in chosen), np.float32)


def _in_plane(cells: NDArray[np.generic], to_plane: Geometry, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Cells as they lie in a plane of this size (width, height); 0 where there is none."""
    corner = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])  # of a cell, from its middle
    flags = cv2.INTER_NEAREST
    return np.asarray(
        cv2.warpPerspective(cells.astype(np.uint8), to_plane @ corner, size, flags=flags), np.uint8
    )
