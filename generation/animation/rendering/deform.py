"""Deforms the surface for one frame: facial actions, skinning to neck, head and hair joints, breathing."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array
from generation.animation.geometry.camera import CENTRE, head_rotation
from generation.animation.geometry.jit import jit_kernel
from generation.animation.portrait.surface import Surface

NECK_SHARES = (0.15, 0.2, 0.2, 0.45)  # of the head rotation: neck01, neck02, neck03, head
BODY_SWAY = 0.12  # share of the head's x and y translation that the body follows
BODY_STEP = 0.75  # share of its z translation
HAIR_LAG_S = 0.06
BREATHS_PER_S = 0.24
BREATH_LIFT = 0.006  # head widths by which shoulders rise


@jit_kernel
def _skin_and_project(  # noqa: PLR0917 - compiled kernels take their arguments by position
    rest: Float32Array,
    moved: Float32Array,
    skinning: Float32Array,
    transforms: Float32Array,
    breath: float,
    rim: Float32Array,
    rim_nodes: Int32Array,
    rim_weights: Float32Array,
    distance: float,
    centre: float,
    points: Float32Array,
    projected: Float32Array,
) -> None:
    """points = skinned (rest + moved), projected = their image; rims of the mesh blend into the relief."""
    count = rest.shape[0]
    for i in range(count):
        x, y, z = rest[i, 0] + moved[i, 0], rest[i, 1] + moved[i, 1], rest[i, 2] + moved[i, 2]
        px, py, pz = 0.0, 0.0, 0.0
        for j in range(6):
            w = skinning[i, j]
            if w > 0:
                t = transforms[j]
                px += w * (t[0, 0] * x + t[0, 1] * y + t[0, 2] * z + t[0, 3])
                py += w * (t[1, 0] * x + t[1, 1] * y + t[1, 2] * z + t[1, 3])
                pz += w * (t[2, 0] * x + t[2, 1] * y + t[2, 2] * z + t[2, 3])
        py -= breath * (skinning[i, 0] + 0.35 * (1 - skinning[i, 0]))
        points[i, 0], points[i, 1], points[i, 2] = px, py, pz
        scale = distance / (distance + pz)
        projected[i, 0], projected[i, 1], projected[i, 2] = px * scale + centre, py * scale + centre, pz
    for i in range(rim.shape[0]):
        r = rim[i]
        if r > 0:
            x, y = 0.0, 0.0
            for k in range(4):
                x += rim_weights[i, k] * projected[rim_nodes[i, k], 0]
                y += rim_weights[i, k] * projected[rim_nodes[i, k], 1]
            projected[i, 0] += r * (x - projected[i, 0])
            projected[i, 1] += r * (y - projected[i, 1])


class NeckChain(Protocol):
    """What the neck chain of a surface or of a landmark model is made of, in frame units."""

    @property
    def joints(self) -> NDArray[np.floating]:
        """The chain's joints (4, 3) in camera space."""
        ...

    @property
    def head_width(self) -> float:
        """The width of the head, the unit of a pose's translation."""
        ...


def chain_transforms(chain: NeckChain, head_pose: NDArray[np.floating]) -> Float32Array:
    """Transforms (5, 3, 4) of body, neck01, neck02, neck03 and head for a row (6,) of
    MotionTrack.head_pose."""
    yaw, pitch, roll = (float(v) for v in head_pose[:3])
    shift = head_pose[3:].astype(np.float64) * chain.head_width
    out = np.zeros((5, 3, 4))
    out[0, :, :3] = np.eye(3)
    out[0, :, 3] = shift * (BODY_SWAY, BODY_SWAY, BODY_STEP)
    rotation, offset, done = np.eye(3), np.zeros(3), 0.0
    for j, share in enumerate(NECK_SHARES):
        part = head_rotation(yaw * share, pitch * share, roll * share).astype(np.float64)
        joint = chain.joints[j].astype(np.float64)
        offset = offset + rotation @ (joint - part @ joint)
        rotation = rotation @ part
        done += share
        body = np.array([BODY_SWAY, BODY_SWAY, BODY_STEP])
        out[j + 1, :, :3] = rotation
        out[j + 1, :, 3] = offset + shift * (body + (1 - body) * done)
    return out.astype(np.float32)


def smooth_hair_pose(head_pose: Float32Array, fps: float, before: Float32Array | None = None) -> Float32Array:
    """The poses (T, 6) of the hair: `head_pose` (T, 6) through a first-order low-pass of time constant
    HAIR_LAG_S.

    `before` (6,) is the hair's pose one frame earlier; without it, hair starts at the head's pose."""
    follow = 1 - np.exp(-1 / (fps * HAIR_LAG_S))
    out = head_pose.copy()
    if before is not None and len(out):
        out[0] = before + follow * (head_pose[0] - before)
    for i in range(1, len(out)):
        out[i] = out[i - 1] + follow * (head_pose[i] - out[i - 1])
    return out


def hold_back(projected: Float32Array, rest: Float32Array, shown: Float32Array) -> None:
    """Let `projected` (N, 3) move only by the shares `shown` (N,) away from `rest` (N, 2), in place."""
    projected[:, :2] = rest + (projected[:, :2] - rest) * shown[:, None]


class Deformer:
    """Evaluates one surface frame by frame, into its buffers `points` and `projected` (N, 3)."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.points = np.zeros_like(surface.rest)
        self.projected = np.zeros_like(surface.rest)
        self._still = np.zeros_like(surface.rest)
        self._flat = surface.actions.reshape(len(surface.actions), -1)

    def pose(
        self, weights: Float32Array, head_pose: Float32Array, hair_pose: Float32Array, time_s: float
    ) -> Float32Array:
        """Evaluate all vertices for action `weights` (52,), `head_pose` (6,), `hair_pose` (6,) and a time,
        which sets the phase of breathing. Returns the chain's transforms (5, 3, 4)."""
        surface = self.surface
        active = np.flatnonzero(weights)
        moved = self._still
        if len(active):
            moved = (weights[active] @ self._flat[active]).reshape(surface.rest.shape)
        transforms = chain_transforms(surface, head_pose)
        hair = chain_transforms(surface, hair_pose)[4:]
        breath = BREATH_LIFT * surface.head_width * 0.5 * (1 - np.cos(2 * np.pi * BREATHS_PER_S * time_s))
        _skin_and_project(
            surface.rest, moved, surface.skinning, np.concatenate([transforms, hair]), float(breath),
            surface.rim, surface.rim_nodes, surface.rim_weights, float(surface.distance), CENTRE,
            self.points, self.projected,
        )  # fmt: skip
        return transforms
