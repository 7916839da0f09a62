"""Deforms the surface for one frame: facial actions, skinning to neck, head and hair joints, breathing."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array
from generation.animation.geometry.camera import CENTRE, fill_rotation
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.smoothstep import smoothstep_scalar
from generation.animation.portrait.surface import Surface

NECK_SHARES = (0.15, 0.2, 0.2, 0.45)  # of the head rotation: neck01, neck02, neck03, head
BODY_SWAY = 0.12  # share of the head's x and y translation that the body follows
BODY_STEP = 0.75  # share of its z translation
HAIR_LAG_S = 0.06
HAIR_SETTLES_S = 25 * HAIR_LAG_S  # nothing of what was before is left in a float32
BREATHS_PER_S = 0.24
LONG_GAP = 48  # numbers of vertices that an action does not move, between others that it does
LOOKS_UP = (0.0, 8.0)  # degrees of pitch over which the chin's underside is drawn out between chin and neck
LOOKS_ASIDE = (4.0, 16.0)  # and of yaw over which the chin glides over the neck instead
BREATH_LIFT = 0.006  # head widths by which shoulders rise


@jit_kernel
def _move(weights: Float32Array, actions: Float32Array, parts: Int32Array, moved: Float32Array) -> None:
    """Fill `moved` (N * 3,) with the sum of `actions` (52, N * 3), each times its weight. `parts` (P, 3) are
    what an action moves: action, first number, last + 1."""
    moved[:] = 0
    for p in range(parts.shape[0]):
        weight = weights[parts[p, 0]]
        if weight != 0:
            part = actions[parts[p, 0], parts[p, 1] : parts[p, 2]]
            changed = moved[parts[p, 1] : parts[p, 2]]
            for i in range(len(part)):
                changed[i] += weight * part[i]


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
    out = np.zeros((5, 3, 4), np.float32)
    fill_transforms(chain.joints, float(chain.head_width), head_pose, out)
    return out


@jit_kernel
def fill_transforms(
    joints: NDArray[np.floating], head_width: float, head_pose: NDArray[np.floating], out: Float32Array
) -> None:
    """Fill `out` (5, 3, 4) with `chain_transforms` of a neck chain with `joints` (4, 3)."""
    offset, part, before = np.zeros(3), np.empty((3, 3)), np.empty((3, 3))
    rotation = np.eye(3)
    done = 0.0
    for j in range(5):
        if j > 0:
            share = NECK_SHARES[j - 1]
            done += share
            fill_rotation(head_pose[0] * share, head_pose[1] * share, head_pose[2] * share, part)
            x, y, z = joints[j - 1, 0], joints[j - 1, 1], joints[j - 1, 2]
            before[:] = rotation
            for i in range(3):
                for k in range(3):
                    rotation[i, k] = (
                        before[i, 0] * part[0, k] + before[i, 1] * part[1, k] + before[i, 2] * part[2, k]
                    )
                offset[i] += (
                    (before[i, 0] - rotation[i, 0]) * x
                    + (before[i, 1] - rotation[i, 1]) * y
                    + (before[i, 2] - rotation[i, 2]) * z
                )
        for i in range(3):
            body = BODY_STEP if i == 2 else BODY_SWAY
            for k in range(3):
                out[j, i, k] = rotation[i, k]
            out[j, i, 3] = offset[i] + head_pose[3 + i] * head_width * (body + (1 - body) * done)


@jit_kernel
def _deform(  # noqa: PLR0917 - compiled kernels take their arguments by position
    weights: Float32Array,
    actions: Float32Array,
    parts: Int32Array,
    moved: Float32Array,
    joints: NDArray[np.floating],
    head_width: float,
    head_pose: Float32Array,
    hair_pose: Float32Array,
    hair: Float32Array,
    transforms: Float32Array,
    rest: Float32Array,
    skinning: Float32Array,
    breath: float,
    rim: Float32Array,
    rim_nodes: Int32Array,
    rim_weights: Float32Array,
    distance: float,
    points: Float32Array,
    projected: Float32Array,
) -> None:
    """Move, skin and project a surface. Fills `transforms` (6, 3, 4) with those of the chain and of the
    hair's joint, `hair` (5, 3, 4) with those of the chain at the hair's pose; the rest is as in `_move` and
    `_skin_and_project`."""
    _move(weights, actions, parts, moved.reshape(-1))
    fill_transforms(joints, head_width, hair_pose, hair)
    fill_transforms(joints, head_width, head_pose, transforms)
    transforms[5] = hair[4]
    _skin_and_project(
        rest, moved, skinning, transforms, breath, rim, rim_nodes, rim_weights, distance, CENTRE, points,
        projected,
    )  # fmt: skip


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


def _raised(head_pose: Float32Array) -> np.float32:
    """How far, 0..1, a head at `head_pose` (6,) looks up, rather than to a side."""
    return np.float32(
        smoothstep_scalar(*LOOKS_UP, -float(head_pose[1]))
        * (1 - smoothstep_scalar(*LOOKS_ASIDE, abs(float(head_pose[0]))))
    )


class Deformer:
    """Evaluates one surface frame by frame, into its buffers `points` and `projected` (N, 3)."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.points = np.zeros_like(surface.rest)
        self.projected = np.zeros_like(surface.rest)
        self._moved = np.zeros_like(surface.rest)
        self._actions = surface.actions.reshape(len(surface.actions), -1)
        self._parts = _moving_parts(self._actions)
        self._transforms = np.zeros((6, 3, 4), np.float32)
        self._hair = np.zeros((5, 3, 4), np.float32)

    def pose(
        self, weights: Float32Array, head_pose: Float32Array, hair_pose: Float32Array, time_s: float
    ) -> Float32Array:
        """Evaluate all vertices for action `weights` (52,), `head_pose` (6,), `hair_pose` (6,) and a time,
        which sets the phase of breathing. Returns the chain's transforms (5, 3, 4)."""
        surface = self.surface
        breath = BREATH_LIFT * surface.head_width * 0.5 * (1 - np.cos(2 * np.pi * BREATHS_PER_S * time_s))
        raised = _raised(head_pose)
        rim = surface.rim if raised == 0 else surface.rim + (surface.rim_raised - surface.rim) * raised
        _deform(
            weights, self._actions, self._parts, self._moved, surface.joints, float(surface.head_width),
            head_pose, hair_pose, self._hair, self._transforms, surface.rest, surface.skinning, float(breath),
            rim, surface.rim_nodes, surface.rim_weights, float(surface.distance), self.points,
            self.projected,
        )  # fmt: skip
        return self._transforms[:5]


def _moving_parts(actions: Float32Array) -> Int32Array:
    """What each of `actions` (52, N * 3) moves, as `_move` takes it: runs of numbers without long gaps."""
    parts: list[tuple[int, int, int]] = []
    for action, moves in enumerate(actions):
        used = np.flatnonzero(moves)
        if len(used):
            breaks = np.flatnonzero(np.diff(used) > LONG_GAP)
            firsts, lasts = used[np.r_[0, breaks + 1]], used[np.r_[breaks, -1]]
            parts += [(action, int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]
    return np.array(parts, np.int32).reshape(-1, 3)
