"""Eye fit: corrects gaze and lids by the picture of the eyes.

The mesh network draws eyes that look aside too little aside, too low and too narrow: half of an iris is
hidden then. The performer's portrait is rendered around the eyes alone, and gaze and opening of the lids are
solved for by Gauss-Newton steps on brightness, held near what landmarks say.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.capture.bounded_least_squares import solve_bounded
from generation.animation.capture.eye_motion import BLINK, CORNERS, LIDS, WIDE
from generation.animation.capture.face_view import FaceView
from generation.animation.capture.motion_fit import FrameFit
from generation.animation.geometry.camera import FRAME
from generation.animation.rendering.backends.backend import SurfaceBackend
from generation.animation.rendering.backends.behind import Behind
from generation.animation.rendering.backends.compiled_backend import CompiledBackend
from generation.animation.rendering.eyes.eye_control import LID_FOLLOWS_UP, LOOK_UP
from generation.animation.rendering.renderer import Renderer

LIFTS: Final = (0.0, -0.12, 0.15)  # openings by which lids are tried first
TRIED: Final = 2  # steps, both with the derivatives of the first
SHORTER: Final = (1.0, 0.5)  # parts of a step that are tried
ENOUGH: Final = 0.97  # of the error: a step that leaves more than that is the last
NARROW: Final = 0.5  # eyeBlink from which landmarks alone count
MARGIN: Final = 0.14  # of the distance of the eyes around their landmarks that are compared
DRAWN: Final = 0.35  # of it that is drawn
SOFT: Final = 0.8  # pixels of a view by which both pictures are smoothed
USUAL: Final = 40.0  # levels of difference at which a pixel counts half: lashes and lights that moved
# What an opening of the lids by its whole height at rest is of an eyeWide.
WIDENS: Final = 0.35
# Steps of the numeric derivatives, and how far gaze (degrees) and lids (openings at rest) may go for a mean
# squared difference of HELD levels squared.
GAZE_STEP, LID_STEP = 3.0, 0.06
SPREAD: Final = np.array([12.0, 12.0, 0.24, 0.24])
HELD: Final = 1.0
LOWEST: Final = np.array([-90.0, -60.0, -1.0, -1.0])
HIGHEST: Final = np.array([90.0, 60.0, WIDENS, WIDENS])


class EyesSeen(NamedTuple):
    """The eyes of one frame: its view, the landmarks (478, 2+) in frame units, its fit and the gaze (2,)."""

    view: FaceView
    points: Float64Array
    fit: FrameFit
    gaze: Float64Array


class EyeFit:
    """Refines gaze and lids of one performer. Not thread-safe: it renders."""

    def __init__(self, renderer: Renderer) -> None:
        """`renderer` draws the performer's frame at rest; while this is made it must not be rendering."""
        fitted = renderer.fitted
        at_rest, self._square = fitted.surface.at_rest, fitted.square
        self._limits = fitted.turn_limits
        boxes = _boxes(fitted.points[:, :2], DRAWN)
        near = np.zeros(len(at_rest), bool)
        for left, top, right, bottom in boxes:
            x, y = at_rest.T
            near |= (x > left) & (x < right) & (y > top) & (y < bottom)

        def around_eyes(faces: Int32Array, size: int) -> SurfaceBackend:
            return _Around(np.ascontiguousarray(faces[near[faces].any(1)]), size)

        self._renderer = renderer.twin(around_eyes)

    def twin(self) -> EyeFit:
        """Another one for the same performer, for another thread; to be made while none refines."""
        twin = copy.copy(self)
        twin._renderer = self._renderer.twin()
        return twin

    def refine(self, seen: EyesSeen) -> Float64Array:
        """Gaze in degrees and openness of the lids, (4,), by the picture of the eyes. Eyes that are closed
        further than half, lie beyond the view or behind each other, or belong to a head that is turned
        further than the renderer would are left as they were found."""
        start = np.concatenate([seen.gaze, openness(seen.fit, seen.gaze)])
        view = seen.view
        places = (
            seen.points[:, :2] @ (to_view := view.to_pixels(self._square, FRAME))[:, :2].T + to_view[:, 2]
        )
        areas = _areas(places, len(view.grey))
        closed = seen.fit.actions[list(BLINK)].max() > NARROW
        if closed or areas is None or self._limits.cut(seen.fit.head_pose):
            return start
        (left, top, right, bottom), eye_of = areas
        matrix = view.to_pixels(self._square, self._renderer.size)
        matrix[:, 2] -= (left, top)
        inside = eye_of >= 0
        eye_of = eye_of[inside]
        true = _smooth(view.grey[top:bottom, left:right])[inside]

        def off(x: Float64Array) -> Float64Array:
            made = self._render(seen.fit, x, matrix, (right - left, bottom - top))[inside]
            difference = (true - made).astype(np.float64)
            for eye in range(2):
                difference[eye_of == eye] -= difference[eye_of == eye].mean()
            return difference

        x = _best_lids(start, off, eye_of)
        now = off(x)
        error = _cost(now)
        design = _derivatives(x, now, off, eye_of)
        held = HELD * len(now) / SPREAD**2
        for _ in range(TRIED):
            sure = 1 / (1 + (now / USUAL) ** 2)
            step = solve_bounded(
                (design * sure) @ design.T + np.diag(held),
                (design * sure) @ now - held * (x - start),
                LOWEST - x,
                HIGHEST - x,
                np.zeros(len(x)),
            )
            before = error
            for part in SHORTER:
                then = off(x + part * step)
                if _cost(then) < error:
                    x, now, error = x + part * step, then, _cost(then)
                    break
            if error > ENOUGH * before:
                break
        return x

    def _render(
        self, fit: FrameFit, x: Float64Array, matrix: Float64Array, size: tuple[int, int]
    ) -> Float32Array:
        actions = fit.actions.astype(np.float32)
        set_openness(actions, x[2:], follow(fit, x[:2]))
        frame = self._renderer.frame(actions, fit.head_pose.astype(np.float32), x[:2].astype(np.float32), 0.0)
        part = cv2.warpAffine(frame, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        return _smooth(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY))


def _best_lids(
    x: Float64Array, off: Callable[[Float64Array], Float64Array], eye_of: NDArray[np.int8]
) -> Float64Array:
    """`x` (4,) with the lids of each eye at the best of a few places: a lid that begins to close gets a line
    of lashes, and steps alone do not lead from one side of that to the other."""
    best, least = x.copy(), np.full(2, np.inf)
    for lift in LIFTS:
        tried = x.copy()
        tried[2:] = np.clip(x[2:] + lift, LOWEST[2:], HIGHEST[2:])
        left = off(tried)
        for eye in range(2):
            cost = _cost(left[eye_of == eye])
            if cost < least[eye]:
                least[eye], best[2 + eye] = cost, tried[2 + eye]
    return best


def _derivatives(
    x: Float64Array,
    now: Float64Array,
    off: Callable[[Float64Array], Float64Array],
    eye_of: NDArray[np.int8],
) -> Float64Array:
    """How what is left, `now` (N,) at `x` (4,), goes down with gaze and lids: (4, N)."""
    out = np.zeros((4, len(now)))
    for k in range(2):
        ahead = x.copy()
        ahead[k] += GAZE_STEP
        out[k] = (now - off(ahead)) / GAZE_STEP
    ahead = x.copy()
    steps = np.where(x[2:] + LID_STEP > WIDENS, -LID_STEP, LID_STEP)
    ahead[2:] += steps
    both = now - off(ahead)  # lids of one eye change nothing around the other
    for eye in range(2):
        out[2 + eye] = np.where(eye_of == eye, both / steps[eye], 0.0)
    return out


class _Around(CompiledBackend):
    """Draws nothing behind the few triangles that it is given."""

    def __init__(self, faces: Int32Array, size: int) -> None:
        super().__init__(faces, size)
        self._nothing = np.zeros((size, size, 3), np.uint8)

    def draw(
        self,
        points: Float32Array,
        sources: Float32Array,
        shade: Float32Array,
        person: UInt8Array,
        behind: Behind,
    ) -> UInt8Array:
        return super().draw(points, sources, shade, person, lambda _: self._nothing)


def _boxes(points: NDArray[np.floating], margin: float) -> Float64Array:
    """Left, top, right and bottom of both eyes (2, 4) with landmarks `points` (468+, 2)."""
    out = []
    for corners, lids in zip(CORNERS, LIDS, strict=True):
        ids = [*corners, *(i for pair in lids for i in pair)]
        out.append(np.concatenate([points[ids].min(0), points[ids].max(0)]))
    found = np.array(out, np.float64)
    apart = np.linalg.norm(found[0, :2] + found[0, 2:] - found[1, :2] - found[1, 2:]) / 2
    return np.asarray(found + margin * apart * np.array([-1, -1, 1, 1]))


def _areas(places: Float64Array, side: int) -> tuple[tuple[int, int, int, int], NDArray[np.int8]] | None:
    """The part left, top, right, bottom of a view of `side` pixels with both eyes, and in it which eye a
    pixel belongs to, -1 for none; None where an eye lies outside or, in a profile, wholly behind the other
    one's box. `places` (478, 2) are the landmarks."""
    boxes = _boxes(places, MARGIN)
    whole = np.rint(boxes).astype(int)
    left, top = whole[:, :2].min(0)
    right, bottom = whole[:, 2:].max(0)
    if left < 0 or top < 0 or right > side or bottom > side:
        return None
    eye_of = np.full((bottom - top, right - left), -1, np.int8)
    for eye, (x0, y0, x1, y1) in enumerate(whole):
        eye_of[y0 - top : y1 - top, x0 - left : x1 - left] = eye
    if not all((eye_of == eye).any() for eye in range(len(whole))):
        return None
    return (int(left), int(top), int(right), int(bottom)), eye_of


def openness(fit: FrameFit, gaze: Float64Array) -> Float64Array:
    """How far the lids (2,) of a `fit` are opened (above 0) or closed, in openings at rest, as the renderer
    has them at this `gaze` (2,): lids follow a look up."""
    blinks, wide = fit.actions[list(BLINK)], fit.actions[list(WIDE)]
    return np.asarray(np.maximum(wide * WIDENS, follow(fit, gaze) * (1 - blinks)) - blinks)


def follow(fit: FrameFit, gaze: Float64Array) -> float:
    """How far lids without a blink open by themselves, in openings at rest, with eyes that look up."""
    up = min(max(float(fit.head_pose[1] - gaze[1]), 0.0) / LOOK_UP, 1.0)
    return LID_FOLLOWS_UP * up * WIDENS


def set_openness(actions: NDArray[np.floating], opened: Float64Array, followed: float) -> None:
    """Set blinks and wide eyes of `actions` (52,) to `openness` (2,), in place, where the renderer has lids
    open by `followed` themselves, the less the more they blink."""
    actions[list(BLINK)] = np.clip((followed - opened) / (1 + followed), 0.0, 1.0)
    actions[list(WIDE)] = np.where(opened > followed, np.clip(opened / WIDENS, 0.0, 1.0), 0.0)


def with_corrected_eyes(
    fit: FrameFit, gaze: Float64Array, more: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """The actions (52,) of `fit` and the `gaze` (2,) with what the picture adds to gaze and openness, `more`
    (4,). The further the eyes are closed, the less; nothing from NARROW on."""
    actions = fit.actions.copy()
    share = np.clip(1 - actions[list(BLINK)].max() / NARROW, 0.0, 1.0)
    corrected = np.asarray(gaze + share * more[:2])
    if share > 0 and more.any():
        set_openness(actions, openness(fit, gaze) + share * more[2:], follow(fit, corrected))
    return actions, corrected


def _smooth(grey: UInt8Array) -> Float32Array:
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), SOFT), np.float32)


def _cost(off: Float64Array) -> float:
    return float((off**2 / (1 + (off / (2 * USUAL)) ** 2)).sum())
