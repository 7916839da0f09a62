"""Landmark model: where the rig predicts one performer's landmarks for given actions and head pose.

It is the renderer's own geometry (retargeted actions, neck chain, pinhole camera), evaluated at the landmarks
alone, plus the mesh network's own response: what capture solves for is what the renderer will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.capture.landmark_response import LandmarkResponse
from generation.animation.face.face_topology import LIPS_INNER, MESH_POINTS
from generation.animation.geometry.camera import CENTRE, unproject
from generation.animation.geometry.rig import FaceRig
from generation.animation.portrait.head_fit import (
    FittedHead,
    arc_length,
    contour_targets,
)
from generation.animation.portrait.retarget import retarget_actions
from generation.animation.rendering.corner_travel import CLOSE, HOLD, JAW, SMILES
from generation.animation.rendering.deform import chain_transforms
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS

POSE_WIDTH: Final = 6
# From the outer contour of the lips to the inner one: they move as the end of the seam between the lips.
MOUTH_CORNERS: Final = ((61, 291), (76, 306), (62, 292), (78, 308))
# Steps of the numeric derivative by the pose: degrees, then head widths.
POSE_STEP: Final = np.array([0.5, 0.5, 0.5, 0.005, 0.005, 0.005])


@dataclass(frozen=True, eq=False)
class LandmarkModel:
    """One performer's landmarks as a function of actions and head pose.

    `rest` (468, 3) are points in camera space, in frame units; `actions` (52, 468, 3) their displacements at
    full strength; `skinning` (468, 5) as in FaceRig; `joints` (4, 3) the neck chain; `distance` the camera's
    distance and `head_width` the head's width, in frame units."""

    rest: Float64Array
    actions: Float64Array
    joints: Float64Array
    distance: float
    head_width: float

    @classmethod
    def geometric(cls, points: Float64Array, head: FittedHead) -> LandmarkModel:
        """The model by the geometry of the fitted `head` alone, without the mesh network's own response."""
        rig = FaceRig.load()
        distance = CAMERA_DISTANCE_HEAD_WIDTHS * head.head_width
        depth = _at_landmarks(rig, head, head.vertices[None])[0, :, 2]
        return cls(
            rest=unproject(points[:MESH_POINTS, :2], depth, distance).astype(np.float64),
            actions=_at_landmarks(rig, head, retarget_actions(rig, head).astype(np.float64)),
            joints=unproject(head.joints[:4, :2], head.joints[:4, 2], distance).astype(np.float64),
            distance=distance,
            head_width=head.head_width,
        )

    def corrected(self, response: LandmarkResponse, head: FittedHead) -> LandmarkModel:
        """This model with the mesh network's `response`; at rest the landmarks stay where they are seen."""
        return replace(
            self.deepened(response.depth.astype(np.float64)),
            actions=self.actions + self.head_width * response.actions @ head.rotation.T,
        )

    def deepened(self, depth: Float64Array) -> LandmarkModel:
        """This model with the landmarks `depth` (468,) head widths further away, along the lines of sight."""
        rest = self.rest.copy()
        rest[:, 2] += depth * self.head_width
        rest[:, :2] *= ((self.distance + rest[:, 2]) / (self.distance + self.rest[:, 2]))[:, None]
        return replace(self, rest=rest)

    def project(self, weights: Float64Array, head_pose: Float64Array) -> Float64Array:
        """Landmarks (468, 2) in frame units for action `weights` (52,) and `head_pose` (6,)."""
        return self._image(self._moved(weights), self.head_transform(head_pose))

    def linearise(
        self, weights: Float64Array, head_pose: Float64Array
    ) -> tuple[Float64Array, Float64Array, Float64Array]:
        """Landmarks (468, 2), their derivatives by the actions (52, 468, 2) and by the pose (6, 468, 2)."""
        return self._linearised(self._moved(weights), _by_weights(self.actions, weights), head_pose)

    def linearise_shown(
        self, weights: Float64Array, head_pose: Float64Array
    ) -> tuple[Float64Array, Float64Array, Float64Array]:
        """The same for `weights` (52,) as the renderer moves the skin by, in which smiles hold the corners of
        the mouth already."""
        return self._linearised(self.rest + np.tensordot(weights, self.actions, 1), self.actions, head_pose)

    def _linearised(
        self, moved: Float64Array, actions: Float64Array, head_pose: Float64Array
    ) -> tuple[Float64Array, Float64Array, Float64Array]:
        transform = self.head_transform(head_pose)
        points = moved @ transform[:, :3].T + transform[:, 3]
        scale = self.distance / (self.distance + points[:, 2:])
        image = points[:, :2] * scale + CENTRE
        turned = actions @ transform[:, :3].T
        by_actions = (turned[..., :2] - points[:, :2] * scale / self.distance * turned[..., 2:]) * scale
        by_pose = np.empty((POSE_WIDTH, len(image), 2))
        for k, step in enumerate(POSE_STEP):
            ahead = head_pose.copy()
            ahead[k] += step
            by_pose[k] = (self._image(moved, self.head_transform(ahead)) - image) / step
        return image, by_actions, by_pose

    def head_transform(self, head_pose: Float64Array) -> Float64Array:
        """The transform (3, 4) of what moves with the skull: the eyes, and all landmarks to within a fortieth
        of the neck's share."""
        return np.asarray(chain_transforms(self, head_pose)[4], np.float64)

    def _moved(self, weights: Float64Array) -> Float64Array:
        weights = _held(weights)
        active = np.flatnonzero(weights)
        return np.asarray(self.rest + np.tensordot(weights[active], self.actions[active], 1))

    def _image(self, moved: Float64Array, transform: Float64Array) -> Float64Array:
        points = moved @ transform[:, :3].T + transform[:, 3]
        return np.asarray(points[:, :2] * (self.distance / (self.distance + points[:, 2:])) + CENTRE)


def _held(weights: Float64Array) -> Float64Array:
    """Action weights (52,) as a smile holds the corners of the mouth against an opened jaw, see
    `corner_travel`."""
    out = weights.copy()
    out[list(SMILES)] *= 1 + HOLD * max(weights[JAW] - weights[CLOSE], 0.0)
    return out


def _by_weights(actions: Float64Array, weights: Float64Array) -> Float64Array:
    """The displacements (52, 468, 3) that the next bit of every action adds to those of `weights` (52,)."""
    parted = max(weights[JAW] - weights[CLOSE], 0.0)
    smiles = list(SMILES)
    if not weights[smiles].any() and not parted:
        return actions
    out = actions.copy()
    out[smiles] *= 1 + HOLD * parted
    if parted > 0:
        more = HOLD * np.tensordot(weights[smiles], actions[smiles], 1)
        out[JAW] += more
        out[CLOSE] -= more
    return out


def _at_landmarks(rig: FaceRig, head: FittedHead, values: Float64Array) -> Float64Array:
    """`values` (K, V, D) of the vertices at the landmarks: (K, 468, D).

    The landmark embedding is coarse where lids and lips meet: landmarks on these edges follow the edges."""
    at = (values[:, rig.landmark_triangles] * rig.landmark_weights[..., None]).sum(2)
    shown = np.asarray(rig.at_landmarks(head.vertices), np.float64)
    for ids, loop, corners in _edge_landmarks():
        along = arc_length(head.vertices[rig.loops[loop]])
        position = np.array([0.0, 1.0]) if corners else arc_length(shown[ids])
        right = np.clip(np.searchsorted(along, position), 1, len(along) - 1)
        share = ((position - along[right - 1]) / np.maximum(along[right] - along[right - 1], 1e-9))[:, None]
        on_edge = values[:, rig.loops[loop]]
        at[:, ids] = on_edge[:, right - 1] * (1 - share) + on_edge[:, right] * share
    return np.asarray(at)


def _edge_landmarks() -> Iterator[tuple[list[int], str, bool]]:
    """The landmarks along each edge of lids and lips, from the picture's left to its right, with the key of
    the edge in FaceRig.loops; the corners of the mouth as pairs of their own."""
    numbers = np.repeat(np.arange(MESH_POINTS, dtype=np.float64)[:, None], 3, 1)
    inner = list(LIPS_INNER)
    upper, lower = numbers[[inner[0], *inner[:10:-1], inner[10]]], numbers[inner[:11]]
    for loop, contour in contour_targets(numbers, (upper, lower)).items():
        yield [int(i) for i in contour[:, 0]], loop, False
    for pair in MOUTH_CORNERS:
        yield list(pair), "lips.upper", True
