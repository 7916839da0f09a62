"""Colour conversion and mark on a device: batches of frames go there once and come back as marked planes.

For workers with a graphics card. Planes are within a level of those of the CPU's conversion, and their mark
is bit by bit that of the CPU for the same luma.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

import av
import numpy as np
import torch
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from torch import Tensor

from provenance.watermark.torch_embedder import TorchEmbedder

PIXELS: Final = 8 * 512 * 512  # of the frames of one batch together
RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722  # of luma (BT.709)
OF_BLUE, OF_RED = 2 * (1 - BLUE), 2 * (1 - RED)
LUMA, CHROMA = 219 / 255, 224 / 255  # of the levels 16 to 235 and 16 to 240 for a level of 0 to 255


class DeviceFinisher:
    """Makes marked pictures of the frames of one clip, in order."""

    def __init__(
        self, embedder: TorchEmbedder, device: str, on_marked: Callable[[NDArray[np.uint8]], None]
    ) -> None:
        """`on_marked` is given each marked luma plane (H, W) uint8, in order."""
        self._embedder, self._device, self._on_marked = embedder, torch.device(device), on_marked

    def __call__(self, frames: Iterable[NDArray[np.uint8]]) -> Iterator[Any]:
        """A planar 4:2:0 picture for each of `frames` (H, W, 3) uint8 RGB, of one size with even sides."""
        remaining = iter(frames)
        for head in remaining:
            length = max(1, PIXELS // (head.shape[0] * head.shape[1]))
            batch = [head, *islice(remaining, length - 1)]
            for planes in zip(*self._planes(np.stack(batch)), strict=True):
                self._on_marked(planes[0])
                yield _picture(planes)

    @torch.inference_mode()
    def _planes(self, frames: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
        """Marked luma (B, H, W), and both planes of colour (B, H / 2, W / 2)."""
        luma, *colours = to_planes(torch.from_numpy(frames).to(self._device))
        return tuple(plane.cpu().numpy() for plane in (self._embedder.mark(luma), *colours))


def to_planes(frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Frames (B, H, W, 3) uint8 RGB as planar 4:2:0, BT.709, 16 to 235: luma (B, H, W), and blue and red
    difference (B, H / 2, W / 2), uint8."""
    red, green, blue = frames.float().unbind(-1)
    luma = RED * red + GREEN * green + BLUE * blue
    colours = (_halved(channel - luma) * (CHROMA / of) for channel, of in ((blue, OF_BLUE), (red, OF_RED)))
    planes = (16 + LUMA * luma, *(128 + plane for plane in colours))
    luma, *differences = ((plane + 0.5).floor().clamp(0, 255).to(torch.uint8) for plane in planes)
    return luma, differences[0], differences[1]


def _halved(plane: Tensor) -> Tensor:
    """The means (B, H / 2, W / 2) of 2 x 2 values."""
    return (plane[:, ::2, ::2] + plane[:, ::2, 1::2] + plane[:, 1::2, ::2] + plane[:, 1::2, 1::2]) / 4


def _picture(planes: tuple[NDArray[np.uint8], ...]) -> Any:
    height, width = planes[0].shape
    picture = av.VideoFrame(width, height, "yuv420p")
    for plane, values in zip(picture.planes, planes, strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        rows[: values.shape[0], : values.shape[1]] = values
    picture.colorspace, picture.color_range = Colorspace.ITU709, ColorRange.MPEG
    return picture
