"""SurfaceBackend: the protocol of what draws the person's surface, and the choice of one by device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.rendering.backends.behind import Behind


class SurfaceBackend(Protocol):
    """Draws the person's surface over what is behind it, for one output size and one list of triangles."""

    def draw(
        self,
        points: Float32Array,
        sources: Float32Array,
        shade: Float32Array,
        person: UInt8Array,
        behind: Behind,
    ) -> UInt8Array:
        """One frame (S, S, 3), a new array.

        `points` (N, 3) are the vertices in pixels with their depth, `sources` (N, 2) their texture
        coordinates in pixels of `person` (M, M, 4; premultiplied alpha, which does not change from frame to
        frame), `shade` (N,) factors of brightness."""
        ...


# Makes a back end for triangles (F, 3) and a size in pixels.
BackendFactory = Callable[[Int32Array, int], SurfaceBackend]


def backend_for(device: str) -> BackendFactory:
    """The factory for "cpu" or a torch device such as "cuda"."""
    if device == "cpu":
        from generation.animation.rendering.backends.compiled_backend import CompiledBackend  # noqa: PLC0415

        return CompiledBackend
    from generation.animation.rendering.backends.torch_backend import TorchBackend  # noqa: PLC0415

    return lambda faces, size: TorchBackend(faces, size, device)
