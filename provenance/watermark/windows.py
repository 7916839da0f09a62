"""What was read in windows that travel with a picture, as readings of the frames themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from provenance.watermark.carrier.rectification import Geometry, mapped
from provenance.watermark.identification.reading import FARTHEST, MarkedRegion, WatermarkReading
from provenance.watermark.synchronisation.travelling import Travel


def of_frames(
    reading: WatermarkReading, travel: Travel, shown: Sequence[int], shape: tuple[int, int]
) -> WatermarkReading:
    """A reading of `travel`'s windows as one of frames of this shape (H, W), shown in these seconds.

    Its path leads to the frames in which the picture was lost as well: there it counts as where it was last.
    """
    to_windows = _by_frame(reading, travel, shown)
    back = np.linalg.inv(travel.motions[travel.seen[0]])
    path: dict[int, tuple[Geometry, ...]] = {}
    for number, second in enumerate(shown):
        followed, seen = (
            min(some, key=lambda one: abs(one - number)) for some in (travel.motions, travel.seen)
        )
        motion = travel.motions[followed] @ to_windows[seen] @ back
        path[second] = (*path.get(second, ()), motion)
    return replace(
        reading,
        geometry=travel.motions[travel.seen[0]] @ reading.geometry,
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
