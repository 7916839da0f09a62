"""Compiled loops of the teeth: where both arches are in a frame, and their pixels."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array
from generation.animation.geometry.camera import CENTRE
from generation.animation.geometry.curves import bilinear, ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import FAR, draw_map
from generation.animation.rendering.mouth.dental_texture import HALF_ARC, ROOM
from generation.animation.rendering.mouth.opening_kernels import lips_over_teeth

COLUMNS = 33  # of a strip
LOWER_SHOW, GRIN_SHOW = 0.26, 0.55  # of the aperture's height that lower teeth fill at most
PEEP = (1.8, 4.5)  # mm of lower teeth above the lip over which they come into view
OVERBITE = 2.0  # mm by which the upper incisors cover the lower ones where the rows meet
ROUNDED_LIFT = 5.0  # mm by which rounded lips cover more of the upper teeth
LIGHT_LIMITS = (0.80, 1.10)
# In a grin, which draws the cheeks off them, teeth at the sides are lit: mm of arc over which that sets in,
# and how much brighter the last are.
GRIN_LIT, GRIN_LIGHT = (10.0, 27.0), 0.5


@jit_kernel
def move_arches(  # noqa: PLR0917 - compiled kernels take their arguments by position
    rest: Float64Array,
    lower_metres: Float32Array,
    jaw_motion: Float32Array,
    to_frame: Float32Array,
    actions: Float32Array,
    head: Float32Array,
    distance: float,
    scale: float,
    push: float,
    points: Float32Array,
) -> None:
    """Fill `points` (N, 3) with the pixels and depths of both arches, at `rest` (N, 3) in frame units.

    The second half of them moves with the jaw: `lower_metres` (N / 2, 4) through the sum of `jaw_motion` (52,
    3, 4), each times its action (52,), and `to_frame` (3, 3). Then all move with the head's transform (3, 4),
    are projected from `distance`, and pushed away by `push`."""
    jaw = np.zeros((3, 4))
    for a in range(len(actions)):
        if actions[a] != 0:
            jaw += actions[a] * jaw_motion[a]
    upper = rest.shape[0] - lower_metres.shape[0]
    moved, world, position = np.zeros(3), np.zeros(3), np.zeros(3)
    for i in range(rest.shape[0]):
        position[:] = rest[i]
        if i >= upper:
            for k in range(3):
                moved[k] = 0
                for m in range(4):
                    moved[k] += jaw[k, m] * lower_metres[i - upper, m]
            for k in range(3):
                position[k] += (
                    moved[0] * to_frame[0, k] + moved[1] * to_frame[1, k] + moved[2] * to_frame[2, k]
                )
        spread = 1 + position[2] / distance
        x, y, z = (position[0] - CENTRE) * spread, (position[1] - CENTRE) * spread, position[2]
        for k in range(3):
            world[k] = head[k, 0] * x + head[k, 1] * y + head[k, 2] * z + head[k, 3]
        nearer = distance / (distance + world[2])
        points[i, 0] = (world[0] * nearer + CENTRE + 0.5) * scale - 0.5
        points[i, 1] = (world[1] * nearer + CENTRE + 0.5) * scale - 0.5
        points[i, 2] = world[2] + push


@jit_kernel
def settle_arches(  # noqa: PLR0917 - compiled kernels take their arguments by position
    points: Float32Array,
    mm: float,
    lip: float,
    opening: float,
    rounded: float,
    covering: float,
    grinning: float,
) -> None:
    """Shift the moved arches, `points` (4 * COLUMNS, 3), up and down behind the lips; `mm` is pixels, the
    rest is as `lips_over_teeth` gives it."""
    half, middle = 2 * COLUMNS, COLUMNS // 2
    # In a grin the rows meet; otherwise the lower one is lowered where the lip is drawn down or out further
    # than the rig's teeth allow for.
    apart = points[half + middle, 1] - points[middle, 1] - 2 * ROOM * mm + OVERBITE * mm
    lowered = -grinning * max(apart, 0.0)
    bare = lip - (points[half + middle, 1] + lowered) - ROOM * mm
    shown = (LOWER_SHOW + (GRIN_SHOW - LOWER_SHOW) * grinning) * (1 - rounded) * opening
    # A row of which only the tips would peep out stays behind the lip.
    peeping = min(bare, shown)
    peeping *= ramp(PEEP[0] * mm, PEEP[1] * mm, peeping)
    lowered += max(bare - peeping, 0.0)
    for i in range(half):
        points[i, 1] -= ROUNDED_LIFT * covering * mm
        points[half + i, 1] += lowered


@jit_kernel
def light_arches(
    normals: Float32Array, head: Float32Array, direction: Float32Array, shade: Float32Array
) -> None:
    """Fill `shade` (N,) with the brightness of surfaces with `normals` (N, 3), turned by `head` (3, 4)."""
    for i in range(normals.shape[0]):
        brightness = 1.0
        for k in range(3):
            turned = head[k, 0] * normals[i, 0] + head[k, 1] * normals[i, 1] + head[k, 2] * normals[i, 2]
            brightness += turned * direction[k]
        shade[i] = min(max(brightness, LIGHT_LIMITS[0]), LIGHT_LIMITS[1])


@jit_kernel
def place_arches(  # noqa: PLR0917 - compiled kernels take their arguments by position
    gap: Float64Array,
    actions: Float32Array,
    rest: Float64Array,
    lower_metres: Float32Array,
    jaw_motion: Float32Array,
    to_frame: Float32Array,
    head: Float32Array,
    distance: float,
    scale: float,
    push: float,
    mm: float,
    normals: Float32Array,
    direction: Float32Array,
    points: Float32Array,
    shade: Float32Array,
) -> float:
    """Place and light both arches behind the lips' `gap` (3, COLUMNS): fills `points` and `shade`, see
    `move_arches`, `settle_arches` and `light_arches`. Returns how far the lips are rounded, 0..1."""
    lip, opening, rounded, covering, grinning = lips_over_teeth(gap, actions)
    move_arches(
        rest, lower_metres, jaw_motion, to_frame, actions, head, distance, scale, push, points,
    )  # fmt: skip
    settle_arches(points, mm, lip, opening, rounded, covering, grinning)
    light_arches(normals, head, direction, shade)
    if grinning > 0:
        for i in range(shade.shape[0]):
            arc = HALF_ARC * abs(2 * (i % COLUMNS) / (COLUMNS - 1) - 1)
            shade[i] *= np.float32(1 + GRIN_LIGHT * grinning * ramp(GRIN_LIT[0], GRIN_LIT[1], arc))
    return float(rounded)


@jit_kernel
def draw_arch(  # noqa: PLR0917 - compiled kernels take their arguments by position
    points: Float32Array,
    source: Float32Array,
    vertex_shade: Float32Array,
    faces: Int32Array,
    texture: Float32Array,
    x0: int,
    y0: int,
    out: Float32Array,
) -> None:
    """Fill `out` (h, w, 4) with one arch, premultiplied, from the frame's pixel x0, y0 on."""
    height, width = out.shape[:2]
    local = points.copy()
    for i in range(local.shape[0]):
        local[i, 0] -= np.float32(x0)
        local[i, 1] -= np.float32(y0)
    depth, shade = np.full((height, width), FAR), np.empty((height, width), np.float32)
    sources = np.empty((2, height, width), np.float32)
    draw_map(local, source, vertex_shade, faces, depth, sources, shade)
    for y in range(height):
        for x in range(width):
            if depth[y, x] >= FAR:
                out[y, x] = 0
            else:
                bilinear(texture, float(sources[0, y, x]), float(sources[1, y, x]), 0.0, out[y, x])
                for k in range(3):
                    out[y, x, k] *= shade[y, x]
