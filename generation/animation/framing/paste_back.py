"""Paste-back: the person animated inside the picture, the rest of which stays as it is.

The view is laid so that the frame falls on whole pixels, so rendered frames are copied in and never
resampled. Towards those of its edges that lie inside the video, movement fades to none before the edge is
reached: shoulders and hair that cross it are whole, and there is no seam to blend, frame for frame.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import FACE_OVAL
from generation.animation.framing.backdrop import draw_backdrop, picture_box
from generation.animation.framing.view import View
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.portrait.layers import sized_layers
from generation.animation.rendering.backends.backend import BackendFactory
from generation.animation.rendering.renderer import SIZES
from generation.animation.rendering.threaded import frames_ahead
from generation.animation.track.motion_track import MotionTrack

# Frame units from an edge: up to JOIN picture and frame are blended, up to STILL nothing moves. A triangle
# of the relief is 10 units wide, so none that reaches into the join has a corner that moves.
JOIN, STILL = 13.0, 25.0
# Frame units from left, top, right and bottom edge over which movement comes in, and the least distance from
# the face's outline, as a share of its distance from the edge: the face itself always moves freely.
COMES_IN = (110.0, 90.0, 110.0, 120.0)
FREE_FACE = 0.15


class InPicture(NamedTuple):
    """A face that moves inside its picture: what is `held` towards its edges, the picture (H, W, 3) uint8 RGB
    that stands `still`, and the rows and columns of it into which frames are copied."""

    held: FittedPortrait
    still: UInt8Array
    inner: tuple[slice, slice]


@dataclass(frozen=True)
class Edges:
    """Distances in frame units from the frame's left, top, right and bottom edge to where its content ends
    inside the video; None where it goes on to the video's own edge, so that nothing has to meet."""

    left: float | None
    top: float | None
    right: float | None
    bottom: float | None

    def distances(
        self, x: NDArray[np.floating], y: NDArray[np.floating]
    ) -> list[NDArray[np.floating] | None]:
        """How far inside of each edge the points `x`, `y` in frame units lie."""
        return [
            None if self.left is None else x - self.left,
            None if self.top is None else y - self.top,
            None if self.right is None else FRAME - self.right - x,
            None if self.bottom is None else FRAME - self.bottom - y,
        ]


def frames_in_picture(  # noqa: PLR0917 - as `frames_ahead`, and where to
    fitted: FittedPortrait,
    view: View,
    fill: str,
    backend: BackendFactory,
    tracks: Iterable[MotionTrack],
    threads: int,
    only: range | None = None,
) -> Generator[UInt8Array]:
    """Iterate over (height, width, 3) uint8 RGB frames of `view`, each a new array; as `frames_ahead`."""
    # The renderer has a least size; below it frames are made twice or four times as large and averaged.
    times = 1 if view.frame >= SIZES[0] else 2 * math.ceil(SIZES[0] / 2 / view.frame)
    if (view, fill) not in fitted.kept:  # for the next stretch of the same video
        edges = edges_inside(fitted, view)
        still = draw_backdrop(fitted.picture, view, fill)
        inner = _join(still, fitted, view, edges, times)
        held = replace(fitted, held=shown_movement(fitted, edges))
        fitted.kept[view, fill] = InPicture(held, still, inner)
    kept: InPicture = fitted.kept[view, fill]
    frames = frames_ahead(kept.held, view.frame * times, backend, tracks, threads, only)
    return _pasted(kept.still, kept.inner, view, times, frames)


def _pasted(
    still: UInt8Array,
    inner: tuple[slice, slice],
    view: View,
    times: int,
    frames: Generator[UInt8Array],
) -> Generator[UInt8Array]:
    rows, columns = inner
    source = (
        slice(rows.start - view.frame_y, rows.stop - view.frame_y),
        slice(columns.start - view.frame_x, columns.stop - view.frame_x),
    )
    for frame in frames:
        out = still.copy()
        out[inner] = _reduced(frame, times)[source]
        yield out


def _reduced(frame: UInt8Array, times: int) -> UInt8Array:
    if times == 1:
        return frame
    side = frame.shape[0] // times
    return np.asarray(cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def shown_movement(fitted: FittedPortrait, edges: Edges) -> Float32Array:
    """The share (N,) of each vertex's movement that is shown: 0 at edges inside the video, 1 in the face."""
    at = fitted.surface.at_rest.astype(np.float64)
    outline = fitted.points[list(FACE_OVAL), :2]
    share = np.ones(len(at))
    to_face = edges.distances(outline[:, 0], outline[:, 1])
    for distance, room, comes_in in zip(edges.distances(at[:, 0], at[:, 1]), to_face, COMES_IN, strict=True):
        if distance is None or room is None:
            continue
        end = max(min(STILL + comes_in, float(room.min()) * (1 - FREE_FACE)), STILL + 1)
        share *= smoothstep(STILL, end, distance)
    return share.astype(np.float32)


def edges_inside(fitted: FittedPortrait, view: View) -> Edges:
    """Where the frame's content ends inside the video: at its own edges, or where the picture ends in it.

    A picture that ends with the frame's bottom ends it, too: a body that sways or moves away would bring what
    was made up below the picture into view.
    """
    height, width = fitted.picture.shape[:2]
    x0, y0, x1, y1 = picture_box(view, width, height)
    unit = FRAME / view.frame
    ends = (
        (max(x0, view.frame_x), 0, x0 - view.frame_x),
        (max(y0, view.frame_y), 0, y0 - view.frame_y),
        (-min(x1, view.frame_x + view.frame), -view.width, view.frame_x + view.frame - x1),
        (-min(y1, view.frame_y + view.frame), -view.height, view.frame_y + view.frame - y1),
    )
    edges = Edges(*(max(beyond, 0) * unit if at > limit else None for at, limit, beyond in ends))
    below = ((height - view.top) * view.scale - view.frame_y - view.frame) * unit
    return replace(edges, bottom=0.0) if edges.bottom is None and below < JOIN else edges


def _join(
    still: UInt8Array, fitted: FittedPortrait, view: View, edges: Edges, times: int
) -> tuple[slice, slice]:
    """Blend the frame at rest into `still` along its edges, in place; the rows and columns within the join.

    Frame and picture show the same there, sampled twice and once: only their sharpness differs a little."""
    layers = sized_layers(fitted.canvas, fitted.matte, fitted.plate, view.frame * times)
    neutral = _reduced(layers.neutral, times)
    axis = (np.arange(view.frame) + 0.5) * FRAME / view.frame
    weight = np.ones((view.frame, view.frame), np.float32)
    inner = np.ones((view.frame, view.frame), bool)
    for distance in edges.distances(axis[None, :], axis[:, None]):
        if distance is not None:
            weight *= smoothstep(0.0, JOIN, distance).astype(np.float32)
            inner &= distance >= JOIN
    y0, x0 = max(view.frame_y, 0), max(view.frame_x, 0)
    y1, x1 = min(view.frame_y + view.frame, view.height), min(view.frame_x + view.frame, view.width)
    of_frame = (slice(y0 - view.frame_y, y1 - view.frame_y), slice(x0 - view.frame_x, x1 - view.frame_x))
    under = still[y0:y1, x0:x1].astype(np.float32)
    share = weight[of_frame][..., None]
    still[y0:y1, x0:x1] = np.rint(under + (neutral[of_frame] - under) * share).astype(np.uint8)
    rows, columns = np.flatnonzero(inner[of_frame].any(1)), np.flatnonzero(inner[of_frame].any(0))
    return (
        slice(y0 + int(rows[0]), y0 + int(rows[-1]) + 1),
        slice(x0 + int(columns[0]), x0 + int(columns[-1]) + 1),
    )
