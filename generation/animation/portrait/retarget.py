"""Retargets the rig's actions to a fitted head, such that lids and lips close exactly on this face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array
from generation.animation.geometry.mouth_smoothing import (
    ROUND_SMOOTH,
    ROUNDING,
    SPREAD_SMOOTH,
    diffuse_displacements,
    mouth_action_columns,
    round_jaw_opening,
)
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.portrait.expression_range import widen_range
from generation.animation.portrait.head_fit import FittedHead

LID_LAP = 0.006  # head widths by which a closed upper lid comes to lie lower than the lower one
# Where lids meet, in parts of how far the open lower lid hangs below the line between the corners: it comes
# to meet the upper one. With the lap it gives about the lines of three people's true blinks, which hang 0.42,
# 0.47 and 0.75 as far as their open lower lids.
LIDS_MEET = 0.33
LIFTS = 0.45  # of the eye's width below the lower lid over which its skin goes along less and less


def retarget_actions(rig: FaceRig, head: FittedHead) -> Float32Array:
    """Displacements (52, V, 3) of the fitted head in frame units, for every action at full strength."""
    moved = rig.actions.astype(np.float64)
    lips, jaw = mouth_action_columns(), ACTION_INDEX["jawOpen"]
    moved[jaw] = round_jaw_opening(rig, moved[jaw])
    rounding = [i for i in lips if i in ROUNDING]
    spreading = [i for i in lips if i not in ROUNDING]
    moved[rounding] = diffuse_displacements(rig, moved[rounding], ROUND_SMOOTH)
    moved[spreading] = diffuse_displacements(rig, moved[spreading], SPREAD_SMOOTH)
    widen_range(rig, head, moved)
    turned = (head.scale * moved) @ head.rotation.T
    for side, name in (("L", "Left"), ("R", "Right")):
        _close_lid(rig, head, turned[ACTION_INDEX[f"eyeBlink{name}"]], side)
    _close_lips(rig, head, turned)
    return np.asarray(turned, np.float32)


def _position(loop: NDArray[np.floating]) -> NDArray[np.floating]:
    """Horizontal positions 0..1 of a loop's vertices from its left corner to its right."""
    return np.asarray(np.clip((loop[:, 0] - loop[0, 0]) / (loop[-1, 0] - loop[0, 0]), 0, 1))


def _close_lid(rig: FaceRig, head: FittedHead, blink: NDArray[np.floating], side: str) -> None:
    """Rescale the blink so that at full strength the upper lid's edge lies on the lower lid's."""
    upper, lower = rig.loops[f"lids.{side}.upper"], rig.loops[f"lids.{side}.lower"]
    rest = head.vertices
    _lift_lower_lid(rest, blink, upper, lower)
    at_upper, at_lower = _position(rest[upper]), _position(rest[lower])
    order = np.argsort(at_lower)
    meet = np.interp(at_upper, at_lower[order], (rest[lower] + blink[lower])[order, 1])
    wanted = meet + LID_LAP * head.head_width * np.sin(np.pi * at_upper) - rest[upper, 1]
    given = blink[upper, 1]
    # Each vertex of the lid takes the correction of the edge in its column, in proportion to its own blink.
    order = np.argsort(at_upper)
    missing = np.interp(np.linspace(0, 1, 64), at_upper[order], (wanted - given)[order])
    most = np.interp(np.linspace(0, 1, 64), at_upper[order], np.maximum(given, 1e-6)[order])
    left, right = rest[upper[0], 0], rest[upper[-1], 0]
    column = np.clip((rest[:, 0] - left) / (right - left), 0, 1)
    peak = np.interp(column, np.linspace(0, 1, 64), most)
    share = np.clip(blink[:, 1] / np.maximum(peak, 0.02 * head.head_width), 0, 1)
    share[lower] = 0
    blink[:, 1] += share * np.interp(column, np.linspace(0, 1, 64), missing)
    blink[upper, 1] = wanted


def _lift_lower_lid(
    rest: NDArray[np.floating], blink: NDArray[np.floating], upper: Int32Array, lower: Int32Array
) -> None:
    """Let the lower lid of the `blink` (V, 3), in place, come up to where lids meet; `upper` and `lower` are
    the edges' vertices of a head at `rest` (V, 3). The skin below goes along."""
    edge, grid = rest[lower], np.linspace(0, 1, 64)
    order = np.argsort(_position(edge))
    chord = rest[upper[0], 1] + (rest[upper[-1], 1] - rest[upper[0], 1]) * _position(edge)
    met = chord + LIDS_MEET * np.maximum(edge[:, 1] - chord, 0)
    lift = np.maximum((edge + blink[lower])[:, 1] - met, 0)
    over = np.interp(grid, _position(edge)[order], lift[order])
    width = float(np.linalg.norm(rest[upper[0], :2] - rest[upper[-1], :2]))
    away, other = (
        np.linalg.norm(rest[:, None, :2] - rest[None, loop, :2], axis=2).min(1) for loop in (lower, upper)
    )
    share = np.exp(-((away / (LIFTS * width)) ** 2)) * (away < other)
    share[lower] = 1
    share[upper] = 0
    blink[:, 1] -= share * np.interp(_position_of(rest, upper), grid, over)


def _position_of(points: NDArray[np.floating], loop: Int32Array) -> NDArray[np.floating]:
    """Horizontal positions 0..1 of all `points` (V, 3) between the ends of a loop of them."""
    left, right = points[loop[0], 0], points[loop[-1], 0]
    return np.asarray(np.clip((points[:, 0] - left) / (right - left), 0, 1))


def _close_lips(rig: FaceRig, head: FittedHead, actions: NDArray[np.floating]) -> None:
    """Make mouthClose cancel exactly the gap that jawOpen opens between the lips' inner edges, in place."""
    upper, lower = rig.loops["lips.upper"], rig.loops["lips.lower"]
    both = actions[ACTION_INDEX["jawOpen"]] + actions[ACTION_INDEX["mouthClose"]]
    close = actions[ACTION_INDEX["mouthClose"]]
    rest = head.vertices
    at_upper, at_lower = _position(rest[upper]), _position(rest[lower])
    order_u, order_l = np.argsort(at_upper), np.argsort(at_lower)
    grid = np.linspace(0, 1, 64)
    gap = np.interp(grid, at_lower[order_l], both[lower][order_l, 1]) - np.interp(
        grid, at_upper[order_u], both[upper][order_u, 1]
    )
    width = float(np.linalg.norm(rest[upper[0], :2] - rest[upper[-1], :2]))
    for loop, sign in ((upper, 0.5), (lower, -0.5)):
        edge = rest[loop]
        distance = np.linalg.norm(rest[:, None, :2] - edge[None, :, :2], axis=2)
        nearest = distance.argmin(1)
        fade = np.exp(-((distance.min(1) / (0.10 * width)) ** 2))
        above = rig.vertices[:, 1] < rig.vertices[loop][nearest, 1] + 1e-4
        same_side = above if sign > 0 else ~above
        same_side[loop] = True
        other = lower if sign > 0 else upper
        same_side[np.setdiff1d(other, loop)] = False
        column = _position(rest[loop])[nearest]
        close[:, 1] += sign * np.interp(column, grid, gap) * fade * same_side
