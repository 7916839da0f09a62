"""A quick look at a few neighbouring frames: where a mark may lie in them, likeliest first.

To read frames costs a second; a look at them costs a hundredth, or a tenth wherever a picture may lie. So it
tells which of many are worth reading. Nothing is decoded: a place is ranked by its pilot and by the energy of
its soft bits, and of neither depends what the keyed signs of a word are. So a look adds nothing to the number
of tests by which `decision` bounds false matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.attempts import read_at
from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.carrier.rectification import Geometry
from provenance.watermark.carrier.residual import residual
from provenance.watermark.coding.payload import WatermarkKey
from provenance.watermark.identification.reading import Extraction
from provenance.watermark.synchronisation.synchroniser import Synchroniser

# Pixels of the longer side: the mark's finest carriers are seen, and the spectrum is on the small grid.
SEEN_SIDE: Final = 480


class LikelyPlace(NamedTuple):
    """Where a mark may lie: `rank` orders such places (`WatermarkReading.ranking_score`), `key` is the number
    of the key, and `geometry` takes canonical pixels to those of the frames.
    """

    rank: float
    key: int
    geometry: Geometry


class Glance:
    """A few frames of one size that lie near each other, looked at together."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        """For frames of this shape (H, W); frames of another one are passed over."""
        height, width = self.shape = shape
        scale = min(1.0, SEEN_SIDE / max(height, width))
        self._size = (max(1, round(width * scale)), max(1, round(height * scale)))
        self._total: Plane = np.zeros(self._size[::-1], np.float32)
        self._to_frames = np.diag([width / self._size[0], height / self._size[1], 1.0])
        self.frames = 0

    @classmethod
    def together(cls, glances: Sequence[Glance]) -> Glance:
        """What was added to any of some glances at frames of one size."""
        both = cls(glances[0].shape)
        for one in glances:
            if one.shape == both.shape:
                both._total = both._total + one._total
                both.frames += one.frames
        return both

    def add(self, luma: NDArray[np.uint8]) -> None:
        """Add an (H, W) uint8 grey frame."""
        if luma.shape == self.shape:
            small = cv2.resize(luma, self._size, interpolation=cv2.INTER_AREA)
            self._total += residual(np.asarray(small, np.float32))
            self.frames += 1

    def upright(self, keys: Sequence[WatermarkKey]) -> LikelyPlace | None:
        """The likeliest place of a picture that is neither turned nor stretched, of any scale."""
        synchroniser = Synchroniser(self._total)
        return self._likeliest(keys, [synchroniser.upright(carriers_of(key)) for key in keys])

    def anywhere(self, keys: Sequence[WatermarkKey]) -> LikelyPlace | None:
        """The likeliest place wherever a picture may lie; under all keys but the first in the usual ones."""
        synchroniser = Synchroniser(self._total)
        first, *others = (carriers_of(key) for key in keys)
        return self._likeliest(keys, [synchroniser.searched(first), *map(synchroniser.in_common, others)])

    def _likeliest(
        self, keys: Sequence[WatermarkKey], searched: Sequence[Iterator[Geometry]]
    ) -> LikelyPlace | None:
        places = (
            LikelyPlace(reading.ranking_score, number, self._to_frames @ reading.geometry)
            for number, (key, geometries) in enumerate(zip(keys, searched, strict=True))
            for geometry in geometries
            for reading in read_at(self._total, geometry, number, key, Extraction(), rounds=1)
        )
        return max(places, key=lambda place: place.rank, default=None)
