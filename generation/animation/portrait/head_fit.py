"""Fits the rig to landmarks: pose and identity by least squares, then an RBF warp onto lids and lips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from generation.animation.arrays import Float64Array
from generation.animation.face.face_topology import LEFT_EYE, LIPS_INNER, LIPS_OUTER, RIGHT_EYE
from generation.animation.geometry.camera import head_rotation
from generation.animation.geometry.rig import FaceRig

# The mesh network's pose estimate is biased. On rendered heads of known pose it overestimates yaw and
# underestimates pitch (`benchmarks/rendering/ground_truth.py` prints how much), and the four presenters, who
# look straight ahead, come out as looking down by 1 to 7 degrees. Most people in portraits look ahead: pitch
# is moved a little towards that.
PITCH_BIAS, YAW_GAIN, PITCH_GAIN = 3.8, 1.17, 1.1
DEPTH_WEIGHT = 0.25  # of the mesh network's z, which is less reliable than x and y
IDENTITY_STRENGTH = 0.012  # ridge on identity, per landmark, in head widths per standard deviation
ROUNDS = 8
CORNER = 0.6  # of the way from the corner of the inner contour to that of the outer one
FALL_OFF = 0.5  # head widths over which the landmark residual fades away from the face


@dataclass(frozen=True, eq=False)
class FittedHead:
    """The rig in the picture: `vertices` (V, 3) in frame units, and the similarity transform from rig to
    frame.

    `rotation` (3, 3) and `scale` (frame units for a metre) turn rig displacements into the picture's;
    `joints` (7, 3) and `centre` are in frame units, z away from the viewer.
    """

    vertices: Float64Array
    rotation: Float64Array
    scale: float
    translation: Float64Array
    joints: Float64Array
    head_width: float

    @property
    def yaw(self) -> float:
        """Yaw of the portrait's head in degrees, positive towards the picture's right edge."""
        return float(np.degrees(np.arctan2(-self.rotation[0, 2], self.rotation[2, 2])))

    @property
    def pitch(self) -> float:
        """Pitch of the portrait's head in degrees, positive downwards."""
        return float(np.degrees(np.arcsin(np.clip(-self.rotation[1, 2], -1, 1))))

    def to_frame_units(self, points: NDArray[np.floating]) -> Float64Array:
        """Points (N, 3) of the rig, in metres, transformed to frame units by the pose alone."""
        return self.scale * points @ self.rotation.T + self.translation


def fit_similarity(
    points: Float64Array, target: Float64Array, weight: Float64Array
) -> tuple[float, Float64Array, Float64Array]:
    """Scale, rotation (3, 3) and translation (3,) that map `points` (N, 3) to `target` (N, 3) by weighted
    least squares with weights (N,) (Umeyama 1991)."""
    w = (weight / weight.sum())[:, None]
    p, q = (points * w).sum(0), (target * w).sum(0)
    u, s, vt = np.linalg.svd(((points - p) * w).T @ (target - q))
    sign = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign @ vt).T
    scale = float((s * sign).sum() / (w * (points - p) ** 2).sum())
    return scale, rotation, q - scale * rotation @ p


def correct_pose_bias(rotation: Float64Array) -> Float64Array:
    """The rotation (3, 3) of a head for which the mesh network estimates `rotation`, without the network's
    bias."""
    yaw = np.degrees(np.arctan2(-rotation[0, 2], rotation[2, 2]))
    pitch = np.degrees(np.arcsin(np.clip(-rotation[1, 2], -1, 1)))
    roll = np.degrees(np.arctan2(rotation[1, 0], rotation[1, 1]))
    return head_rotation(yaw / YAW_GAIN, (pitch - PITCH_BIAS) / PITCH_GAIN, roll).astype(np.float64)


def fit_scale_and_translation(
    rotated: Float64Array, target: Float64Array, weight: Float64Array
) -> tuple[float, Float64Array]:
    """Scale and translation (3,) that map rotated points (N, 3) to `target` by weighted least squares in x
    and y."""
    w = (weight / weight.sum())[:, None]
    p, q = (rotated * w).sum(0), (target * w).sum(0)
    offset, wanted = (rotated - p)[:, :2], (target - q)[:, :2]
    scale = float((w * offset * wanted).sum() / (w * offset**2).sum())
    return scale, q - scale * p


def contour_targets(points: Float64Array, lips: tuple[Float64Array, Float64Array]) -> dict[str, Float64Array]:
    """Landmark contours of lids and lips, each from the picture's left to right, keyed as FaceRig.loops."""
    left, right = list(LEFT_EYE), list(RIGHT_EYE)
    return {
        "lids.R.upper": points[[left[0], *left[:8:-1], left[8]]],
        "lids.R.lower": points[left[:9]],
        "lids.L.upper": points[[right[8], *right[9:], right[0]]],
        "lids.L.lower": points[right[8::-1]],
        "lips.upper": lips[0],
        "lips.lower": lips[1],
    }


def inner_lips(points: Float64Array) -> tuple[Float64Array, Float64Array]:
    """The inner contours (11, 3) of upper and lower lip, from the picture's left to its right."""
    inner = list(LIPS_INNER)
    upper, lower = points[[inner[0], *inner[:10:-1], inner[10]]].copy(), points[inner[:11]].copy()
    # Lips meet further out than where the network's inner contour ends.
    for end, corner in ((0, LIPS_OUTER[0]), (-1, LIPS_OUTER[10])):
        for contour in (upper, lower):
            contour[end] += CORNER * (points[corner] - contour[end])
    return upper, lower


def points_along(contour: Float64Array, position: Float64Array) -> Float64Array:
    """Points (M, 2) of a contour (N, 2+) at `position` (M,), 0..1 of its length."""
    step = np.linalg.norm(np.diff(contour[:, :2], axis=0), axis=1)
    run = np.concatenate([[0], np.cumsum(step)])
    run /= run[-1]
    return np.stack([np.interp(position, run, contour[:, k]) for k in range(2)], 1)


def arc_length(loop: Float64Array) -> Float64Array:
    """Normalised arc length (N,), 0..1, of a loop's vertices (N, 3) in x and y."""
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(loop[:, :2], axis=0), axis=1))])
    return np.asarray(run / run[-1])


def fit_head(rig: FaceRig, points: Float64Array, lips: tuple[Float64Array, Float64Array]) -> FittedHead:
    """Fit the rig to landmarks `points` (478, 3) in frame units; `lips` are the inner lip contours (N, 3)."""
    target = points[:468].copy()
    target[:, 2] -= target[:, 2].mean()
    mean = rig.vertices.astype(np.float64)
    basis = rig.identity.astype(np.float64)
    basis_at = np.stack([rig.at_landmarks(b) for b in basis])
    used = np.ones(468)
    used[[*LEFT_EYE, *RIGHT_EYE, *LIPS_INNER]] = 0.0
    coefficients = np.zeros(len(basis))
    scale, rotation, translation = 1.0, np.eye(3), np.zeros(3)
    width = float(np.linalg.norm(points[234] - points[454]))
    per_axis = np.sqrt(np.array([1.0, 1.0, DEPTH_WEIGHT**2]))
    for _ in range(ROUNDS):
        shape_at = rig.at_landmarks(mean) + np.tensordot(coefficients, basis_at, 1)
        _, estimated, _ = fit_similarity(shape_at, target, used)
        rotation = correct_pose_bias(estimated)
        scale, translation = fit_scale_and_translation(shape_at @ rotation.T, target, used)
        residual = (
            (target - translation - scale * rig.at_landmarks(mean) @ rotation.T) * per_axis * used[:, None]
        )
        design = (scale * basis_at @ rotation.T) * per_axis * used[None, :, None]
        a = design.reshape(len(basis), -1)
        ridge = used.sum() * (IDENTITY_STRENGTH * width) ** 2
        coefficients = np.linalg.solve(a @ a.T + ridge * np.eye(len(basis)), a @ residual.ravel())
    shape = mean + np.tensordot(coefficients, basis, 1)
    placed = scale * shape @ rotation.T + translation
    joints = scale * (rig.joints + _joint_shift(rig, shape - mean)) @ rotation.T + translation
    vertices = _warp_to_landmarks(rig, placed, target[used > 0], used > 0, contour_targets(points, lips))
    return FittedHead(vertices, rotation, scale, translation, joints, width)


def _joint_shift(rig: FaceRig, displacement: Float64Array) -> Float64Array:
    """Displacement (7, 3) of the joints by identity: the mean over the vertices around each."""
    near = (
        np.exp(-(np.linalg.norm(rig.vertices[None] - rig.joints[:, None], axis=2) ** 2) / (2 * 0.04**2))
        + 1e-12
    )
    return np.asarray((near / near.sum(1, keepdims=True)) @ displacement)


def _warp_to_landmarks(
    rig: FaceRig,
    placed: Float64Array,
    target: Float64Array,
    used: NDArray[np.bool_],
    contours: dict[str, Float64Array],
) -> Float64Array:
    """Warp vertices in x and y so that landmarks and the edges of lids and lips coincide with the
    picture's."""
    centres = [rig.at_landmarks(placed)[used]]
    width = float(np.ptp(target[:, 0]))
    shifts = [target[:, :2] - centres[0][:, :2]]
    exact: dict[int, Float64Array] = {}
    for name, contour in contours.items():
        loop = rig.loops[name]
        wanted = points_along(contour, arc_length(placed[loop]))
        for vertex, at in zip(loop, wanted, strict=True):
            exact.setdefault(int(vertex), at)
    ids = np.array(list(exact))
    wanted = np.array(list(exact.values()))
    centres.append(placed[ids])
    shifts.append(wanted - placed[ids, :2])
    where, index = np.unique(np.round(np.concatenate(centres), 3), axis=0, return_index=True)
    field = RBFInterpolator(
        where, np.concatenate(shifts)[index], kernel="linear", smoothing=0.0, neighbors=48
    )
    distance, _ = cKDTree(where).query(placed)
    fade = np.exp(-((np.maximum(distance - 0.08 * width, 0) / (FALL_OFF * width)) ** 2))
    near = fade > 0.02
    moved = placed.copy()
    moved[near, :2] += field(placed[near]) * fade[near, None]
    moved[ids, :2] = wanted
    return moved
