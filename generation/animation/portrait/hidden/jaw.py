"""The jaw behind the face's edge, and the skin of its sides in a turned head."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import FACE_OVAL, NOSE_TIP
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.hidden.hidden_surface import (
    NO_TRIANGLES,
    HiddenSurface,
    grid_triangles,
    luma_at,
)
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.relief import JAW_CORNERS, REACH, extrapolate_actions

JAW_ABOVE_LOBES: Final = 0.2  # head widths above the ears' lobes over which the jaw sets in
JAW_ROWS, JAW_COLUMNS, JAW_SMOOTH = 6, 49, 3.0
JAW_REACH: Final = (
    0.8,
    0.25,
)  # how far back it reaches: of the way to the axis at the ear; head widths at the chin
JAW_EDGE: Final = (0.015, 0.05, 0.1)  # head widths inside of the face's edge: its begin, end, and drawn in
JAW_SHOWN: Final = 0.05  # of its reach, below which there is none
JAW_SHADE: Final = (1.0, 0.9)  # brightness, relative to where its colour is from, where it begins and ends
SKIN_EDGE, SKIN_SHARE, SKIN_MOST = 0.045, 0.3, 0.11  # head widths inside of the edge, and share of the depth
UNROLLED, UNROLLED_TO = 0.15, 0.024  # head widths inside of the edge: the strip of skin that is unrolled
AT_EDGE, AT_EDGE_SMOOTH = 0.02, 0.1  # head widths from the edge, and over which vertices there are averaged
LEAST: Final = 1e-6  # of a vertex: without any, the strip counts as flat
SURELY: Final = 0.95  # matte of what is surely the person
LIKE_LINE, LIKE_READ = 0.03, 0.012  # head widths over which its brightness is averaged: wanted, and as read
JAW_BRIGHTER: Final = (0.75, 1.3)
FAR_SIDE: Final = (10.0, 18.0)  # degrees of a portrait's own yaw over which its far side stays as it is
SIDEWAYS: Final = (0.1, 0.8)  # of the direction of the face's edge over which the chin becomes the jaw's side


def bare_jaw(
    xy: NDArray[np.floating], points: NDArray[np.floating], beside: NDArray[np.floating], width: float
) -> NDArray[np.floating]:
    """How far (N,), 0..1, points (N, 2) belong to the sides of the jaw below the ears where no hair lies
    beside the face, for `beside` (36,) of `hair_beside_face`."""
    lobes = float(points[list(JAW_CORNERS), 1].mean())
    outline = points[list(FACE_OVAL), :2]
    distance, nearest = cKDTree(outline).query(xy, k=4)
    weight = 1 / (distance + 0.02 * width) ** 2
    hair = (beside[nearest] * weight).sum(1) / weight.sum(1)
    low = smoothstep(lobes - JAW_ABOVE_LOBES * width, lobes, xy[:, 1])
    return np.asarray(low * (1 - smoothstep(0.15, 0.45, hair)))


def turned_away(points: NDArray[np.floating], yaw: float) -> NDArray[np.floating]:
    """How far (36,), 0..1, each point of the face's outline lies on the far side of a head that is turned by
    `yaw` degrees in its picture: nothing is known of what is behind it."""
    outline = points[list(FACE_OVAL), :2]
    far = (outline[:, 0] - points[NOSE_TIP, 0]) * np.sign(yaw) > 0
    return np.asarray(far * smoothstep_scalar(*FAR_SIDE, abs(yaw)))


def sideways(xy: NDArray[np.floating], points: NDArray[np.floating], width: float) -> NDArray[np.floating]:
    """How far (N,), 0..1, the face's edge next to points (N, 2) looks to the side rather than down."""
    edge = points[list(FACE_OVAL), :2]
    along = np.roll(edge, -1, 0) - np.roll(edge, 1, 0)
    steep = np.abs(along[:, 1]) / np.linalg.norm(along, axis=1)
    steep = (np.roll(steep, 1) + 2 * steep + np.roll(steep, -1)) / 4
    distance, nearest = cKDTree(edge).query(xy, k=4)
    weight = 1 / (distance + 0.02 * width) ** 2
    return smoothstep(*SIDEWAYS, (steep[nearest] * weight).sum(1) / weight.sum(1))


class JawSkin(NamedTuple):
    """Where the mesh's vertices at the jaw's sides read their skin in a turned head: their texture
    coordinates' offsets `slide` (N, 2), and by how much brighter (N,) what they read has to be."""

    slide: Float32Array
    brighter: Float32Array


def jaw_skin(
    xy: NDArray[np.floating],
    depth: NDArray[np.floating],
    points: NDArray[np.floating],
    beside: NDArray[np.floating],
    width: float,
    *,
    canvas: UInt8Array,
    matte: Float32Array,
) -> JawSkin:
    """The skin of the jaw's sides, of the face's mesh `xy` (N, 2) with `depth` (N,).

    The picture shows them at a grazing angle, and hair or background beside them: drawn out over a turned
    jaw, the few pixels would be streaks. So the skin of a wider strip is laid evenly over the way around the
    jaw, as bright as the skin further inside."""
    outline = points[list(FACE_OVAL), :2].astype(np.float32)
    inside = np.array([cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in xy])
    inwards = points[NOSE_TIP, :2] - xy
    inwards /= np.maximum(np.linalg.norm(inwards, axis=1, keepdims=True), 1e-6)
    reach = UNROLLED * width
    far = np.maximum(reach - inside, 0)
    shown = bare_jaw(xy, points, beside, width) * sideways(xy, points, width)
    # How much longer than in the picture the way over the strip is, next to each vertex.
    edge = np.flatnonzero(np.abs(inside) < AT_EDGE * width)
    _, begins = cKDTree(xy).query((xy + inwards * far[:, None])[edge], k=3)
    way = np.hypot(far[edge], np.maximum(depth[edge] - depth[begins].mean(1), 0))
    near = np.exp(-((cdist(xy, xy[edge]) / (AT_EDGE_SMOOTH * width)) ** 2))
    even = (near.sum(1) + LEAST) / (near @ way / reach + LEAST)
    # The jaw gets steep towards its edge: there most of the strip is laid.
    share = np.minimum(far / (reach + AT_EDGE * width), 1)
    laid = (reach - UNROLLED_TO * width) * (even * share + (1 - even) * share**3)
    read = xy + inwards * (far - laid)[:, None]
    units = matte_units(matte.shape[0])
    gray = cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY).astype(np.float32)
    further = xy + inwards * np.maximum(SKIN_EDGE * width - inside, 0)[:, None]
    wanted, found = (
        _person_luma(gray, matte, over * width * units, at)
        for over, at in ((LIKE_LINE, further), (LIKE_READ, read))
    )
    brighter = np.clip(wanted / np.maximum(found, 8.0), *JAW_BRIGHTER)
    begun = smoothstep(0.0, reach, far)
    return JawSkin(
        np.asarray((read - xy) * ((far > 0) * shown)[:, None], np.float32),
        np.asarray(1 + (brighter - 1) * begun * shown, np.float32),
    )


def _person_luma(
    gray: Float32Array, matte: Float32Array, sigma: float, at: NDArray[np.floating]
) -> NDArray[np.floating]:
    """The luma (N,) at points (N, 2) in frame units of a picture `gray` (S, S), averaged over what is surely
    the person."""
    # Only around these points, as far as the average reaches.
    units, far = matte_units(matte.shape[0]), 4 * sigma + 2
    first, last = ((edge + REACH) * units for edge in (at.min(0), at.max(0)))
    left, top = np.clip(first - far, 0, len(matte) - 1).astype(int)
    right, low = np.clip(last + far, 1, len(matte)).astype(int) + 1
    near = (slice(top, low), slice(left, right))
    surely = (matte[near] > SURELY).astype(np.float32)
    share = cv2.GaussianBlur(surely, (0, 0), sigma)
    mean = cv2.GaussianBlur(gray[near] * surely, (0, 0), sigma) / np.maximum(share, 1e-3)
    luma = np.zeros(matte.shape, np.uint8)
    luma[near] = np.where(share > 1e-3, mean, gray[near]).clip(0, 255)
    return luma_at(luma, at)


def hidden_jaw(
    rig: FaceRig,
    head: FittedHead,
    points: NDArray[np.floating],
    actions: Float32Array,
    *,
    skin: NDArray[np.integer],
    beside: NDArray[np.floating],
) -> HiddenSurface:
    """A strip that goes back from the face's edge, from ear to ear below the chin, shorter where hair lies
    beside the face. `skin` are the rig's vertices of the face, `beside` (36,) is of `hair_beside_face`."""
    width = head.head_width
    edge, depth = _jaw_edge(rig, head, points)
    inwards = points[NOSE_TIP, :2] - edge
    inwards /= np.linalg.norm(inwards, axis=1, keepdims=True)
    back = np.linspace(0, 1, JAW_ROWS)[:, None]
    inside = edge + inwards * 0.05 * width
    # The jawbone runs straight from the ears to the throat.
    towards_chin = 1 - np.abs(np.linspace(-1, 1, JAW_COLUMNS))
    ear = depth + JAW_REACH[0] * np.maximum(head.joints[3, 2] - depth, 0)
    ear = np.where(np.arange(JAW_COLUMNS) < JAW_COLUMNS // 2, ear[0], ear[-1])
    throat = depth[JAW_COLUMNS // 2] + JAW_REACH[1] * width
    reach = np.maximum(ear + (throat - ear) * towards_chin - depth, 0)
    lobes = float(points[list(JAW_CORNERS), 1].mean())
    # Where hair lies beside the face, and under the chin, it is drawn in behind the face.
    shown = bare_jaw(edge, points, beside, width) * sideways(edge, points, width)
    shown *= smoothstep(lobes - JAW_ABOVE_LOBES * width, lobes - 0.5 * JAW_ABOVE_LOBES * width, edge[:, 1])
    shown = cv2.GaussianBlur(shown[None], (0, 0), JAW_SMOOTH, borderType=cv2.BORDER_REPLICATE)[0]
    reach = reach * shown
    strip = grid_triangles(JAW_ROWS, JAW_COLUMNS)
    first, last, drawn_in = JAW_EDGE
    away = (first + (last - first) * back**2 + drawn_in * (1 - shown)) * width
    mirrored = np.minimum(SKIN_EDGE * width + SKIN_SHARE * back * reach, SKIN_MOST * width)
    _, nearest = cKDTree(head.vertices[skin, :2]).query(inside)
    weights = np.pad(rig.skinning[skin[nearest]].astype(np.float64), ((0, 0), (0, 1)))
    moves = extrapolate_actions(head, actions, edge, skin, width)
    shade = JAW_SHADE[0] + (JAW_SHADE[1] - JAW_SHADE[0]) * back * np.ones(JAW_COLUMNS)
    return HiddenSurface(
        (edge + inwards * away[..., None]).reshape(-1, 2),
        (depth + back * reach).ravel(),
        (edge + inwards * mirrored[..., None]).reshape(-1, 2),
        np.tile(moves, (1, JAW_ROWS, 1)),
        np.tile(weights, (JAW_ROWS, 1)),
        shade.ravel(),
        np.zeros((JAW_ROWS * JAW_COLUMNS, 2)),
        NO_TRIANGLES,
        strip[(np.tile(shown, JAW_ROWS) > JAW_SHOWN)[strip].all(1)],
    )


def _jaw_edge(
    rig: FaceRig, head: FittedHead, points: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Points (JAW_COLUMNS, 2) evenly along the face's edge, from the picture's right ear round the chin to
    the left one, and their depth."""
    start, end = FACE_OVAL.index(356), FACE_OVAL.index(127)
    order = list(FACE_OVAL[start : end + 1])
    line = np.column_stack([points[order, :2], rig.at_landmarks(head.vertices)[order, 2]])
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1))])
    even = np.linspace(0, run[-1], JAW_COLUMNS)
    found = np.stack([np.interp(even, run, line[:, k]) for k in range(3)], 1)
    found = cv2.GaussianBlur(found, (1, 5), 0, sigmaY=1.0, borderType=cv2.BORDER_REPLICATE)
    return found[:, :2], found[:, 2]
