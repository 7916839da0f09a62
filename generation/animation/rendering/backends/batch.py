"""BatchBackend: the protocol of a back end that draws many frames in one go, and what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Scene:
    """What does not change from frame to frame, and can stay on the device.

    `person` (M, M, 4; premultiplied alpha) is the texture of the surface, of which frames change the part
    `changes` at most, its rows and columns; `plate` (S, S, 3) is behind it. The hidden layer between the two
    has a texture (M, M, 4), and texture coordinates (H, 2) and brightness (H,) of its vertices."""

    person: UInt8Array
    changes: tuple[slice, slice]
    plate: UInt8Array
    hidden_texture: UInt8Array
    hidden_source: Float32Array
    hidden_shade: Float32Array


class HiddenMesh(NamedTuple):
    """The hidden layer in one frame: its vertices (H, 3) in pixels with their depth, the triangles (F, 3)
    that a turned head uncovers, and the box x0, y0, x1, y1 of the frame around them."""

    points: Float32Array
    faces: Int32Array
    box: Box


class SurfaceFrame(NamedTuple):
    """One frame of the surface: `points` (N, 3), `sources` (N, 2) and `shade` (N,) are as for
    `SurfaceBackend.draw`, `changed` is the part of the person's texture that frames change, `hidden` is None
    where nothing of the hidden layer is uncovered."""

    points: Float32Array
    sources: Float32Array
    shade: Float32Array
    changed: UInt8Array
    hidden: HiddenMesh | None


@runtime_checkable
class BatchBackend(Protocol):
    """Draws frames of one scene together: one copy to the device for all of them, and one back."""

    def draw_batch(self, scene: Scene, frames: Sequence[SurfaceFrame]) -> UInt8Array:
        """The frames (B, S, S, 3), a new array on the CPU. What stays of a scene on the device is that of the
        last one."""
        ...
