"""Which part of the frames readings are about, and readings of windows that travel with a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.rectification import Geometry, mapped
from provenance.watermark.identification.reading import FARTHEST, MarkedRegion, WatermarkReading
from provenance.watermark.synchronisation.travelling import Travel

LEAST_REST = 0.2  # of the frame, in which another marked picture may lie


def covered(readings: Iterable[WatermarkReading], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W): 1 where one of the readings' pictures lies in the first second that carries it.

    `shape` (H, W): of the frames.
    """
    height, width = shape
    taken = np.zeros(shape, np.uint8)
    for corners in (one.regions[0].corners for one in readings if one.regions):
        cv2.fillConvexPoly(taken, np.rint(np.array(corners) * (width, height)).astype(np.int32), (1,))
    return taken


def covered_in_each(
    readings: Sequence[WatermarkReading],
    shown: Sequence[int],
    shape: tuple[int, int],
    frame_shape: tuple[int, int],
) -> Iterator[NDArray[np.uint8]]:
    """(H, W) for each frame: 1 where one of the readings' pictures lies in it, along its path if it moves.

    `shown`: the second of each frame, in order. `shape` (H, W): of what is given. `frame_shape` (H, W): of
    the file's frames, in whose pixels paths count. In a second that does not carry the mark a picture is
    taken to lie on along its path.
    """
    still = covered((one for one in readings if not one.path), shape)
    moving = [one for one in readings if one.path and one.regions]
    size, to_given = np.array(frame_shape[::-1]), np.array(shape[::-1]) / frame_shape[::-1]
    places: dict[int, int] = {}
    for second in shown:
        place = places[second] = places.get(second, -1) + 1
        taken = still.copy()
        for one in moving:
            region = one.regions[0]
            middle = one.path[region.second][len(one.path[region.second]) // 2]
            motion = one.path[second][place] @ np.linalg.inv(middle)
            corners = mapped(np.array(region.corners) * size, motion) * to_given
            cv2.fillConvexPoly(taken, np.rint(corners).astype(np.int32), (1,))
        yield taken


def is_filled(reading: WatermarkReading, shape: tuple[int, int]) -> bool:
    """Whether a reading's picture fills frames (H, W), so that no other can lie in them beside it."""
    return bool(covered([reading], shape).mean() > 1 - LEAST_REST)


def of_frames(
    reading: WatermarkReading, travel: Travel, shown: Sequence[int], shape: tuple[int, int], to_file: Geometry
) -> WatermarkReading:
    """A reading of `travel`'s windows as one of the file's frames, shown in these seconds.

    `shape` (H, W): of the frames out of which the windows were cut; `to_file` takes their pixels to the
    file's. The path leads to the frames in which the picture was lost as well: there it counts as where it
    was last.
    """
    to_windows = _by_frame(reading, travel, shown)
    first = to_file @ travel.motions[travel.seen[0]]
    back = np.linalg.inv(first)
    path: dict[int, tuple[Geometry, ...]] = {}
    for number, second in enumerate(shown):
        motion = travel.motions[_nearest(travel.motions, number)]
        in_window = to_windows[_nearest(travel.seen, number)]
        path[second] = (*path.get(second, ()), to_file @ motion @ in_window @ back)
    return replace(
        reading,
        geometry=first @ reading.geometry,
        path=path,
        regions=tuple(_regions(reading, travel, shown, shape)),
    )


def _nearest(numbers: Iterable[int], number: int) -> int:
    return min(numbers, key=lambda one: abs(one - number))


def _by_frame(reading: WatermarkReading, travel: Travel, shown: Sequence[int]) -> dict[int, Geometry]:
    """For each frame that was read, the reading's path in its window."""
    motions: dict[int, Geometry] = {}
    places: dict[int, int] = {}
    for number in travel.seen:
        second = shown[number]
        place = places[second] = places.get(second, -1) + 1
        motions[number] = reading.path[second][place] if reading.path else np.eye(3)
    return motions


def _regions(
    reading: WatermarkReading, travel: Travel, shown: Sequence[int], shape: tuple[int, int]
) -> Iterator[MarkedRegion]:
    """The regions, which are those of the windows in the middle of each second."""
    for region in reading.regions:
        numbers = [number for number in travel.motions if shown[number] == region.second]
        motion = travel.motions[numbers[len(numbers) // 2]]
        corners = mapped(np.array(region.corners) * travel.size, motion) / (shape[1], shape[0])
        one, two, three, four = ((round(float(x), 4), round(float(y), 4)) for x, y in corners)
        if np.abs(corners).max() <= FARTHEST:
            yield MarkedRegion(region.second, (one, two, three, four))
