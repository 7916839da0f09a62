"""Marks frames with one payload, one at a time, in the stream that encodes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from provenance.watermark import carrier, error_correction
from provenance.watermark.layout import PILOT_SHARE, layout_for
from provenance.watermark.payload import PAYLOAD_BITS, WatermarkKey, WatermarkPayload

CODED_BITS = PAYLOAD_BITS * error_correction.RATE_INVERSE


class FrameTooSmall(ValueError):
    """The frame has fewer blocks than the payload has coded bits, so no mark fits."""


def holds_payload(height: int, width: int) -> bool:
    """Whether a frame of this size has a block for every coded bit (176x176 and up)."""
    blocks = carrier.block_count(height, width)
    return blocks - blocks // PILOT_SHARE >= CODED_BITS


class Embedder:
    """Puts `payload` under `key` into every frame it is given. Holds no state between frames."""

    def __init__(self, payload: WatermarkPayload, key: WatermarkKey) -> None:
        self._coded = error_correction.encode(payload.to_bits(key))
        self._key = key

    def mark(self, frames: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Yield a marked copy of each (H, W, 3) uint8 RGB frame.

        Raises FrameTooSmall for a frame that cannot hold the payload, ValueError for one of another form.
        """
        for frame in frames:
            yield self.mark_frame(frame)

    def mark_frame(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The marked copy of one frame; see `mark`."""
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
            raise ValueError(f"A frame must be (H, W, 3) uint8, not {frame.shape} {frame.dtype}.")
        height, width = frame.shape[:2]
        if not holds_payload(height, width):
            raise FrameTooSmall(f"A frame of {width}x{height} has too few blocks for the payload.")
        layout = layout_for(self._key, carrier.block_count(height, width))
        return carrier.mark(frame, layout.spread(self._coded))
