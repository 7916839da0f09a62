"""Surface: the person as one deformable mesh, made of the face's mesh and the relief around it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.face.face_topology import CHIN, FACE_OVAL
from generation.animation.geometry.camera import unproject
from generation.animation.geometry.rig import ACTION_INDEX, SKIN, TONGUE, FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.hair import bare_neck, hair_beside_face, hair_map
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.hidden.hidden_surface import HiddenSurface, joined
from generation.animation.portrait.hidden.jaw import bare_jaw, hidden_jaw, jaw_skin, sideways, turned_away
from generation.animation.portrait.hidden.neck import hidden_neck
from generation.animation.portrait.hidden.skull import hidden_skull
from generation.animation.portrait.layers import matte_units
from generation.animation.portrait.mesh_edge import edge_laid_out, open_edge
from generation.animation.portrait.relief import (
    HAIR,
    REACH,
    bilinear_cell,
    depth_and_skinning,
    extrapolate_actions,
    onto_person,
    relief_nodes,
)
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS

RIM = 0.12  # head widths inside the face's outline over which its mesh blends into the relief
OUTSIDE = 0.02  # head widths outside of the outline where the mesh ends
CHIN_EVEN = 3.0  # points of the outline over which what lies beside a chin is averaged
UNROLL = 0.8  # share of a lid's movement in which its texture unrolls; in the rest it stretches
EDGE = 1.5  # frame units inside of the person's outline without any background colour
SURELY_PERSON = 0.95  # matte
# Degrees of the portrait's own yaw over which the edge slide sets in. The far side of a face turned away has
# background in its texture; on other faces the slide would only distort the cheek.
TURNED_AWAY = (18.0, 28.0)
MAX_EDGE_SLIDE = 0.15  # head widths
LIP_LINE = 2.0  # frame units from the seam between closed lips to where their own colour begins


@dataclass(frozen=True, eq=False)
class Surface:
    """Vertices of mesh, relief and hidden surface in one list: the first `mesh_size` belong to the mesh,
    those from `hidden_start` to what the picture does not show.

    `rest` (N, 3) are points in camera space, which project to `at_rest` (N, 2) in the neutral frame, in frame
    units; `source` (N, 2) are their texture coordinates: the same, or for hidden vertices where their colour
    is read; `actions` (52, N, 3); `skinning` (N, 6) as in FaceRig, with the lagging hair joint as the last;
    `joints` (4, 3) of the neck
    chain. Mesh vertex i takes the share `rim[i]` of its position from the relief nodes `rim_nodes[i]` with
    weights `rim_weights[i]` (4 each), or `rim_raised[i]` where the head looks up: a chin glides over the
    neck, but its underside is drawn out between them. `skin`, `tongue`, `relief`, `hidden` and `jaw` are
    triangles: `hidden` lies behind the whole person, `jaw` between face and relief. Hidden vertices have the
    brightness `hidden_shade` (H,), those of the jaw also that of the mesh's vertices `lit_as` (H,); they lie
    `hidden_grows` (H, 2) further out when the head is turned. `vertex_of` maps a
    vertex of the rig to one of the mesh, or -1. `distance` is the camera's distance in frame units.

    Three offsets move texture coordinates. `lid_slide` (2, mesh_size, 2), for a full blink of the picture's
    left, then right eye: a closing lid unrolls skin instead of stretching it. `lip_slide` (mesh_size, 2)
    moves the inner edges of parting lips off the dark seam of closed lips. `edge_slide` (mesh_size, 2), for
    heads that turn, moves vertices outside the outline of a person who is turned away onto the person, and
    those at the jaw's edge off what is around it; what they read then is brighter by `edge_gain`
    (mesh_size,)."""

    rest: Float32Array
    at_rest: Float32Array
    source: Float32Array
    actions: Float32Array
    skinning: Float32Array
    joints: Float32Array
    rim: Float32Array
    rim_raised: Float32Array
    rim_nodes: Int32Array
    rim_weights: Float32Array
    skin: Int32Array
    tongue: Int32Array
    relief: Int32Array
    hidden: Int32Array
    jaw: Int32Array
    hidden_start: int
    hidden_shade: Float32Array
    hidden_grows: Float32Array
    lit_as: Int32Array
    vertex_of: Int32Array
    mesh_size: int
    distance: float
    head_width: float
    lid_slide: Float32Array
    lip_slide: Float32Array
    edge_slide: Float32Array
    edge_gain: Float32Array


def build_surface(
    rig: FaceRig,
    head: FittedHead,
    points: NDArray[np.floating],
    actions: Float32Array,
    *,
    canvas: UInt8Array,
    matte: Float32Array,
) -> Surface:
    """The surface of a fitted head. `points` (478, 3) are landmarks and `actions` (52, V, 3) in frame units;
    `canvas` (S, S, 3) uint8 RGB and `matte` (S, S) cover the frame with its margin."""
    width = head.head_width
    distance = CAMERA_DISTANCE_HEAD_WIDTHS * width
    outline = points[list(FACE_OVAL), :2].astype(np.float32)
    outside = _outside(outline, head.vertices)
    faces, segment = rig.faces, rig.segments
    middle = float(head.to_frame_units(rig.vertices).mean(0)[2])
    front = head.vertices[:, 2] < middle + 0.15 * width
    in_face = (outside < OUTSIDE * width) & front
    skin = faces[(segment == SKIN) & in_face[faces].all(1)]
    tongue = faces[segment == TONGUE]

    edges = np.concatenate(list(rig.loops.values()))
    used = np.unique(np.concatenate([skin.ravel(), tongue.ravel(), edges]))
    vertex_of = np.full(len(rig.vertices), -1, np.int32)
    vertex_of[used] = np.arange(len(used))
    mesh_z = head.vertices[used, 2]
    mesh_xy, mesh_outside = edge_laid_out(
        outline, head.vertices[used, :2], outside[used], vertex_of[open_edge(skin, edges)], width
    )

    nodes, cells = relief_nodes(matte)
    inside = onto_person(nodes, matte)
    around = _outside(outline, inside)
    units = matte_units(matte.shape[0])
    at = ((inside + REACH + 0.5) * units - 0.5).astype(np.float32)
    around_map = hair_map(canvas, points, matte, width, REACH)
    hair = cv2.remap(around_map, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR)[0]
    hair = hair * (1 - smoothstep(points[CHIN, 1] - 0.1 * width, points[CHIN, 1] + 0.2 * width, inside[:, 1]))
    relief = depth_and_skinning(rig, head, inside, around, matte, hair=np.asarray(hair, np.float32))
    weights = relief.weights
    loose = weights[:, 4:] * smoothstep(*HAIR, around / width)[:, None]
    weights = np.concatenate([weights[:, :4], weights[:, 4:] - loose, loose], 1)
    # Clothes do not take part in facial actions.
    shifts = extrapolate_actions(head, actions, nodes, np.unique(skin), width) * (1 - weights[:, :1])
    beside = np.maximum(
        hair_beside_face(canvas, around_map, matte, points, width), turned_away(points, head.yaw)
    )
    neck = bare_neck(around_map, points, width)
    hidden = joined(
        (
            hidden_skull(head, points, nodes, relief, weights, canvas=canvas, matte=matte),
            hidden_neck(head, points, neck, canvas=canvas, matte=matte),
            hidden_jaw(rig, head, points, actions, skin=np.unique(skin), beside=beside),
        )
    )

    jaw = jaw_skin(mesh_xy, mesh_z, points, beside, width, canvas=canvas, matte=matte)
    where = np.concatenate([mesh_xy, nodes, hidden.xy])
    # The relief lies just behind the mesh, which is drawn over it anyway.
    z = np.concatenate([mesh_z, relief.depth, hidden.depth])
    rim, raised = _rims(mesh_outside, mesh_xy, points, beside, width, neck=neck)
    for each in (rim, raised):
        each[vertex_of[np.unique(tongue)]] = 0.0
    rim_nodes, rim_weights = bilinear_cell(mesh_xy, len(used))
    return Surface(
        rest=unproject(where, z, distance),
        at_rest=where.astype(np.float32),
        source=np.concatenate([mesh_xy, nodes, hidden.source]).astype(np.float32),
        actions=np.ascontiguousarray(
            np.concatenate([actions[:, used], shifts, hidden.actions], 1), np.float32
        ),
        skinning=np.concatenate(
            [np.pad(rig.skinning[used], ((0, 0), (0, 1))), weights, hidden.skinning]
        ).astype(np.float32),
        joints=unproject(head.joints[:4, :2], head.joints[:4, 2], distance),
        rim=rim.astype(np.float32),
        rim_raised=raised.astype(np.float32),
        rim_nodes=rim_nodes,
        rim_weights=rim_weights,
        skin=np.ascontiguousarray(vertex_of[skin], np.int32),
        tongue=np.ascontiguousarray(vertex_of[tongue], np.int32),
        relief=(cells + len(used)).astype(np.int32),
        hidden=hidden.behind + np.int32(len(used) + len(nodes)),
        jaw=hidden.jaw + np.int32(len(used) + len(nodes)),
        hidden_start=len(used) + len(nodes),
        hidden_shade=hidden.shade.astype(np.float32),
        hidden_grows=hidden.grows.astype(np.float32),
        lit_as=_nearest_skin(hidden, mesh_xy, vertex_of[np.unique(skin)]),
        vertex_of=vertex_of,
        mesh_size=len(used),
        distance=distance,
        head_width=width,
        lid_slide=_lid_slide(rig, actions, used),
        lip_slide=_lip_slide(rig, used),
        edge_slide=_edge_slide(mesh_xy, matte, width)
        * np.float32(smoothstep_scalar(*TURNED_AWAY, abs(head.yaw)))
        + jaw.slide,
        edge_gain=jaw.brighter,
    )


def _rims(
    outside: NDArray[np.floating],
    xy: NDArray[np.floating],
    points: NDArray[np.floating],
    beside: NDArray[np.floating],
    width: float,
    *,
    neck: float,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """How far (N,), 0..1, the face's mesh at `xy` (N, 2) goes along with the relief around it, by how far
    `outside` (N,) of the face's outline it lies; also for a head that looks up. `beside` (36,) is of
    `hair_beside_face`, `neck` of `bare_neck`."""
    rim = smoothstep(-RIM * width, 0.0, outside)
    # The jaw, as long as no hair lies over it, moves over what is around it.
    bare, aside = bare_jaw(xy, points, beside, width), sideways(xy, points, width)
    # A shadow under one half of a chin is not hair: a chin glides as a whole.
    evenly = cv2.GaussianBlur(np.tile(beside, 3)[None], (0, 0), CHIN_EVEN)[0, len(beside) : -len(beside)]
    chin = bare_jaw(xy, points, np.zeros_like(beside) if neck > 0 else evenly, width)
    return rim * (1 - chin - (bare - chin) * aside), rim * (1 - bare * aside)


def _nearest_skin(
    hidden: HiddenSurface, mesh_xy: NDArray[np.floating], skin: NDArray[np.integer]
) -> Int32Array:
    """The vertex of the mesh (H,), one of `skin`, at which each hidden vertex reads its colour."""
    _, nearest = cKDTree(mesh_xy[skin]).query(hidden.source)
    return np.asarray(skin[nearest], np.int32)


def _lid_slide(rig: FaceRig, actions: Float32Array, used: NDArray[np.integer]) -> Float32Array:
    slide = np.zeros((2, len(rig.vertices), 2), np.float32)
    for i, (side, name) in enumerate((("R", "Right"), ("L", "Left"))):
        blink = actions[ACTION_INDEX[f"eyeBlink{name}"], :, :2]
        slide[i] = UNROLL * blink
        slide[i, rig.loops[f"lids.{side}.lower"]] = 0
    return np.asarray(slide[:, used])


def _lip_slide(rig: FaceRig, used: NDArray[np.integer]) -> Float32Array:
    slide = np.zeros((len(rig.vertices), 2), np.float32)
    for name, way in (("lips.upper", -LIP_LINE), ("lips.lower", LIP_LINE)):
        slide[rig.loops[name][1:-1], 1] = way
    return np.asarray(slide[used])


def _edge_slide(xy: NDArray[np.floating], matte: Float32Array, width: float) -> Float32Array:
    units = matte_units(matte.shape[0])
    outside = cv2.erode(matte, np.ones((3, 3)), iterations=max(round(EDGE * units), 1)) < SURELY_PERSON
    _, labels = cv2.distanceTransformWithLabels(
        outside.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.zeros((labels.max() + 1, 2), np.float32)
    y, x = np.nonzero(~outside)
    nearest[labels[y, x]] = np.stack([x, y], 1)
    at = np.clip(np.rint((xy + REACH + 0.5) * units - 0.5).astype(int), 0, matte.shape[0] - 1)
    shift = (nearest[labels[at[:, 1], at[:, 0]]] - at) / units
    length = np.linalg.norm(shift, axis=1)
    shift[(matte[at[:, 1], at[:, 0]] >= SURELY_PERSON) | (length > MAX_EDGE_SLIDE * width)] = 0
    return np.asarray(shift, np.float32)


def _outside(outline: Float32Array, points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Signed distance (N,) of points (N, 2+) from a closed outline, negative inside."""
    return np.array([-cv2.pointPolygonTest(outline, (float(p[0]), float(p[1])), True) for p in points])
