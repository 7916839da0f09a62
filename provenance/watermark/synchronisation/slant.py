"""Finds a picture that is seen much aslant: its middle, as if straight on, and then more and more of it.

A linear transform fits a picture in perspective about its middle only. There the pilot is looked for, and
what is found is bent to fit a larger part around it, until it fits the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import Carriers
from provenance.watermark.carrier.rectification import Geometry, folded, linear, rectified
from provenance.watermark.carrier.spectrum import measure_carriers
from provenance.watermark.synchronisation.framing import Box
from provenance.watermark.synchronisation.refinement import correction
from provenance.watermark.synchronisation.search import search_aslant, spectrum_of
from provenance.watermark.synchronisation.synchroniser import cut, moved_into

MIDDLES = (0.7, 0.5)  # of each side: the larger holds more of the mark, the smaller is bent less
WORTH_GROWING, STILL_GROWING = 5.6, 4.4  # the pilot's score in the middle, and in each part around it


def slanted(
    plane: Plane, carriers: Carriers, middles: Sequence[float] = MIDDLES
) -> Iterator[tuple[float, Geometry]]:
    """Geometries of a residual (H, W) seen aslant, each with the pilot's score in one of its `middles`."""
    for share in middles:
        box = _part(plane.shape, share)
        found = search_aslant(spectrum_of(cut(plane, box)), carriers, (plane.shape[0], plane.shape[1]))
        for score, matrix in found:
            if score < WORTH_GROWING:
                break
            whole = _grown(plane, moved_into(linear(matrix), box), share, carriers)
            if whole is not None:
                yield score, whole


def _grown(plane: Plane, geometry: Geometry, middle: float, carriers: Carriers) -> Geometry | None:
    for share in (middle, (1 + middle) / 2, 1.0, 1.0):
        box = _part(plane.shape, share)
        within = moved_into(np.eye(3), (-box[0], -box[1], 0, 0)) @ geometry
        canvas, origin = rectified(cut(plane, box), within, is_quick=True)
        alignment = measure_carriers(folded(canvas, origin), carriers).align()
        if alignment.score < STILL_GROWING:
            return None
        geometry = geometry @ correction(canvas, origin, carriers, alignment)
    return geometry


def _part(shape: tuple[int, ...], share: float) -> Box:
    """The box of the middle of a plane (H, W)."""
    height, width = shape
    x, y = round(width * (1 - share) / 2), round(height * (1 - share) / 2)
    return x, y, width - x, height - y
