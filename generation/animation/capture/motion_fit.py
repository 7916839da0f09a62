"""Motion fit: actions and head pose of one frame, by bounded least squares over the landmark model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.capture.bounded_least_squares import solve_bounded
from generation.animation.capture.landmark_model import POSE_WIDTH, LandmarkModel
from generation.animation.face.face_topology import (
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS_INNER,
    LIPS_OUTER,
    MESH_POINTS,
    RIGHT_BROW,
    RIGHT_EYE,
)
from generation.animation.geometry.rig import ACTION_INDEX

ROUNDS: Final = 3  # Gauss-Newton steps a frame, each from where the last one arrived
# Head widths of residual at which a landmark counts half (Cauchy's weights): a mouth opened further than the
# rig can must not pull the head along.
ROBUST: Final = 0.015
# Not solved for: the eyes are measured by `eye_motion`, the tongue has no landmark, and the two others move
# landmarks almost only in depth.
UNSEEN: Final = ("eyeLook", "eyeBlink", "eyeWide", "tongueOut", "jawForward", "cheekPuff")
FITTED: Final = tuple(i for name, i in ACTION_INDEX.items() if not name.startswith(UNSEEN))
# Landmarks that count more or less than others. Lids are measured by `eye_motion`.
LIPS: Final = sorted({*LIPS_OUTER, *LIPS_INNER})
LIPS_WEIGHT, BROW_WEIGHT, OUTLINE_WEIGHT, LID_WEIGHT = 3.0, 1.5, 0.3, 0.0
CHIN_WEIGHT: Final = 0.6
CHIN: Final = (152, 148, 377, 176, 400, 149, 378)
# The prior of the actions, a Gaussian around rest: what an action costs at full strength, as root mean square
# error of the landmarks in head widths. Those that a face seldom makes alone cost more, and both sides mostly
# go together.
ACTION_COST: Final = 0.004
SELDOM_COST: Final = 0.02
SELDOM: Final = (
    "jawLeft", "jawRight", "mouthLeft", "mouthRight", "mouthShrug", "mouthRoll", "mouthDimple",
    "mouthStretch", "mouthPress", "mouthFunnel", "mouthLowerDown", "mouthUpperUp", "noseSneer",
    "cheekSquint", "eyeSquint",
)  # fmt: skip
SIDES_CORRELATE: Final = 0.9
# A pose costs next to nothing: degrees, then head widths.
POSE_COST: Final = np.array([1e-5] * 3 + [1e-3, 1e-3, 1e-2])


@dataclass(frozen=True)
class FrameFit:
    """One frame: `actions` (52,), `head_pose` (6,) and the landmarks' residual in head widths."""

    actions: Float64Array
    head_pose: Float64Array
    residual: float


def fit_frame(model: LandmarkModel, points: Float64Array, weights: Float64Array, start: FrameFit) -> FrameFit:
    """Fit `points` (468, 2) in frame units, each with its weight (468,), beginning at the fit `start` of the
    frame before. Blinks and wide eyes are taken from `start.actions` and kept."""
    actions, pose = start.actions.copy(), start.head_pose.copy()
    fitted = list(FITTED)
    prior = float((weights**2).sum()) * model.head_width**2 * action_prior()
    low = np.concatenate([np.zeros(len(fitted)), np.full(POSE_WIDTH, -np.inf)])
    high = np.concatenate([np.ones(len(fitted)), np.full(POSE_WIDTH, np.inf)])
    for _ in range(ROUNDS):
        image, by_actions, by_pose = model.linearise(actions, pose)
        off = points - image
        # Lips go further than the rig's, and count most: where the head is is read from all but them.
        by_pose[:, LIPS] = 0.0
        w = _robust_weights(weights, off, model.head_width)
        design = np.concatenate([by_actions[fitted], by_pose]).reshape(len(fitted) + POSE_WIDTH, -1)
        weighted = design * np.repeat(w, 2)
        x = np.concatenate([actions[fitted], pose])
        x = solve_bounded(weighted @ design.T + prior, weighted @ (off.ravel() + x @ design), low, high, x)
        actions[fitted], pose = x[: len(fitted)], x[len(fitted) :]
    off = points - model.project(actions, pose)
    squared = (weights**2 * (off**2).sum(1)).sum() / (weights**2).sum()
    return FrameFit(actions, pose, float(np.sqrt(squared)) / model.head_width)


def _robust_weights(weights: Float64Array, off: Float64Array, head_width: float) -> Float64Array:
    """Squared weights (468,) of landmarks that are `off` (468, 2) frame units, relative to their median."""
    far = np.linalg.norm(off, axis=1) / head_width
    usual = max(float(np.median(far)), ROBUST)
    return np.asarray(weights**2 / (1 + (far / usual) ** 2))


@cache
def action_prior() -> Float64Array:
    """The inverse covariance (P, P) of the fitted actions and the pose, to be multiplied by the sum of the
    landmarks' squared weights and the squared head width."""
    names = [name for name, i in ACTION_INDEX.items() if i in FITTED]
    spread = 1 / np.array([SELDOM_COST if name.startswith(SELDOM) else ACTION_COST for name in names])
    correlation = np.eye(len(names))
    for k, name in enumerate(names):
        other = name.removesuffix("Left") + "Right"
        if name.endswith("Left") and not name.startswith(("jaw", "mouthLeft")) and other in names:
            correlation[k, names.index(other)] = correlation[names.index(other), k] = SIDES_CORRELATE
    prior = np.diag(np.concatenate([np.zeros(len(names)), POSE_COST**2]))
    prior[: len(names), : len(names)] = np.linalg.inv(correlation * np.outer(spread, spread))
    return prior


def landmark_weights() -> Float64Array:
    """How much each landmark (468,) counts: lips and brows more, the outline, which slides, less."""
    weights = np.ones(MESH_POINTS)
    weights[list(FACE_OVAL)] = OUTLINE_WEIGHT
    weights[list(CHIN)] = CHIN_WEIGHT
    weights[[*LEFT_BROW, *RIGHT_BROW]] = BROW_WEIGHT
    weights[[*LEFT_EYE, *RIGHT_EYE]] = LID_WEIGHT
    weights[LIPS] = LIPS_WEIGHT
    return weights
