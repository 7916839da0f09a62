"""Picture fit: corrects what landmarks say by the picture itself, analysis by synthesis.

Landmarks are good to a pixel or two, and the mesh network draws brows, chin and lips too little. The
performer's own frame at rest is fitted as a portrait and rendered with the motion found so far; where its
pixels would have to go to lie on those of the video (optical flow) is solved for over the same actions and
the pose, by Gauss-Newton steps that are held near the landmarks' answer. A step that does not make the
rendered face more like the filmed one is not taken.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.capture.bounded_least_squares import solve_bounded
from generation.animation.capture.eye_fit import EyeFit
from generation.animation.capture.face_view import SIDE, FaceView, convex
from generation.animation.capture.head_alignment import HeadAlignment
from generation.animation.capture.landmark_model import POSE_WIDTH, LandmarkModel
from generation.animation.capture.motion_fit import (
    CHIN,
    FITTED,
    LIPS,
    FrameFit,
    action_prior,
    landmark_weights,
)
from generation.animation.face.face_topology import LEFT_EYE, RIGHT_EYE
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.corner_travel import corner_pulls, limit_corners
from generation.animation.rendering.mouth.smile_parting import part_smiling_lips
from generation.animation.rendering.muscle_combinations import combine_muscles
from generation.animation.rendering.renderer import Renderer

SIZE: Final = 256  # pixels of a rendered frame
ROUNDS: Final = 2
SHORTER: Final = (1.0, 0.5)  # parts of a step that are tried
ENOUGH: Final = 0.98  # of the error: a step that leaves more than that is the last
# How strongly the answer is held near the landmarks': of the actions' prior around rest, and for the pose in
# degrees and head widths that cost as much as an error of POSE_ERROR head widths at every landmark. Yaw and a
# shift to the side look nearly the same in a face, and landmarks see more of the head's outline. The course
# of the jaw is found well from the landmarks, and lips that part for another reason would open it.
ACTIONS_HELD: Final = 0.1
JAW_HELD: Final = 50.0
POSE_ERROR: Final = 0.01
POSE_HELD: Final = np.array([4.0, 4.0, 3.0, 0.06, 0.06, 0.12])
# Head widths by which the flow may go before a point counts less: it has then found something else.
FAR: Final = 0.04
# Variance of brightness (levels squared a pixel) at which an edge is half as sure as it can be, and how sure
# the flow is along an edge or where there is none, where it is filled in from around.
EDGE: Final = 30.0
FILLED: Final = 0.1
EYE_WEIGHT, CHIN_WEIGHT = 0.3, 1.0
STEP: Final = 0.05  # of an action, in numeric derivatives of what the renderer makes of them together
BEYOND: Final = 4  # pixels of a view around the landmarks' hull that are compared


class PictureFit:
    """Refines the fits of one performer, whose frame at rest is `fitted`. Not thread-safe: it renders."""

    def __init__(self, fitted: FittedPortrait, geometry: LandmarkModel) -> None:
        """`geometry` is the performer's model without the mesh network's own response."""
        self._square, self._limits = fitted.square, fitted.turn_limits
        self._renderer = Renderer(fitted, SIZE)
        self._model, self._pulls = geometry, corner_pulls(fitted)
        self._drawn: tuple[Float32Array, UInt8Array] | None = None  # the last frame and its motion
        layers = self._renderer.layers
        self._alignment = HeadAlignment(fitted.surface, layers.person[..., 3], layers.margin, SIZE / FRAME)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def eye_fit(self) -> EyeFit:
        """The fit of the same performer's eyes."""
        return EyeFit(self._renderer)

    def twin(self) -> PictureFit:
        """Another one for the same performer, for another thread; to be made while none refines."""
        twin = copy.copy(self)
        twin._renderer = self._renderer.twin()
        twin._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        return twin

    def aligned(self, head: FaceView, fit: FrameFit, gaze: Float64Array) -> FrameFit:
        """The `fit` with the pose at which the whole head looks like that of the view `head`."""
        if self._limits.cut(fit.head_pose):
            return fit

        def render(pose: Float64Array) -> UInt8Array:
            return self._frame(fit.actions, pose, gaze)

        pose = self._alignment.align(head, self._shown(fit.actions), fit.head_pose, render, self._square)
        return FrameFit(fit.actions, pose, fit.residual)

    def refine(self, view: FaceView, fit: FrameFit, gaze: Float64Array) -> FrameFit:
        """The fit of the frame that `view` shows, from the landmarks' `fit`; `gaze` (2,) is as in
        MotionTrack. Lids are kept, and so is the residual, which is that of the landmarks."""
        if self._limits.cut(fit.head_pose):
            return fit  # the renderer would not turn as far, and what it shows would say: still further
        start = np.concatenate([fit.actions[_fitted()], fit.head_pose])
        to_view = view.to_pixels(self._square, SIZE)
        prior = _prior(self._model.head_width)
        x, actions = start, fit.actions.copy()
        made = self._render(actions, x[-POSE_WIDTH:], gaze, to_view)
        inside, error = None, np.inf
        for _ in range(ROUNDS):
            image, by_actions, by_pose = self._linearised(actions, x[-POSE_WIDTH:])
            by_pose[:, LIPS] = 0.0  # as in the landmarks' fit, they do not carry the head along
            at = ((image + 0.5) * (SIZE / FRAME) - 0.5) @ to_view[:, :2].T + to_view[:, 2]
            if inside is None:
                inside = _around(at)
                error = _difference(made, view.grey, inside)
            off = _at(self._flow.calc(made, view.grey, None), at) / (to_view[0, 0] * SIZE / FRAME)
            sure = _information(made, at, off, self._model.head_width)
            design = np.concatenate([by_actions, by_pose])
            weighted = design[..., :1] * sure[:, 0] + design[..., 1:] * sure[:, 1]
            weighted = weighted.reshape(len(design), -1)
            step = solve_bounded(
                weighted @ design.reshape(len(design), -1).T + prior,
                weighted @ off.ravel() - prior @ (x - start),
                _lowest() - x,
                _highest() - x,
                np.zeros(len(x)),
            )
            before = error
            for part in SHORTER:
                actions[_fitted()] = (x + part * step)[:-POSE_WIDTH]
                tried = self._render(actions, (x + part * step)[-POSE_WIDTH:], gaze, to_view)
                left = _difference(tried, view.grey, inside)
                if left < error:
                    x, made, error = x + part * step, tried, left
                    break
            actions[_fitted()] = x[:-POSE_WIDTH]
            if error > ENOUGH * before:
                break
        return FrameFit(actions, x[-POSE_WIDTH:].copy(), fit.residual)

    def _linearised(
        self, actions: Float64Array, pose: Float64Array
    ) -> tuple[Float64Array, Float64Array, Float64Array]:
        """Landmarks (468, 2) as the renderer has them, their derivatives by the fitted actions and by the
        pose."""
        shown = self._shown(actions)
        image, by_shown, by_pose = self._model.linearise_shown(shown, pose)
        mixed = np.empty((len(FITTED), len(actions)))
        for row, column in enumerate(FITTED):
            step = -STEP if actions[column] > 1 - STEP else STEP
            more = actions.copy()
            more[column] += step
            mixed[row] = (self._shown(more) - shown) / step
        return image, np.tensordot(mixed, by_shown, 1), by_pose

    def _shown(self, actions: Float64Array) -> Float64Array:
        """What the renderer moves the skin by for `actions` (52,)."""
        out = actions.astype(np.float32)
        part_smiling_lips(out)
        combine_muscles(out)
        limit_corners(out, self._pulls)
        return out.astype(np.float64)

    def _render(
        self, actions: Float64Array, pose: Float64Array, gaze: Float64Array, to_view: Float64Array
    ) -> UInt8Array:
        """The performer's portrait with this motion, as a view shows it, grey."""
        grey = self._frame(actions, pose, gaze)
        return np.asarray(
            cv2.warpAffine(grey, to_view, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE), np.uint8
        )

    def _frame(self, actions: Float64Array, pose: Float64Array, gaze: Float64Array) -> UInt8Array:
        """The performer's portrait with this motion, a grey frame (SIZE, SIZE)."""
        motion = np.concatenate([actions, pose, gaze]).astype(np.float32)
        if self._drawn is None or not np.array_equal(self._drawn[0], motion):
            parts = np.split(motion, [len(actions), len(actions) + POSE_WIDTH])
            frame = self._renderer.frame(parts[0], parts[1], parts[2], 0.0)
            self._drawn = motion, np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)
        return self._drawn[1]


def _around(at: Float64Array) -> NDArray[np.bool_]:
    """The face whose landmarks lie `at` (468, 2), with a little around it."""
    wider = cv2.dilate(convex(at).astype(np.uint8), np.ones((2 * BEYOND + 1,) * 2, np.uint8))
    return np.asarray(wider > 0)


def _difference(made: UInt8Array, true: UInt8Array, inside: NDArray[np.bool_]) -> float:
    """Variance of the difference of two views; a change of exposure is none."""
    return float((true[inside].astype(np.float32) - made[inside]).var())


def _at(values: NDArray[np.floating], at: Float64Array) -> Float64Array:
    """`values` (SIDE, SIDE, K) at the points `at` (N, 2): (N, K)."""
    x, y = at.astype(np.float32).T[:, None]
    found = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], np.float64)


def _information(made: UInt8Array, at: Float64Array, off: Float64Array, head_width: float) -> Float64Array:
    """How sure the flow `off` (468, 2) frame units is at landmarks `at`: (468, 2, 2), from the edges that the
    picture has there, each landmark's weight included."""
    grey = cv2.GaussianBlur(made.astype(np.float32), (0, 0), 0.8)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    edges = cv2.GaussianBlur(np.dstack([across * across, across * down, down * down]), (0, 0), 2.0)
    xx, xy, yy = _at(edges, at).T
    tensor = np.stack([np.stack([xx, xy], 1), np.stack([xy, yy], 1)], 1) + FILLED * EDGE * np.eye(2)
    far = np.linalg.norm(off, axis=1) / head_width
    weights = _weights() ** 2 / (1 + (far / max(FAR, 2 * float(np.median(far)))) ** 2)
    return np.asarray(tensor * (weights / (xx + yy + EDGE))[:, None, None])


@cache
def _fitted() -> list[int]:
    return list(FITTED)


@cache
def _lowest() -> Float64Array:
    return np.concatenate([np.zeros(len(FITTED)), np.full(POSE_WIDTH, -np.inf)])


@cache
def _highest() -> Float64Array:
    return np.concatenate([np.ones(len(FITTED)), np.full(POSE_WIDTH, np.inf)])


@cache
def _weights() -> Float64Array:
    weights = landmark_weights()
    weights[list(CHIN)] = CHIN_WEIGHT
    weights[[*LEFT_EYE, *RIGHT_EYE]] = EYE_WEIGHT
    return weights


def _prior(head_width: float) -> Float64Array:
    """What holds actions and pose near the landmarks' answer, (P, P)."""
    held = ACTIONS_HELD * action_prior()
    jaw = FITTED.index(ACTION_INDEX["jawOpen"])
    held[jaw, jaw] *= JAW_HELD
    held[-POSE_WIDTH:, -POSE_WIDTH:] = np.diag((POSE_ERROR / POSE_HELD) ** 2)
    return np.asarray(float((_weights() ** 2).sum()) * head_width**2 * held)
