"""Compiled loops between the deformed surface and the back end: pixels, light, texture coordinates."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, Int64Array
from generation.animation.geometry.curves import interpolate, ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import vertex_normals
from generation.animation.geometry.smoothstep import smoothstep

SHADE_LIMITS = (0.72, 1.32)  # of the change of brightness by a head rotation
LIPS_PART = (0.4, 3.0)  # frame units of lip gap over which the lips' texture leaves the dark seam
LID_SLIDES, LID_KEEPS = (0.2, 2.5), 0.8  # frame units of a lid's slide over which its light is held, how far
TURNED = (1.0, 7.0)  # degrees of head rotation over which the edge slide sets in
DARKEST = 0.25  # brightness, as in `Light.brightness`


def lids_lit(lid_slide: Float32Array) -> Float32Array:
    """How much the light on each vertex (M,) of the mesh may change, 0..1, by `lid_slide` (2, M, 2) in frame
    units: a closing lid unrolls skin that has been painted for it, light and all."""
    slides = np.linalg.norm(lid_slide, axis=2).max(0)
    return np.asarray(1 - LID_KEEPS * smoothstep(*LID_SLIDES, slides), np.float32)


@jit_kernel
def fill_pixels(projected: Float32Array, scale: float, pixels: Float32Array) -> None:
    """Fill `pixels` (N, 3) with `projected` (N, 3) in pixels, `scale` a frame unit; depth stays as it is."""
    factor, half = np.float32(scale), np.float32(0.5)
    for i in range(projected.shape[0]):
        pixels[i, 0] = (projected[i, 0] + half) * factor - half
        pixels[i, 1] = (projected[i, 1] + half) * factor - half
        pixels[i, 2] = projected[i, 2]


@jit_kernel
def shade_mesh(  # noqa: PLR0917 - compiled kernels take their arguments by position
    points: Float32Array,
    skin: Int32Array,
    direction: Float32Array,
    rest_light: Float32Array,
    shaded: Float32Array,
    normals: Float32Array,
    shade: Float32Array,
) -> None:
    """Fill the first M of `shade` (N,) with the change of brightness of the mesh `points` (M, 3) since rest,
    under light from `direction` (3,), as much as each vertex is `shaded` (M,); and `normals` (M, 3)."""
    vertex_normals(points, skin, normals)
    for i in range(points.shape[0]):
        facing = normals[i, 0] * direction[0] + normals[i, 1] * direction[1] + normals[i, 2] * direction[2]
        ratio = max(np.float32(1) + facing, np.float32(DARKEST)) / rest_light[i]
        ratio = min(max(ratio, np.float32(SHADE_LIMITS[0])), np.float32(SHADE_LIMITS[1]))
        shade[i] = np.float32(1) + (ratio - np.float32(1)) * shaded[i]


@jit_kernel
def _turned(head_pose: Float32Array) -> float:
    """How far, 0..1, a head at `head_pose` (6,) is turned enough for the edge slide."""
    return float(ramp(TURNED[0], TURNED[1], max(abs(float(head_pose[0])), abs(float(head_pose[1])))))


@jit_kernel
def shade_jaw(jaw: Int64Array, own: Float32Array, lit_as: Int32Array, shade: Float32Array) -> None:
    """Give the vertices `jaw` (J,) their `own` brightness (J,) times that of the mesh's vertices `lit_as`."""
    for i in range(len(jaw)):
        shade[jaw[i]] = own[i] * shade[lit_as[i]]


@jit_kernel
def brighten_edge(gain: Float32Array, head_pose: Float32Array, shade: Float32Array) -> None:
    """Make the first M of `shade` (N,) brighter by `gain` (M,), as far as a head at `head_pose` (6,) is
    turned enough for the edge slide: so much brighter has to be what is read there, and nothing that is only
    lit as it is."""
    turned = np.float32(_turned(head_pose))
    for i in range(len(gain)):
        shade[i] *= np.float32(1) + (gain[i] - np.float32(1)) * turned


@jit_kernel
def slide_sources(  # noqa: PLR0917 - compiled kernels take their arguments by position
    source: Float32Array,
    lid_slide: Float32Array,
    edge_slide: Float32Array,
    lip_slide: Float32Array,
    lip_edges: Int64Array,
    closing_left: float,
    closing_right: float,
    head_pose: Float32Array,
    pixels: Float32Array,
    gap: Float64Array,
    scale: float,
    slid: Float32Array,
) -> None:
    """Fill the first M of `slid` (N, 2) with `source` (N, 2), offset for lids that close, 0..1 in the
    picture's left and right eye, for a head turned to `head_pose` (6,), and for lips parted by `gap`.

    Slides (M, 2) are in frame units, that of the lids (2, M, 2)."""
    turned = _turned(head_pose)
    for i in range(edge_slide.shape[0]):
        for k in range(2):
            slide = closing_left * lid_slide[0, i, k] + closing_right * lid_slide[1, i, k]
            slid[i, k] = source[i, k] + (slide + edge_slide[i, k] * turned) * scale
    for i in lip_edges:
        x = float(pixels[i, 0])
        height = interpolate(x, gap[0], gap[2]) - interpolate(x, gap[0], gap[1])
        parted = ramp(LIPS_PART[0], LIPS_PART[1], height / scale)
        for k in range(2):
            slid[i, k] += lip_slide[i, k] * parted * scale
