"""The hidden surface: hair, jaw and neck behind what the picture shows, uncovered by a head that turns.

Hair goes on behind the person's outline, in the colours of its own edge; the jaw behind the face's edge, in
the colours of the skin inside of that edge. The neck is a cylinder around its joints, as wide as the picture
leaves room for. At rest the person covers all of it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.face.face_topology import CHIN, FACE_OVAL, NOSE_TIP
from generation.animation.geometry.camera import FRAME
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.relief import JAW_CORNERS, REACH, Relief, extrapolate_actions
from generation.animation.portrait.skull import COLUMNS, FRINGE, ROWS, back_of_head

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
SLANT: Final = 0.6  # by which that skin is read further up, of how far inside of the edge
LIKE_LINE, LIKE_READ = 0.03, 0.012  # head widths over which its brightness is averaged: wanted, and as read
JAW_BRIGHTER: Final = (0.6, 1.6)
FAR_SIDE: Final = (10.0, 18.0)  # degrees of a portrait's own yaw over which its far side stays as it is
SIDEWAYS: Final = (0.1, 0.8)  # of the direction of the face's edge over which the chin becomes the jaw's side
NECK_ROWS, NECK_COLUMNS = 27, 17
NECK_ROUND: Final = 100.0  # degrees to both sides that are modelled
NECK_WIDTHS: Final = (0.26, 0.41)  # head widths: half of the narrowest and of the widest neck
NECK_FLARE: Final = 0.1  # head widths by which it is wider below the ears than under the chin
NECK_TOP, NECK_END = 0.3, 0.5  # head widths above the lobes and below the chin where it begins and ends
NECK_SHADE: Final = (0.55, 1.8)  # of the change of brightness of the colour that is read
NECK_TURNS, NECK_TURNS_BY = 0.2, 3  # by how much the neck's edges are darker, and how steeply they get so
NECK_WAIST: Final = 0.02  # head widths by which it is narrower between ears and chin
NECK_SHADED: Final = 0.12  # by how much it is darker below ear and jaw
NECK_SHADE_ENDS: Final = (-0.1, 0.8)  # of the way from the ears' lobes to the chin, over which that ends
NECK_AVERAGED: Final = 0.03  # head widths over which brightness is averaged
NECK_SEEN, NECK_SEEN_AT = 0.4, 0.7  # of the bare neck's height and half width, where its brightness is read
NECK_TO_JAW: Final = (0.6, 1.1)  # brightness of the neck against the jaw's
COVERED: Final = 0.036  # head widths inside of the person's outline where the neck ends
NECK_MIDDLE, NECK_RANGE = (
    0.5,
    (0.3, 1.0),
)  # of the neck's width and of its bare part that its colour is read in
NECK_SPAN: Final = 0.12  # head widths of that part, below which skin is stretched


class HiddenSurface(NamedTuple):
    """Vertices (N, 2) in frame units, their depth (N,), texture coordinates (N, 2), actions (52, N, 3),
    skinning (N, 6), brightness (N,) and by how much they `grow` outwards (N, 2) when the head turns, and
    triangles: `behind` (M, 3) lie behind all of the person, `jaw` (K, 3) between the face and what is around
    it."""

    xy: NDArray[np.floating]
    depth: NDArray[np.floating]
    source: NDArray[np.floating]
    actions: Float32Array
    skinning: NDArray[np.floating]
    shade: NDArray[np.floating]
    grows: NDArray[np.floating]
    behind: Int32Array
    jaw: Int32Array


NO_TRIANGLES: Final = np.zeros((0, 3), np.int32)


def hidden_skull(
    head: FittedHead,
    points: NDArray[np.floating],
    nodes: NDArray[np.floating],
    relief: Relief,
    weights: NDArray[np.floating],
    *,
    canvas: UInt8Array,
    matte: Float32Array,
) -> HiddenSurface:
    """The back of the head, skinned as the relief at its `nodes` (G, 2) with `weights` (G, 6)."""
    skull = back_of_head(head, points, (nodes, relief.depth), canvas=canvas, matte=matte)
    count = len(skull.xy)
    # A row moves as its outermost hair does, which the picture shows.
    columns = COLUMNS + FRINGE
    outer = skull.source.reshape(2 * ROWS, columns, 2)[:, 2]
    _, nearest = cKDTree(nodes).query(outer)
    strip = _strip(ROWS, columns)
    strip = strip[~((strip % columns == COLUMNS - 1).any(1) & (strip % columns == COLUMNS).any(1))]
    return HiddenSurface(
        skull.xy,
        skull.depth,
        skull.source,
        np.zeros((52, count, 3), np.float32),
        np.repeat(weights[nearest], columns, 0),
        np.ones(count),
        skull.grows,
        np.concatenate([strip, strip + ROWS * columns]).astype(np.int32),
        NO_TRIANGLES,
    )


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


def sideways(xy: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far (N,), 0..1, the face's edge next to points (N, 2) looks to the side rather than down."""
    edge = points[list(FACE_OVAL), :2]
    along = np.roll(edge, -1, 0) - np.roll(edge, 1, 0)
    steep = np.abs(along[:, 1]) / np.linalg.norm(along, axis=1)
    steep = (np.roll(steep, 1) + 2 * steep + np.roll(steep, -1)) / 4
    distance, nearest = cKDTree(edge).query(xy, k=4)
    weight = 1 / (distance + 0.02) ** 2
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
) -> JawSkin:
    """The skin of the jaw's sides, of the face's mesh `xy` (N, 2) with `depth` (N,).

    The picture shows them at a grazing angle, and hair or background beside them: drawn out over a turned
    jaw, the few pixels would be streaks. So the skin further inside is laid there, mirrored and aslant, with
    the brightness of the skin beside it."""
    outline = points[list(FACE_OVAL), :2].astype(np.float32)
    inside = np.array([cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in xy])
    inwards = points[NOSE_TIP, :2] - xy
    inwards /= np.maximum(np.linalg.norm(inwards, axis=1, keepdims=True), 1e-6)
    far = np.maximum(SKIN_EDGE * width - inside, 0)
    line = xy + inwards * far[:, None]
    _, nearest = cKDTree(xy).query(line, k=3)
    arc = np.hypot(far, np.maximum(depth - depth[nearest].mean(1), 0)) * (far > 0)
    shown = bare_jaw(xy, points, beside, width) * sideways(xy, points)
    read = line + _mirrored(inwards, arc, width)
    gray = cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY)
    units = gray.shape[0] / (FRAME + 2 * REACH)
    wanted, found = (
        _luma_at(cv2.GaussianBlur(gray, (0, 0), over * width * units), at)
        for over, at in ((LIKE_LINE, line), (LIKE_READ, read))
    )
    brighter = np.clip(wanted / np.maximum(found, 8.0), *JAW_BRIGHTER)
    return JawSkin(
        np.asarray((read - xy) * ((far > 0) * shown)[:, None], np.float32),
        np.asarray(1 + (brighter - 1) * (far > 0) * shown, np.float32),
    )


def _mirrored(inwards: NDArray[np.floating], arc: NDArray[np.floating], width: float) -> NDArray[np.floating]:
    """Offsets (N, 2) at which the skin is read that lies `arc` (N,) beyond a line, `inwards` (N, 2) of it:
    there and back again, and aslant, as a mirror image would be seen to be one."""
    most = SKIN_MOST * width
    folded = most - np.abs(most - arc % (2 * most))
    # Upwards on both sides of the face.
    along = np.stack([-inwards[:, 1], inwards[:, 0]], 1)
    along *= -np.sign(along[:, 1:])
    return np.asarray((inwards + SLANT * along) * folded[:, None])


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
    shown = bare_jaw(edge, points, beside, width) * sideways(edge, points)
    shown *= smoothstep(lobes - JAW_ABOVE_LOBES * width, lobes - 0.5 * JAW_ABOVE_LOBES * width, edge[:, 1])
    shown = cv2.GaussianBlur(shown[None], (0, 0), JAW_SMOOTH, borderType=cv2.BORDER_REPLICATE)[0]
    reach = reach * shown
    strip = _strip(JAW_ROWS, JAW_COLUMNS)
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


def hidden_neck(
    head: FittedHead,
    points: NDArray[np.floating],
    bare: float,
    *,
    canvas: UInt8Array,
    matte: Float32Array,
) -> HiddenSurface:
    """The neck from behind the ears into the clothes. Its colour is read under the jaw, as far as it is
    `bare` (frame units), or inside of the jaw's edge where it is not; each side is as bright as the jaw above
    it, and further down as the neck that the picture shows there."""
    width = head.head_width
    top = float(points[list(JAW_CORNERS), 1].mean()) - NECK_TOP * width
    y = np.linspace(top, float(points[CHIN, 1]) + NECK_END * width, NECK_ROWS)
    chain = head.joints[3::-1]
    middle, axis = (np.interp(y, chain[:, 1], chain[:, k]) for k in (0, 2))
    half = _neck_halves(matte, middle, y, points, width)
    angle = np.radians(np.linspace(-NECK_ROUND, NECK_ROUND, NECK_COLUMNS))
    across = np.sin(angle)
    x = middle[:, None] + np.where(across < 0, half[:, :1], half[:, 1:]) * across
    depth = axis[:, None] - half.mean(1)[:, None] * np.cos(angle)
    xy = np.stack([x, np.broadcast_to(y[:, None], x.shape)], -1).reshape(-1, 2)
    source = _under_jaw(xy, points, width, bare)
    luma = cv2.GaussianBlur(
        cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), (0, 0), NECK_AVERAGED * width * matte_units(matte.shape[0])
    )
    wanted = _neck_luma(luma, points, np.stack([middle, half[:, 0], half[:, 1], y], 1), bare, width)
    share = 0.5 + 0.5 * across
    wanted = wanted[:, :1] * (1 - share) + wanted[:, 1:] * share
    shade = wanted.ravel() / np.maximum(_luma_at(luma, source), 8.0)
    shade = np.clip(shade, *NECK_SHADE).reshape(wanted.shape)
    shade *= 1 - NECK_TURNS * np.abs(across) ** NECK_TURNS_BY
    shade *= 1 - NECK_SHADED * (1 - smoothstep(*NECK_SHADE_ENDS, _down_to_chin(y, points)))[:, None]
    return HiddenSurface(
        xy,
        depth.ravel(),
        source,
        np.zeros((52, len(xy), 3), np.float32),
        np.repeat(_neck_skinning(y, chain), NECK_COLUMNS, 0),
        shade.ravel(),
        np.zeros(xy.shape),
        _strip(NECK_ROWS, NECK_COLUMNS),
        NO_TRIANGLES,
    )


def _neck_luma(
    luma: UInt8Array,
    points: NDArray[np.floating],
    rows: NDArray[np.floating],
    bare: float,
    width: float,
) -> NDArray[np.floating]:
    """How bright (rows, 2) the left and right sides of the neck are in a picture's `luma` (S, S). Of each of
    the `rows` (rows, 4) the neck's middle, its half widths and its height are given."""
    y = rows[:, 3]
    corners = points[list(JAW_CORNERS), :2]
    inwards = np.sign(points[NOSE_TIP, 0] - corners[:, :1]) * (SKIN_EDGE * width, 0.0)
    jaw = _luma_at(luma, corners + inwards)
    if bare <= 0:
        return np.broadcast_to(jaw, (len(y), 2))
    low = float(points[CHIN, 1]) + NECK_SEEN * bare
    row = int(np.argmin(np.abs(y - low)))
    sides = np.stack([rows[row, 0] + NECK_SEEN_AT * rows[row, 1:3] * (-1, 1), np.full(2, low)], 1)
    seen = np.clip(_luma_at(luma, sides), NECK_TO_JAW[0] * jaw, NECK_TO_JAW[1] * jaw)
    down = smoothstep(float(corners[:, 1].mean()), low, y)[:, None]
    return np.asarray(jaw + (seen - jaw) * down)


def _luma_at(luma: UInt8Array, xy: NDArray[np.floating]) -> NDArray[np.floating]:
    """The luma (N,) of a canvas (S, S) at points (N, 2) in frame units."""
    units = matte_units(luma.shape[0])
    at = np.clip(np.rint((xy + REACH + 0.5) * units - 0.5).astype(int), 0, len(luma) - 1)
    return np.asarray(luma[at[:, 1], at[:, 0]], np.float64)


def joined(parts: tuple[HiddenSurface, ...]) -> HiddenSurface:
    """Several hidden surfaces as one."""
    starts = np.cumsum([0, *(len(p.xy) for p in parts)])
    pairs = list(zip(parts, starts, strict=False))
    return HiddenSurface(
        xy=np.concatenate([p.xy for p in parts]),
        depth=np.concatenate([p.depth for p in parts]),
        source=np.concatenate([p.source for p in parts]),
        actions=np.concatenate([p.actions for p in parts], 1),
        skinning=np.concatenate([p.skinning for p in parts]),
        shade=np.concatenate([p.shade for p in parts]),
        grows=np.concatenate([p.grows for p in parts]),
        behind=np.concatenate([p.behind + start for p, start in pairs]).astype(np.int32),
        jaw=np.concatenate([p.jaw + start for p, start in pairs]).astype(np.int32),
    )


def _strip(rows: int, columns: int) -> Int32Array:
    """Triangles (2 (rows - 1) (columns - 1), 3) of a grid of vertices."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (v.ravel() for v in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]))
    return np.concatenate([np.stack([a, b, d], 1), np.stack([b, c, d], 1)]).astype(np.int32)


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


def _room(matte: Float32Array, middle: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far (rows, 2) the person reaches to the picture's left and right of `middle` at heights `y`."""
    units = matte_units(matte.shape[0])
    person = matte > 0.9
    rows = np.clip(np.rint((y + REACH + 0.5) * units - 0.5).astype(int), 0, len(person) - 1)
    found = np.zeros((len(y), 2))
    for i, (row, x) in enumerate(zip(rows, middle, strict=True)):
        column = int(np.clip(round((x + REACH + 0.5) * units - 0.5), 1, len(person) - 2))
        for k, line in enumerate((person[row, column::-1], person[row, column:])):
            found[i, k] = (np.argmin(line) if not line.all() else len(line)) / units
    return found


def _neck_halves(
    matte: Float32Array,
    middle: NDArray[np.floating],
    y: NDArray[np.floating],
    points: NDArray[np.floating],
    width: float,
) -> NDArray[np.floating]:
    """Half widths (rows, 2) of the neck to the picture's left and right at heights `y`, around `middle`: what
    the person's outline leaves room for, and no wider than under the chin."""
    # The least of neighbouring rows: the outline is steep where clothes begin.
    room = cv2.erode(_room(matte, middle, y), np.ones((3, 1), np.uint8)) - COVERED * width
    room = np.maximum(room, 0)
    halves = np.minimum(room, NECK_WIDTHS[1] * width)
    chin = float(points[CHIN, 1])
    below = (y > chin - 0.05 * width) & (y < chin + 0.2 * width)
    narrowest = np.maximum(halves[below].min(0), NECK_WIDTHS[0] * width)
    # Hollow between the nape, which is wide, and the shoulders.
    down = _down_to_chin(y, points)
    up, below, between = np.clip(1 - down, 0, 1.5), np.clip(down - 1, 0, 1), np.clip(down, 0, 1)
    hollow = NECK_FLARE * up**2 + NECK_FLARE * below - NECK_WAIST * 4 * between * (1 - between)
    halves = np.minimum(halves, narrowest + width * hollow[:, None])
    return np.asarray(np.minimum(halves, cv2.GaussianBlur(halves, (1, 11), 0, sigmaY=2.4)))


def _down_to_chin(y: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far down heights `y` (N,) lie: 0 at the ears' lobes, 1 at the chin."""
    lobes, chin = float(points[list(JAW_CORNERS), 1].mean()), float(points[CHIN, 1])
    return np.asarray((y - lobes) / max(chin - lobes, 1.0))


def _neck_skinning(y: NDArray[np.floating], chain: NDArray[np.floating]) -> NDArray[np.floating]:
    """Skinning (rows, 6) at heights `y`: body below the neck's base, then each joint of the chain (4, 3),
    which runs from the head downwards."""
    heights = np.concatenate([chain[:, 1], [chain[-1, 1] + (chain[-1, 1] - chain[-2, 1])]])
    position = np.interp(y, heights, np.arange(5.0))
    each = np.maximum(1 - np.abs(position[:, None] - np.arange(5.0)), 0)
    return np.pad(each[:, ::-1], ((0, 0), (0, 1)))


def _under_jaw(
    xy: NDArray[np.floating], points: NDArray[np.floating], width: float, bare: float
) -> NDArray[np.floating]:
    """Where (N, 2) the colour of the neck is read, in the vertex's own column: under the jaw's edge, as far
    as the neck is `bare`, or above it."""
    outline = points[list(FACE_OVAL), :2]
    lower = outline[outline[:, 1] > points[list(JAW_CORNERS), 1].mean()]
    lower = lower[np.argsort(lower[:, 0])]
    # The middle of the neck is bare more often than its sides.
    x = points[CHIN, 0] + NECK_MIDDLE * (xy[:, 0] - points[CHIN, 0])
    edge = np.interp(x, lower[:, 0], lower[:, 1])
    down = np.clip((xy[:, 1] - edge) / (0.5 * width), -1, 1) * 0.5 + 0.5
    if bare > 0:
        # There and back again, so that skin is not drawn out.
        span = float(np.ptp(NECK_RANGE)) * bare
        run = (xy[:, 1] - edge) * min(1.0, span / (NECK_SPAN * width))
        folded = span - np.abs(span - run % (2 * span))
        return np.stack([x, points[CHIN, 1] + NECK_RANGE[0] * bare + folded], 1)
    return np.stack([x, edge - (SKIN_EDGE + SKIN_EDGE * down) * width], 1)
