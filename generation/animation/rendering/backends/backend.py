"""Where a frame's pixels are made: a compiled path for the CPU, a torch path for CUDA, one contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array


class SurfaceDrawing(Protocol):
    """Draws the person's surface over a plate, always of one size and with the same triangles."""

    def draw(
        self,
        points: Float32Array,
        sources: Float32Array,
        shade: Float32Array,
        person: UInt8Array,
        plate: UInt8Array,
    ) -> UInt8Array:
        """One frame (S, S, 3), a new array.

        `points` (N, 3) are the vertices in pixels with their depth, `sources` (N, 2) the pixel of `person`
        (M, M, 4; colour already multiplied by alpha) that each shows, `shade` (N,) how much light it gets,
        `plate` (S, S, 3) what lies behind."""
        ...


# Makes a drawing for triangles (F, 3) and a size in pixels.
DrawingFactory = Callable[[Int32Array, int], SurfaceDrawing]


def drawing_for(device: str) -> DrawingFactory:
    """The factory for "cpu" or a torch device such as "cuda"."""
    if device == "cpu":
        from generation.animation.rendering.backends.compiled_backend import CompiledDrawing  # noqa: PLC0415

        return CompiledDrawing
    from generation.animation.rendering.backends.torch_backend import TorchDrawing  # noqa: PLC0415

    return lambda faces, size: TorchDrawing(faces, size, device)
