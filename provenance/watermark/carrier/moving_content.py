"""Removes moving picture content from the mean residual by optical flow, so that the static mark remains.

The mean of residuals keeps what content there is in the mark's band, and of a picture that was cut down to a
face little else is left. But the frames of one shot show the same content at other places. Laid on top of
each other by their optical flow they give that content alone, since the mark, which does not move along, is
smeared; what it leaves of each frame is mark and noise. Where nothing moves that would take out the mark as
well, so a place counts by how far its content moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.arrays import Luma, Plane
from provenance.watermark.carrier.pattern import PERIOD
from provenance.watermark.carrier.residual import residual

FLOW_SIDE = 256  # of the shorter side, on which flows are computed
FAR = 4.0  # canonical pixels: content that moves by as much smears the mark
LEAST_MOVED = 0.05  # of the frame, or there is nothing to gain
MOST_LEFT = 0.8  # of the difference between frames, once they are moved, or they show different things
CONTENT_FRAMES, CLEARED_FRAMES = 12, 16  # more gain little
_SPARSE = (slice(None, None, 4), slice(None, None, 4))


def without_moving_content(frames: Sequence[Luma], mean_residual: Plane) -> Plane | None:
    """The mean residual (H, W) of luma frames (H, W) uint8, without content that moves.

    `mean_residual` is the plain one of the same frames, and stays where nothing moves. None where so little
    moves that nothing would change, and where the frames have no content in common.
    """
    middle = frames[len(frames) // 2]
    flows = _Flows(middle)
    content, moved = np.zeros_like(mean_residual), flows.nowhere()
    apart = left = 0.0
    chosen = _some(frames, CONTENT_FRAMES)
    for frame in chosen:
        flow = flows.from_middle(frame)
        there = flows.moved(frame.astype(np.float32), flow)
        cv2.accumulate(there, content)
        cv2.accumulate(flows.lengths(flow), moved)
        apart += float(cv2.absdiff(frame[_SPARSE], middle[_SPARSE]).mean())
        left += float(np.abs(there[_SPARSE] - middle[_SPARSE]).mean())
    content /= np.float32(len(chosen))
    far = np.float32(len(chosen) * FAR * min(mean_residual.shape) / PERIOD)
    share = np.minimum(flows.whole(moved / far), np.float32(1))
    if share.mean() < LEAST_MOVED or left > MOST_LEFT * apart:
        return None
    cleared = np.zeros_like(mean_residual)
    for frame in _some(frames, CLEARED_FRAMES):
        still = flows.moved(content, flows.to_middle(frame))
        cv2.subtract(frame.astype(np.float32), still, still)
        cv2.accumulate(residual(still), cleared)
    mixed = mean_residual / mean_residual.std() * (1 - share) + cleared / cleared.std() * share
    return np.asarray(mixed, np.float32)


def _some(frames: Sequence[Luma], count: int) -> list[Luma]:
    places = np.unique(np.linspace(0, len(frames) - 1, min(count, len(frames))).astype(int))
    return [frames[place] for place in places]


class _Flows:
    """Where the content of one frame lies in others, and the other way round."""

    def __init__(self, frame: Luma) -> None:
        height, width = frame.shape
        self._whole = (width, height)
        scale = min(1.0, FLOW_SIDE / min(height, width))
        self._size = (round(width * scale), round(height * scale))
        self._back = np.array([width / self._size[0], height / self._size[1]], np.float32)
        self._small = self._reduced(frame)
        self._method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def nowhere(self) -> Plane:
        """Zeros of the size on which flows are computed."""
        return np.zeros(self._size[::-1], np.float32)

    def from_middle(self, other: Luma) -> Plane:
        """(h, w, 2): how many pixels from each place of the frame its content lies in the other."""
        return self._in_pixels(self._method.calc(self._small, self._reduced(other), None))

    def to_middle(self, other: Luma) -> Plane:
        """(h, w, 2): how many pixels from each place of the other frame its content lies in this one."""
        return self._in_pixels(self._method.calc(self._reduced(other), self._small, None))

    def lengths(self, flow: Plane) -> Plane:
        """(h, w): how far a flow leads."""
        return np.asarray(cv2.magnitude(*cv2.split(flow)), np.float32)

    def whole(self, values: Plane) -> Plane:
        """Values on the flows' grid at each place of the frame."""
        return np.asarray(cv2.resize(values, self._whole), np.float32)

    def moved(self, plane: Plane, flow: Plane) -> Plane:
        """What `plane` (H, W) shows at the ends of a flow."""
        flags = cv2.INTER_LINEAR | cv2.WARP_RELATIVE_MAP
        moved = cv2.remap(plane, self.whole(flow), None, flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)

    def _reduced(self, frame: Luma) -> Luma:
        return np.asarray(cv2.resize(frame, self._size, interpolation=cv2.INTER_AREA), np.uint8)

    def _in_pixels(self, flow: NDArray[np.floating]) -> Plane:
        height, width = flow.shape[:2]
        # Both numbers of each place side by side, which the library multiplies in a fifth of the time.
        in_pixels = flow.reshape(height, 2 * width) * np.tile(self._back, width)
        return np.asarray(in_pixels.reshape(flow.shape), np.float32)
