"""Move the surface: facial actions, the turn of head and neck, the step to or from the camera, breath."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array
from generation.animation.geometry.camera import CENTRE, head_rotation
from generation.animation.geometry.jit import kernel
from generation.animation.portrait.surface import Surface

NECK_SHARES = (0.15, 0.2, 0.2, 0.45)  # of a turn: neck01, neck02, neck03, head
BODY_SWAY = 0.12  # share of a sideways or upward shift of the head that the body takes part in
BODY_STEP = 0.75  # share of a step to or from the camera
HAIR_LAG_S = 0.06
BREATHS_PER_S = 0.24
BREATH_LIFT = 0.006  # head widths by which shoulders rise


@kernel
def _place(  # noqa: PLR0917 - compiled kernels take their arguments by position
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
    seen: Float32Array,
) -> None:
    """points = skinned (rest + moved); seen = what the camera sees; rims of the mesh join the relief."""
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
        seen[i, 0], seen[i, 1], seen[i, 2] = px * scale + centre, py * scale + centre, pz
    for i in range(rim.shape[0]):
        r = rim[i]
        if r > 0:
            x, y = 0.0, 0.0
            for k in range(4):
                x += rim_weights[i, k] * seen[rim_nodes[i, k], 0]
                y += rim_weights[i, k] * seen[rim_nodes[i, k], 1]
            seen[i, 0] += r * (x - seen[i, 0])
            seen[i, 1] += r * (y - seen[i, 1])


def chain_transforms(surface: Surface, head_pose: NDArray[np.floating]) -> Float32Array:
    """Transforms (5, 3, 4) of body, neck01, neck02, neck03 and head for one row of MotionTrack.head_pose."""
    yaw, pitch, roll = (float(v) for v in head_pose[:3])
    shift = head_pose[3:].astype(np.float64) * surface.head_width
    out = np.zeros((5, 3, 4))
    out[0, :, :3] = np.eye(3)
    out[0, :, 3] = shift * (BODY_SWAY, BODY_SWAY, BODY_STEP)
    turn, offset, done = np.eye(3), np.zeros(3), 0.0
    for j, share in enumerate(NECK_SHARES):
        part = head_rotation(yaw * share, pitch * share, roll * share).astype(np.float64)
        joint = surface.joints[j].astype(np.float64)
        offset = offset + turn @ (joint - part @ joint)
        turn = turn @ part
        done += share
        grown = np.array([BODY_SWAY, BODY_SWAY, BODY_STEP])
        out[j + 1, :, :3] = turn
        out[j + 1, :, 3] = offset + shift * (grown + (1 - grown) * done)
    return out.astype(np.float32)


def trailing(head_pose: Float32Array, fps: float, before: Float32Array | None = None) -> Float32Array:
    """The poses (T, 6) that hair follows: the head's own, HAIR_LAG_S late and without its jolts.

    `before` (6,) is where hair was a frame earlier; without it, hair begins where the head does."""
    follow = 1 - np.exp(-1 / (fps * HAIR_LAG_S))
    out = head_pose.copy()
    if before is not None and len(out):
        out[0] = before + follow * (head_pose[0] - before)
    for i in range(1, len(out)):
        out[i] = out[i - 1] + follow * (head_pose[i] - out[i - 1])
    return out


class Deformer:
    """Evaluates one surface frame by frame into buffers of its own."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.points = np.zeros_like(surface.rest)
        self.seen = np.zeros_like(surface.rest)
        self._still = np.zeros_like(surface.rest)
        self._flat = surface.actions.reshape(len(surface.actions), -1)

    def pose(
        self, weights: Float32Array, head_pose: Float32Array, hair_pose: Float32Array, time_s: float
    ) -> Float32Array:
        """Place all vertices for `weights` (52,), `head_pose` (6,) and the pose that hair still follows.

        Returns the chain's transforms (5, 3, 4)."""
        surface = self.surface
        active = np.flatnonzero(weights)
        moved = self._still
        if len(active):
            moved = (weights[active] @ self._flat[active]).reshape(surface.rest.shape)
        transforms = chain_transforms(surface, head_pose)
        hair = chain_transforms(surface, hair_pose)[4:]
        breath = BREATH_LIFT * surface.head_width * 0.5 * (1 - np.cos(2 * np.pi * BREATHS_PER_S * time_s))
        _place(
            surface.rest, moved, surface.skinning, np.concatenate([transforms, hair]), float(breath),
            surface.rim, surface.rim_nodes, surface.rim_weights, float(surface.distance), CENTRE,
            self.points, self.seen,
        )  # fmt: skip
        return transforms
