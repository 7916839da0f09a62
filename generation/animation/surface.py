"""The person as one deformable surface: the face's mesh, and a relief around it for hair, neck and body."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.camera import FRAME, lifted
from generation.animation.face_topology import CHIN, FACE_OVAL
from generation.animation.head_fit import FittedHead
from generation.animation.layers import matte_units
from generation.animation.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS
from generation.animation.portrait_crop import MARGIN
from generation.animation.rasterize import FAR, draw_values
from generation.animation.rig import (
    ACTION_INDEX,
    SKIN,
    TONGUE,
    FaceRig,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

CELL = 10.0  # frame units between nodes of the relief
REACH = FRAME * MARGIN  # the relief covers the frame and this much around it
RIM = 0.12  # head widths inside the face's outline over which its mesh joins the relief
OUTSIDE = 0.02  # head widths outside of the outline where the mesh ends
EVEN = 0.10  # head widths over which depth around the face is averaged
NARROW = 0.05  # head widths beside the face within which nothing reaches the depth of the head's own axis
SIDE_ANGLE = 6  # exponent: how close to sideways of the face a place must lie to count as its side
SIDE_ROUND = 0.6  # exponent of depth at the side: it falls off at once, as temples and ears do
EVEN_NODES = 0.8  # nodes over which the relief's depth is smoothed
SHOULDERS = (0.3, 0.6)  # head widths beside the neck from which everything below the chin stays with the body
NECK_MOVES = (-0.43, 0.0)  # head widths above the neck's base over which its turn goes over to the body's
UNROLL = 0.8  # share of a lid's way that its skin unrolls; the rest stretches
LIP_LINE = 2.0  # frame units from the line between closed lips to where their own colour begins
BETWEEN_EYES = 168
JAW_CORNERS = (132, 361)
SPREAD = 0.16  # head widths over which facial actions fade away outside of the mesh


@dataclass(frozen=True, eq=False)
class Surface:
    """Vertices of mesh and relief in one list; the first `mesh_size` belong to the mesh.

    `rest` (N, 3) are points before the camera, `source` (N, 2) where the camera sees them in the neutral
    frame (frame units), `actions` (52, N, 3), `skinning` (N, 5) as in FaceRig, `joints` (4, 3) of the neck
    chain. Mesh vertex i takes the share `rim[i]` of its position from the relief nodes `rim_nodes[i]` with
    weights `rim_weights[i]` (4 each). `skin`, `tongue` and `relief` are triangles; `vertex_of` maps a vertex
    of the rig to one of the mesh, or -1. `distance` is the camera's distance in frame units. `lid_slide` (2,
    mesh_size, 2) is how far a full blink of the picture's left, then right eye moves the sources of its lid:
    closing unrolls skin from the fold instead of stretching it. `lip_slide` (mesh_size, 2) moves the sources
    of the lips' inner edges off the dark line between closed lips, for lips that part."""

    rest: Floats
    source: Floats
    actions: Floats
    skinning: Floats
    joints: Floats
    rim: Floats
    rim_nodes: Ints
    rim_weights: Floats
    skin: Ints
    tongue: Ints
    relief: Ints
    vertex_of: Ints
    mesh_size: int
    distance: float
    head_width: float
    lid_slide: Floats
    lip_slide: Floats


def smoothstep(low: float, high: float, x: NDArray[np.floating]) -> NDArray[np.floating]:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def smoothstep_of(low: float, high: float, x: float) -> float:
    """`smoothstep` of a single number."""
    return float(smoothstep(low, high, np.array(x)))


def build_surface(
    rig: FaceRig, head: FittedHead, points: NDArray[np.floating], actions: Floats, matte: Floats
) -> Surface:
    """The surface of a fitted head. `points` (478, 3) are landmarks and `actions` (52, V, 3) in frame units;
    `matte` (S, S) covers the frame with its margin."""
    width = head.head_width
    distance = CAMERA_DISTANCE_HEAD_WIDTHS * width
    outline = points[list(FACE_OVAL), :2].astype(np.float32)
    outside = _outside(outline, head.vertices)
    faces, segment = rig.faces, rig.segments
    middle = float(head.placed(rig.vertices).mean(0)[2])
    front = head.vertices[:, 2] < middle + 0.15 * width
    in_face = (outside < OUTSIDE * width) & front
    skin = faces[(segment == SKIN) & in_face[faces].all(1)]
    tongue = faces[segment == TONGUE]

    edges = np.concatenate(list(rig.loops.values()))
    used = np.unique(np.concatenate([skin.ravel(), tongue.ravel(), edges]))
    vertex_of = np.full(len(rig.vertices), -1, np.int32)
    vertex_of[used] = np.arange(len(used))
    mesh_xy, mesh_z = head.vertices[used, :2], head.vertices[used, 2]

    nodes, cells = _nodes(matte)
    depth, weights = _extended(rig, head, nodes, _outside(outline, nodes), matte)
    # Clothes do not go along with the face.
    shifts = _spread_actions(head, actions, nodes, np.unique(skin), width) * (1 - weights[:, :1])

    where = np.concatenate([mesh_xy, nodes])
    # The relief lies just behind the mesh, which is drawn over it anyway.
    z = np.concatenate([mesh_z, depth])
    rim = np.concatenate([smoothstep(-RIM * width, 0.0, outside[used]), np.zeros(len(nodes))])
    rim[vertex_of[np.unique(tongue)]] = 0.0
    rim_nodes, rim_weights = _in_cell(mesh_xy, len(used))
    return Surface(
        rest=lifted(where, z, distance),
        source=where.astype(np.float32),
        actions=np.ascontiguousarray(np.concatenate([actions[:, used], shifts], 1), np.float32),
        skinning=np.concatenate([rig.skinning[used], weights]).astype(np.float32),
        joints=lifted(head.joints[:4, :2], head.joints[:4, 2], distance),
        rim=rim[: len(used)].astype(np.float32),
        rim_nodes=rim_nodes,
        rim_weights=rim_weights,
        skin=np.ascontiguousarray(vertex_of[skin], np.int32),
        tongue=np.ascontiguousarray(vertex_of[tongue], np.int32),
        relief=(cells + len(used)).astype(np.int32),
        vertex_of=vertex_of,
        mesh_size=len(used),
        distance=distance,
        head_width=width,
        lid_slide=_lid_slide(rig, actions, used),
        lip_slide=_lip_slide(rig, used),
    )


def _lid_slide(rig: FaceRig, actions: Floats, used: NDArray[np.integer]) -> Floats:
    slide = np.zeros((2, len(rig.vertices), 2), np.float32)
    for i, (side, name) in enumerate((("R", "Right"), ("L", "Left"))):
        blink = actions[ACTION_INDEX[f"eyeBlink{name}"], :, :2]
        slide[i] = UNROLL * blink
        slide[i, rig.loops[f"lids.{side}.lower"]] = 0
    return np.asarray(slide[:, used])


def _lip_slide(rig: FaceRig, used: NDArray[np.integer]) -> Floats:
    slide = np.zeros((len(rig.vertices), 2), np.float32)
    for name, way in (("lips.upper", -LIP_LINE), ("lips.lower", LIP_LINE)):
        slide[rig.loops[name][1:-1], 1] = way
    return np.asarray(slide[used])


def _grid_size() -> int:
    return int(np.ceil((FRAME + 2 * REACH) / CELL)) + 1


def _nodes(matte: Floats) -> tuple[NDArray[np.float64], Ints]:
    """Relief nodes (G, 2) in frame units and the triangles of those cells that hold some of the person."""
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


def _in_cell(xy: NDArray[np.floating], offset: int) -> tuple[Ints, Floats]:
    """The four relief nodes around each point and its bilinear weights."""
    n = _grid_size()
    at = np.clip((xy + REACH) / CELL, 0, n - 1.001)
    corner = at.astype(int)
    u, v = (at - corner).T
    first = corner[:, 1] * n + corner[:, 0]
    nodes = np.stack([first, first + 1, first + n, first + n + 1], 1) + offset
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], 1)
    return nodes.astype(np.int32), weights.astype(np.float32)


def _outside(outline: Floats, points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Distance (N,) of points (N, 2+) from a closed outline, negative inside of it."""
    return np.array([-cv2.pointPolygonTest(outline, (float(p[0]), float(p[1])), True) for p in points])


def _extended(
    rig: FaceRig,
    head: FittedHead,
    nodes: NDArray[np.floating],
    outside: NDArray[np.floating],
    matte: Floats,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Depth (G,) and skinning (G, 5) at the relief's nodes: the head's own, smoothly continued around it."""
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
    even = cv2.GaussianBlur(field[..., 0], (0, 0), EVEN * head.head_width / pixels)
    at = ((nodes + REACH) / pixels).astype(np.float32)
    sampled = cv2.remap(
        field[..., :4], at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    rest = cv2.remap(
        field[..., 4:], at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    depth, weights = sampled[:, 0], np.concatenate([sampled[:, 1:], rest], 1)
    width = head.head_width
    # The rig's ears are rarely where the picture's are: depth around the face is smooth.
    smooth = cv2.remap(
        even, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    depth = depth + (smooth - depth) * smoothstep(0.0, 0.06 * width, outside)
    depth = _rounded_off(rig, head, nodes, outside, depth, matte)
    # Whatever the head's mesh says, shoulders and chest below the neck stay with the body.
    chin, base = float(rig.at_landmarks(head.vertices)[CHIN, 1]), head.joints[0]
    low, high = (base[1] + share * width for share in NECK_MOVES)
    away = np.abs(nodes[:, 0] - base[0]) / width
    shoulder = smoothstep(*SHOULDERS, away) * smoothstep(chin - 0.1 * width, chin + 0.2 * width, nodes[:, 1])
    body = np.maximum(smoothstep(low, high, nodes[:, 1]), shoulder)[:, None]
    weights = weights * (1 - body) + np.array([1.0, 0, 0, 0, 0]) * body
    return depth, weights / weights.sum(1, keepdims=True)


def _rounded_off(
    rig: FaceRig,
    head: FittedHead,
    nodes: NDArray[np.floating],
    outside: NDArray[np.floating],
    depth: NDArray[np.floating],
    matte: Floats,
) -> NDArray[np.floating]:
    """Depth (G,) that goes back, between the face's outline and the person's, to that of the head's own axis.

    So hair, ears and the far cheek stay about where they are while the face swings past them. Checked against
    rendered heads (`benchmarks/render_truth.py`): a relief that stays shallow drags them along with the face."""
    width, units = head.head_width, matte_units(matte.shape[0])
    inner = cv2.distanceTransform((matte > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / units
    at = ((nodes + REACH + 0.5) * units - 0.5).astype(np.float32)
    left = cv2.remap(
        inner, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )[0]
    beyond = np.maximum(outside, 0)
    way = beyond / np.maximum(beyond + left, NARROW * width)
    # Over the crown hair falls off late, as a ball does; temples and ears go straight back.
    landmarks = rig.at_landmarks(head.vertices)
    right, up = (
        np.abs(nodes[:, 0] - landmarks[BETWEEN_EYES, 0]),
        np.maximum(landmarks[BETWEEN_EYES, 1] - nodes[:, 1], 0),
    )
    lobes = float(landmarks[list(JAW_CORNERS), 1].mean())
    side = (right / np.maximum(np.hypot(right, up), 1e-6)) ** SIDE_ANGLE
    side *= 1 - smoothstep(lobes - 0.1 * width, lobes + 0.05 * width, nodes[:, 1])
    share = (1 - np.sqrt(1 - way * way)) * (1 - side) + way**SIDE_ROUND * side
    chain = head.joints[3::-1]
    axis = np.interp(nodes[:, 1], chain[:, 1], chain[:, 2])
    n = _grid_size()
    grid = (depth + np.maximum(axis - depth, 0) * share).reshape(n, n).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(grid, (0, 0), EVEN_NODES).ravel())


def _spread_actions(
    head: FittedHead, actions: Floats, nodes: NDArray[np.floating], skin: NDArray[np.integer], width: float
) -> Floats:
    """Facial actions (52, G, 3) at the relief's nodes: those of the nearest skin, fading with distance."""
    distance, nearest = cKDTree(head.vertices[skin, :2]).query(nodes, k=6)
    weight = 1 / (distance + 1.0) ** 2
    weight = weight / weight.sum(1, keepdims=True)
    fade = np.exp(-((distance[:, 0] / (SPREAD * width)) ** 2))
    mixed = np.einsum("gn,agnd->agd", weight * fade[:, None], actions[:, skin[nearest]])
    mixed[np.abs(mixed) < 1e-4] = 0
    return np.asarray(mixed, np.float32)
