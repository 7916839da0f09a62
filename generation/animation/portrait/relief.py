"""The relief: hair, neck and body around the face as a grid of nodes with depth, skinning and actions."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, Float64Array, Int32Array
from generation.animation.face.face_topology import CHIN, FACE_OVAL
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.rasterize import FAR, draw_values
from generation.animation.geometry.rig import SKIN, FaceRig
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.portrait_crop import MARGIN

CELL = 10.0  # frame units between nodes
REACH = FRAME * MARGIN  # the relief covers the frame and this much around it
DEPTH_SMOOTHING = 0.10  # head widths over which depth around the face is averaged
MIN_RECESSION = 0.05  # head widths: least distance from the face over which depth recedes to the head's axis
SIDE_ANGLE = 6  # exponent of the angular falloff from the side of the head to its crown
SIDE_ROUND = 0.3  # exponent of depth at the side: it recedes at once, as temples and ears do
SURELY = 0.5  # matte of what moves as the person does
HAIR_THICKNESS = 0.08  # head widths by which hair stands in front of the face's edge
ROUND = 2.5  # exponent of the ellipsoid
EARS_BEHIND = 0.25  # head widths behind the head's axis where ears lie
OUTLINE_BEHIND = 0.15  # head widths behind the head's axis where the outline of the skull lies
NODE_SMOOTHING = 0.8  # nodes over which depth is smoothed
SHOULDERS = (0.3, 0.6)  # head widths beside the neck from which everything below the chin stays with the body
HAIR = (0.04, 0.45)  # head widths outside of the face over which the weight of the lagging hair joint rises
NECK_MOVES = (-0.45, -0.08)  # head widths above the neck's base over which skinning passes to the body
BETWEEN_EYES = 168
JAW_CORNERS = (132, 361)
SPREAD = 0.12  # head widths over which facial actions fade away outside of the mesh


class Relief(NamedTuple):
    """Depth (G,) and skinning (G, 5) at the relief's nodes."""

    depth: NDArray[np.floating]
    weights: NDArray[np.floating]


def _grid_size() -> int:
    return int(np.ceil((FRAME + 2 * REACH) / CELL)) + 1


def relief_nodes(matte: Float32Array) -> tuple[Float64Array, Int32Array]:
    """Relief nodes (G, 2) in frame units, and the triangles (M, 3) of those cells that contain some of the
    person."""
    n = _grid_size()
    axis = -REACH + np.arange(n) * CELL
    x, y = np.meshgrid(axis, axis)
    nodes = np.stack([x.ravel(), y.ravel()], 1)
    index = np.arange(n * n).reshape(n, n)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    scale = matte.shape[0] / (FRAME + 2 * REACH)
    edges = np.clip(np.round((np.arange(n) * CELL) * scale).astype(int), 0, matte.shape[0])
    somewhat = cv2.dilate((matte > 1 / 512).astype(np.uint8), np.ones((5, 5), np.uint8))
    total = cv2.integral(somewhat)
    held = total[np.ix_(edges[1:], edges[1:])] - total[np.ix_(edges[:-1], edges[1:])]
    held = held - total[np.ix_(edges[1:], edges[:-1])] + total[np.ix_(edges[:-1], edges[:-1])]
    keep = held > 0
    upper = np.stack([a[keep], d[keep], b[keep]], 1)
    lower = np.stack([b[keep], d[keep], c[keep]], 1)
    return nodes, np.concatenate([upper, lower]).astype(np.int32)


def bilinear_cell(xy: NDArray[np.floating], offset: int) -> tuple[Int32Array, Float32Array]:
    """The four relief nodes (N, 4) around each point `xy` (N, 2), numbered from `offset`, and their bilinear
    weights (N, 4)."""
    n = _grid_size()
    at = np.clip((xy + REACH) / CELL, 0, n - 1.001)
    corner = at.astype(int)
    u, v = (at - corner).T
    first = corner[:, 1] * n + corner[:, 0]
    nodes = np.stack([first, first + 1, first + n, first + n + 1], 1) + offset
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], 1)
    return nodes.astype(np.int32), weights.astype(np.float32)


def onto_person(nodes: NDArray[np.floating], matte: Float32Array) -> NDArray[np.floating]:
    """The nodes (G, 2), each that is not on the person moved to the nearest place that is: what lies beside
    the person moves along with the outline, so that the outline stays sharp."""
    units = matte_units(matte.shape[0])
    person = (matte > SURELY).astype(np.uint8)
    person = cv2.morphologyEx(person, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not person.any():
        return nodes
    _, labels = cv2.distanceTransformWithLabels(1 - person, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    nearest = np.zeros((labels.max() + 1, 2))
    y, x = np.nonzero(person)
    nearest[labels[y, x]] = np.stack([x, y], 1)
    at = np.clip(np.rint((nodes + REACH + 0.5) * units - 0.5).astype(int), 0, matte.shape[0] - 1)
    found = (nearest[labels[at[:, 1], at[:, 0]]] + 0.5) / units - 0.5 - REACH
    return np.where((person[at[:, 1], at[:, 0]] > 0)[:, None], nodes, found)


def depth_and_skinning(
    rig: FaceRig,
    head: FittedHead,
    nodes: NDArray[np.floating],
    outside: NDArray[np.floating],
    matte: Float32Array,
    *,
    hair: Float32Array,
) -> Relief:
    """The relief's depth and skinning at its nodes: those of the head, extrapolated smoothly around it.
    `hair` (G,) says how much of each node is hair, 0..1."""
    pixels = 4.0
    size = int((FRAME + 2 * REACH) / pixels)
    points = head.vertices.astype(np.float32).copy()
    points[:, :2] = (points[:, :2] + REACH) / pixels
    values = np.concatenate([head.vertices[:, 2:], rig.skinning, np.ones((len(points), 1))], 1).astype(
        np.float32
    )
    drawn = np.zeros((size, size, values.shape[1]), np.float32)
    buffer = np.full((size, size), FAR, np.float32)
    draw_values(points, values, rig.faces[rig.segments == SKIN], buffer, drawn)
    known = cv2.erode(drawn[..., -1], np.ones((3, 3), np.uint8))
    total = np.zeros_like(drawn[..., :-1])
    share = np.zeros_like(known)
    for sigma in (1.5, 3, 6, 12, 24, 48):
        near = cv2.GaussianBlur(known, (0, 0), sigma)
        weight = np.minimum(near * 4, 1) / sigma**2
        total += (
            cv2.GaussianBlur(drawn[..., :-1] * known[..., None], (0, 0), sigma)
            * (weight / np.maximum(near, 1e-6))[..., None]
        )
        share += weight
    field = total / np.maximum(share, 1e-12)[..., None]
    even = cv2.GaussianBlur(field[..., 0], (0, 0), DEPTH_SMOOTHING * head.head_width / pixels)
    at = ((nodes + REACH) / pixels).astype(np.float32)
    sampled = cv2.remap(
        field[..., :4], at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    rest = cv2.remap(
        field[..., 4:], at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    depth, weights = sampled[:, 0], np.concatenate([sampled[:, 1:], rest], 1)
    width = head.head_width
    # Depth around the face is smoothed, as the rig's ears rarely coincide with the picture's.
    smooth = cv2.remap(
        even, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    depth = depth + (smooth - depth) * smoothstep(0.0, 0.06 * width, outside)
    landmarks = rig.at_landmarks(head.vertices)
    depth = _recede_to_axis(head, landmarks, nodes, outside, depth, matte=matte, hair=hair)
    # Shoulders and chest below the neck follow the body, whatever the extrapolated skinning.
    chin, base = float(landmarks[CHIN, 1]), head.joints[0]
    low, high = (base[1] + share * width for share in NECK_MOVES)
    away = np.abs(nodes[:, 0] - base[0]) / width
    shoulder = smoothstep(*SHOULDERS, away) * smoothstep(chin - 0.1 * width, chin + 0.2 * width, nodes[:, 1])
    body = np.maximum(smoothstep(low, high, nodes[:, 1]), shoulder)[:, None]
    weights = weights * (1 - body) + np.array([1.0, 0, 0, 0, 0]) * body
    weights = weights / weights.sum(1, keepdims=True)
    return Relief(depth, weights)


def _recede_to_axis(
    head: FittedHead,
    landmarks: NDArray[np.floating],
    nodes: NDArray[np.floating],
    outside: NDArray[np.floating],
    depth: NDArray[np.floating],
    *,
    matte: Float32Array,
    hair: Float32Array,
) -> NDArray[np.floating]:
    """Depth (G,) that recedes, from the face's outline to the person's, to that of the head's own axis.

    With the right depth, hair, ears and the far cheek stay about where they are while the face turns; on a
    shallow relief they would move along (measured by `benchmarks/rendering/ground_truth.py`)."""
    width, units = head.head_width, matte_units(matte.shape[0])
    inner = cv2.distanceTransform((matte > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / units
    at = ((nodes + REACH + 0.5) * units - 0.5).astype(np.float32)
    left = cv2.remap(
        inner, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    beyond = np.maximum(outside, 0)
    way = beyond / np.maximum(beyond + left, MIN_RECESSION * width)
    # Over the crown depth follows an ellipsoid; at temples and ears it recedes at once.
    across = nodes[:, :2] - landmarks[BETWEEN_EYES, :2]
    right, up = np.abs(across[:, 0]), np.maximum(-across[:, 1], 0)
    lobes = float(landmarks[list(JAW_CORNERS), 1].mean())
    above = 1 - smoothstep(lobes - 0.1 * width, lobes + 0.05 * width, nodes[:, 1])
    side = (right / np.maximum(np.hypot(right, up), 1e-6)) ** SIDE_ANGLE * above
    # Hair at the side is not an ear: it begins in front of the face's edge and is as round as the crown.
    side *= 1 - hair
    chain = head.joints[3::-1]
    axis = np.interp(nodes[:, 1], chain[:, 1], chain[:, 2])
    receding = depth + np.maximum(axis + EARS_BEHIND * width * side - depth, 0) * (
        (1 - np.sqrt(1 - way * way)) * (1 - side) + way**SIDE_ROUND * side
    )
    # The ellipsoid reaches from the face's edge to the person's outline, a little behind the axis.
    far = np.maximum(np.hypot(*across.T) + left, 1e-6)
    here, edge = np.minimum(1 - left / far, 0.999), np.clip(1 - (left + beyond) / far, 0, 0.97)
    oval = landmarks[list(FACE_OVAL)]
    distance, nearest = cKDTree(oval[:, :2]).query(nodes[:, :2], k=4)
    weight = 1 / (distance + 0.02 * width) ** 2
    front = (oval[nearest, 2] * weight).sum(1) / weight.sum(1)
    front = front - HAIR_THICKNESS * width * hair * smoothstep(0.0, 0.08 * width, beyond)
    behind = axis + OUTLINE_BEHIND * width
    flat = np.clip((1 - here**ROUND) / np.maximum(1 - edge**ROUND, 1e-6), 0, 1) ** (1 / ROUND)
    ellipsoid = behind - np.maximum(behind - front, 0) * flat
    share = np.maximum(hair, above) * (1 - side) * smoothstep(0.0, 0.04 * width, beyond)
    depth = receding + (ellipsoid - receding) * share
    n = _grid_size()
    grid = depth.reshape(n, n).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(grid, (0, 0), NODE_SMOOTHING).ravel())


def extrapolate_actions(
    head: FittedHead,
    actions: Float32Array,
    nodes: NDArray[np.floating],
    skin: NDArray[np.integer],
    width: float,
) -> Float32Array:
    """Facial actions (52, G, 3) at the relief's nodes: those of the nearest skin, faded with distance."""
    distance, nearest = cKDTree(head.vertices[skin, :2]).query(nodes, k=6)
    weight = 1 / (distance + 1.0) ** 2
    weight = weight / weight.sum(1, keepdims=True)
    fade = np.exp(-((distance[:, 0] / (SPREAD * width)) ** 2))
    mixed = np.einsum("gn,agnd->agd", weight * fade[:, None], actions[:, skin[nearest]])
    mixed[np.abs(mixed) < 1e-4] = 0
    return np.asarray(mixed, np.float32)
