"""Head alignment: the pose that lays the rendered head, hair and outline included, onto the filmed one.

Landmarks end at the face, and a mouth that is drawn to one side turns them without the head. Ears, hair and
the outline say where the head is; brightness is compared, pixel by pixel, by Gauss-Newton steps over the pose
alone, held near what landmarks say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.capture.face_view import FaceView
from generation.animation.capture.landmark_model import POSE_STEP
from generation.animation.geometry.camera import CENTRE, FRAME
from generation.animation.portrait.surface import Surface
from generation.animation.rendering.deform import chain_transforms

ROUNDS: Final = 2
SHORTER: Final = (1.0, 0.5)  # parts of a step that are tried
ENOUGH: Final = 0.98  # of the error: a step that leaves more than that is the last
RIGID: Final = 0.95  # share of head and hair in what moves a vertex
EXPRESSIVE: Final = 0.06  # head widths that actions move a vertex at which it counts half
FACE: Final = 0.75  # of all that counts is the face, the rest ears, hair and outline
OUTLINE: Final = 4  # frame units outside of the person that are compared too
SOFT: Final = 1.0  # pixels of a view by which both pictures are smoothed
NOISE: Final = 4.0  # levels of difference that say nothing
LARGE: Final = 16.0  # levels of difference at which it is as good as lost
# How strongly the landmarks' pose is held: a change by HELD (degrees, head widths) costs as much as a
# difference of NOISE in all of the head's picture.
HELD: Final = np.array([12.0, 12.0, 12.0, 0.24, 0.24, 0.16])

Render = Callable[[Float64Array], UInt8Array]


class HeadAlignment:
    """Aligns the head of one performer with that of views. Keeps nothing of a frame: threads may share it."""

    def __init__(self, surface: Surface, alpha: UInt8Array, margin: int, scale: float) -> None:
        """`alpha` (M, M) is the person's at rest, at `scale` pixels a frame unit and with a `margin` of so
        many pixels around the frame."""
        self._surface = surface
        near = cv2.dilate(alpha, np.ones((2 * round(OUTLINE * scale) + 1,) * 2, np.uint8))
        place = (surface.at_rest + 0.5) * scale - 0.5 + margin
        place = np.clip(np.rint(place).astype(int), 0, len(alpha) - 1)
        shown = near[place[:, 1], place[:, 0]] > 0
        shown &= surface.skinning[:, 4:].sum(1) > RIGID
        shown[surface.hidden_start :] = False
        self._ids = np.flatnonzero(shown)
        self._rest = surface.rest[self._ids].astype(np.float64)
        moves = surface.actions[:, self._ids]
        far = np.linalg.norm(moves, axis=2).max(0) / surface.head_width
        weights = _areas(surface)[self._ids] / (1 + (far / EXPRESSIVE) ** 2)
        face = self._ids < surface.mesh_size
        for part, share in ((face, FACE), (~face, 1 - FACE)):
            weights[part] *= share / max(float(weights[part].sum()), 1e-9)
        self._weights = weights / max(float(weights.sum()), 1e-9)
        self._moves = moves.reshape(len(moves), -1).astype(np.float32)

    def align(
        self,
        view: FaceView,
        shown: Float64Array,
        pose: Float64Array,
        render: Render,
        square: tuple[float, float, float],
    ) -> Float64Array:
        """The pose (6,) near `pose` at which the head looks like that of `view`. `shown` (52,) are the
        actions as the renderer moves the skin by; `render` gives the grey frame (S, S) for a pose, and
        `square` is the frame's left, top and side in picture pixels. A head of which the view shows nothing
        stays where it is."""
        moved = self._rest + (shown.astype(np.float32) @ self._moves).reshape(-1, 3)
        true, start, to_view = _smooth(view.grey), pose, view.to_pixels(square, FRAME)

        def places(at_pose: Float64Array) -> Float64Array:
            return np.asarray(self._project(moved, at_pose) @ to_view[:, :2].T + to_view[:, 2])

        at = places(pose)
        weights = self._weights * ((at >= 0) & (at <= len(true) - 1)).all(1)
        if not weights.any():
            return pose
        made = _seen(render(pose), view, square)
        off = _difference(true, made, at, weights)
        for _ in range(ROUNDS):
            ahead = [(places(pose + by) - at) / by.sum() for by in np.diag(POSE_STEP)]
            design = _derivatives(true, made, at, np.array(ahead))
            sure = weights / (1 + (off / _usual(off, weights)) ** 2)
            design -= (design * sure).sum(1, keepdims=True) / max(float(sure.sum()), 1e-9)
            held = NOISE**2 / HELD**2 * sure.sum()
            normal = (design * sure) @ design.T + np.diag(held)
            step = np.linalg.solve(normal, (design * sure) @ off - held * (pose - start))
            before = error = _cost(off, weights)
            for part in SHORTER:
                there = places(pose + part * step)
                tried = _seen(render(pose + part * step), view, square)
                then = _difference(true, tried, there, weights)
                if _cost(then, weights) < before:
                    pose, made, at, off = pose + part * step, tried, there, then
                    error = _cost(then, weights)
                    break
            if error > ENOUGH * before:
                break
        return pose

    def _project(self, moved: Float64Array, pose: Float64Array) -> Float64Array:
        """The vertices `moved` (N, 3) by the actions in frame units, (N, 2)."""
        turn = chain_transforms(self._surface, pose)[4].astype(np.float64)
        points = moved @ turn[:, :3].T + turn[:, 3]
        distance = self._surface.distance
        return np.asarray(points[:, :2] * (distance / (distance + points[:, 2:])) + CENTRE)


def _seen(frame: UInt8Array, view: FaceView, square: tuple[float, float, float]) -> Float32Array:
    """A frame (S, S) as `view` shows it, smoothed; `square` is its left, top and side in picture pixels."""
    size = (len(view.grey),) * 2
    matrix = view.to_pixels(square, len(frame))
    shown = cv2.warpAffine(frame, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return _smooth(np.asarray(shown, np.uint8))


def _derivatives(
    true: Float32Array, made: Float32Array, at: Float64Array, by_pose: Float64Array
) -> Float64Array:
    """How the difference goes down at the points `at` (N, 2), which the pose moves `by_pose` (6, N, 2): what
    comes there was behind. (6, N), of the slopes of both pictures."""
    slopes = [(_at(a, at) + _at(b, at)) / 2 for a, b in zip(_slopes(true), _slopes(made), strict=True)]
    return np.asarray(-slopes[0] * by_pose[..., 0] - slopes[1] * by_pose[..., 1])


def _areas(surface: Surface) -> Float64Array:
    """What part of the picture at rest belongs to each vertex (N,), in frame units squared."""
    out = np.zeros(len(surface.rest))
    for triangles in (surface.skin, surface.relief):
        a, b, c = (surface.at_rest[triangles[:, k]].astype(np.float64) for k in range(3))
        area = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 6
        for k in range(3):
            np.add.at(out, triangles[:, k], area)
    return out


def _smooth(grey: UInt8Array) -> Float32Array:
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), SOFT), np.float32)


def _slopes(picture: Float32Array) -> tuple[Float32Array, Float32Array]:
    """The slopes (S, S) of `picture` to the right and down, in levels a pixel."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _at(values: Float32Array, at: Float64Array) -> Float64Array:
    """`values` (S, S) at the points `at` (N, 2)."""
    x, y = at.astype(np.float32).T[:, None]
    found = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], np.float64)


def _difference(
    true: Float32Array, made: Float32Array, at: Float64Array, weights: Float64Array
) -> Float64Array:
    """Levels (N,) by which `true` is brighter than `made` at the points `at`, less what all of it is."""
    off = _at(true - made, at)
    return np.asarray(off - (off * weights).sum() / max(float(weights.sum()), 1e-9))


def _usual(off: Float64Array, weights: Float64Array) -> float:
    """The difference beyond which a point counts less than half."""
    return max(2 * NOISE, 3 * float((np.abs(off) * weights).sum() / max(weights.sum(), 1e-9)))


def _cost(off: Float64Array, weights: Float64Array) -> float:
    """The mean squared difference, in which what is far off counts no more than LARGE."""
    return float((weights * off**2 / (1 + (off / LARGE) ** 2)).sum())
