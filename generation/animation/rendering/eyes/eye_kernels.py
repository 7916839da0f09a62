"""Compiled loops of the eyes: where the lids are in a frame, and the eyeball between them."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.geometry.camera import fill_rotation
from generation.animation.geometry.curves import bilinear, interpolate, ramp, sort_by_first
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.pixel_fill import SUBPIXEL
from generation.animation.geometry.rasterize import uintp

# Closure of the eye over which lashes and lid skin become layers of their own.
LASHES_MOVE: Final = (0.02, 0.12)
UNFOLDS: Final = (0.28, 0.85)  # closure over which the skin between eye and brow is pulled smooth
OVERLAP: Final = 2.6  # frame units by which the eye's layer overlaps the edges of resting lids
PAD: Final = 2  # pixels of the box around the eye's layer
LID_SHADOW: Final = (0.30, 0.80)  # closure of the eye over which the lid's shadow sets in
# Strengths everywhere and at the edge; frame units.
DEEP_SHADE, EDGE_SHADE, SHADOW_REACH = 0.36, 0.38, 2.6
ON_IRIS: Final = 0.35  # by how much less an iris is shaded: it is dark already
# Share of its opening by which the eye opens further while that shadow sets in.
LID_RISES: Final = (0.0, 0.12)
RISEN_SHADE: Final = 0.45  # strength at the edge: what a lid uncovers it had not shaded yet
SHADE_TINT: Final = (0.85, 1.0, 1.05)  # per-channel exponents: the shadow is warm
LID_MOVED: Final = 1.2  # frame units that a lid moves before its own edge is in front of the eye's layer
ALL_LEFT: Final = 0.99  # of a margin that is as good as where it was
LID_MARGIN: Final = (-0.5, 0.3)  # radii of the iris below its centre over which the upper lid's margin ends
SHINE_TURNS: Final = 0.1  # sine of the gaze's angle over which the catch light leaves the white
BALL: Final = 2.05  # radius of the eyeball in radii of the iris
# Share of the iris's movement: the cornea that reflects it has its centre 5.5 mm in front of the point that
# the eye turns about, the iris lies 10.4 mm in front of it.
CATCH_LIGHT_FOLLOWS: Final = 0.53


@jit_kernel
def measure_lids(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array,
    upper: Int32Array,
    lower: Int32Array,
    rest_height: Float64Array,
    rest_mean: float,
    scale: float,
    frame_size: int,
    lid: Float64Array,
    corners: Int32Array,
) -> tuple[float, float, float, int, int, int, int]:
    """Measure an eye between the lids' edges, the vertices `upper` (N,) and `lower` (M,) of `pixels` (V, 3).

    Fills `lid` (5, N): x of the upper edge from left to right, y of the visible upper edge, of the lower lid
    there, how far the upper lid has risen above its rest, in LID_MOVED, and y of its edge. Fills `corners`
    (N + M - 2, 2) with the outline of the eye's layer, at twice the resolution of its box and with SUBPIXEL
    bits of fraction. Returns the widest opening in pixels, how far the eye is closed since its mean opening
    `rest_mean` at rest, 0..1, how strong lashes are then, and the box x0, y0, x1, y1 around the layer, in
    pixels."""
    n, m = len(upper), len(lower)
    lower_x, lower_y = np.empty(m), np.empty(m)
    for i in range(m):
        lower_x[i], lower_y[i] = pixels[lower[i], 0], pixels[lower[i], 1]
    sort_by_first(lower_x, lower_y)
    contour = np.empty((n + m - 2, 2), np.float32)
    widest, mean, moved = 0.0, 0.0, 0.0
    floors, risen = np.empty(n), np.empty(n)
    for i in range(n):
        x, y = pixels[upper[i], 0], pixels[upper[i], 1]
        floor = interpolate(x, lower_x, lower_y)
        opening = max(floor - y, 0.0)
        widest, mean = max(widest, opening), mean + opening / n
        # Where the upper lid has passed the lower one, the eye is closed.
        contour[i, 0], contour[i, 1] = x, min(y, floor)
        floors[i] = floor
        change = (floor - min(y, floor)) - rest_height[i]
        moved += abs(change) / n
        risen[i] = max(change, 0.0) / (LID_MOVED * scale)
    for i in range(m - 2):
        contour[n + i, 0], contour[n + i, 1] = pixels[lower[m - 2 - i], 0], pixels[lower[m - 2 - i], 1]
    order = np.argsort(contour[:n, 0])
    for i in range(n):
        k = order[i]
        lid[0, i], lid[1, i], lid[2, i], lid[3, i] = contour[k, 0], contour[k, 1], floors[k], risen[k]
        lid[4, i] = pixels[upper[k], 1]
    # At rest the eye's layer overlaps the lids' edges, where the texture has no skin pixels; as soon as the
    # lid moves, its lash line is drawn in front.
    _grow(contour, OVERLAP * scale * np.exp(-((moved / scale / LID_MOVED) ** 2)))
    x0, y0 = max(np.floor(contour[:, 0].min()) - PAD, 0.0), max(np.floor(contour[:, 1].min()) - PAD, 0.0)
    x1 = min(np.ceil(contour[:, 0].max()) + PAD + 1, frame_size)
    y1 = min(np.ceil(contour[:, 1].max()) + PAD + 1, frame_size)
    for i in range(n + m - 2):
        corners[i, 0] = np.rint(((contour[i, 0] - x0 + 0.5) * 2 - 0.5) * 2**SUBPIXEL)
        corners[i, 1] = np.rint(((contour[i, 1] - y0 + 0.5) * 2 - 0.5) * 2**SUBPIXEL)
    closed = 1 - mean / rest_mean
    strength = ramp(LASHES_MOVE[0], LASHES_MOVE[1], closed)
    return widest, closed, strength, int(x0), int(y0), int(x1), int(y1)


@jit_kernel
def _grow(contour: Float32Array, by: float) -> None:
    """`dilate_contour`, in place."""
    middle_x, middle_y = contour[:, 0].mean(), contour[:, 1].mean()
    wide = max(np.abs(contour[:, 0] - middle_x).max(), np.float32(1))
    high = max(np.abs(contour[:, 1] - middle_y).max(), np.float32(1))
    for i in range(contour.shape[0]):
        x, y = (contour[i, 0] - middle_x) / wide, (contour[i, 1] - middle_y) / high
        length = max(np.sqrt(x * x + y * y), 1e-6)
        contour[i, 0] += x / length * by
        contour[i, 1] += y / length * by


@jit_kernel
def draw_ball(  # noqa: PLR0917 - compiled kernels take their arguments by position
    frame: UInt8Array,
    mask: UInt8Array,
    x0: int,
    y0: int,
    lid: Float64Array,
    rest_mean: float,
    scale: float,
    front: Float64Array,
    ball_centre: Float64Array,
    turn: Float64Array,
    seen: float,
    centre: Float32Array,
    radius: float,
    still: Float32Array,
    iris: Float32Array,
    light: Float32Array,
    bare_sclera: Float32Array,
    bare_iris: Float32Array,
    bare_light: Float32Array,
) -> None:
    """Draw the eyeball into `frame` (S, S, 3) from its pixel x0, y0 on, where `mask` (2h, 2w) is set.

    `lid` (5, N) is as measured; `rest_mean` is the mean opening at rest. `front` (3, 2) are the pixels of the
    iris's centre and of the points one radius to its right and below it; `ball_centre` (2,) that of the
    eyeball; `turn` (3, 3) the rotation of the gaze; `seen` 0..1 how much of all shows. The rest is the
    eye's texture: `still` (h, w, 7) are sclera and margin, which move together."""
    height, width = mask.shape[0] // 2, mask.shape[1] // 2
    closed = 1 - (lid[2] - lid[1]).mean() / max(rest_mean, 1e-3)
    shadow = ramp(LID_SHADOW[0], LID_SHADOW[1], closed)
    risen_shade = ramp(LID_RISES[0], LID_RISES[1], -closed) * RISEN_SHADE
    # The sclera moves with the head, by the affine map of three points on its front.
    now_xx, now_yx = front[1, 0] - front[0, 0], front[1, 1] - front[0, 1]
    now_xy, now_yy = front[2, 0] - front[0, 0], front[2, 1] - front[0, 1]
    area = now_xx * now_yy - now_xy * now_yx
    back_xx, back_xy = now_yy / area * radius, -now_xy / area * radius
    back_yx, back_yy = -now_yx / area * radius, now_xx / area * radius
    # The iris is a disc on the eyeball, rotated from the camera's direction to the gaze.
    ball = radius * BALL
    size = np.sqrt(abs(area)) / radius * ball
    left, edges = np.empty(width), np.empty(width)
    least_left = 1.0
    for j in range(width):
        edges[j] = interpolate(float(x0 + j), lid[0], lid[1])
        left[j] = np.exp(-(interpolate(float(x0 + j), lid[0], lid[3]) ** 2))
        least_left = min(least_left, left[j])
    uncovers = least_left < ALL_LEFT
    # At rest all of it is where the portrait has it.
    least_shine = np.float32(1 - ramp(0.0, SHINE_TURNS, np.hypot(turn[0, 2], turn[1, 2])))
    fixed, moving, shine = np.empty(7, np.float32), np.empty(4, np.float32), np.empty(3, np.float32)
    bare = np.empty(4, np.float32)
    for i in range(height):
        for j in range(width):
            alpha = np.int32(2)
            for k in range(4):
                alpha += mask[2 * i + (k >> 1), 2 * j + (k & 1)]
            alpha >>= 2
            if alpha == 0:
                continue
            x, y = float(x0 + j), float(y0 + i)
            dx, dy = x - front[0, 0], y - front[0, 1]
            sx = centre[0] + back_xx * dx + back_xy * dy
            sy = centre[1] + back_yx * dx + back_yy * dy
            bilinear(still, sx, sy, 0.0, fixed)
            nx, ny = (x - ball_centre[0]) / size, (y - ball_centre[1]) / size
            nz = -np.sqrt(1 - min(nx * nx + ny * ny, 0.998))
            ix = centre[0] + (turn[0, 0] * nx + turn[1, 0] * ny + turn[2, 0] * nz) * ball
            iy = centre[1] + (turn[0, 1] * nx + turn[1, 1] * ny + turn[2, 1] * nz) * ball
            bilinear(iris, ix, iy, 0.0, moving)
            # The catch light is the reflection of a light source that stays where it is.
            lx, ly = sx + CATCH_LIGHT_FOLLOWS * (ix - sx), sy + CATCH_LIGHT_FOLLOWS * (iy - sy)
            bilinear(light, lx, ly, 0.0, shine)
            if uncovers:
                uncovered = np.float32(1 - left[j])
                bilinear(bare_sclera, sx, sy, 0.0, bare)
                for k in range(3):
                    fixed[k] += (bare[k] - fixed[k]) * uncovered
                bilinear(bare_iris, ix, iy, 0.0, bare)
                for k in range(4):
                    moving[k] += (bare[k] - moving[k]) * uncovered
                bilinear(bare_light, lx, ly, 0.0, bare)
                for k in range(3):
                    shine[k] += (bare[k] - shine[k]) * uncovered
            if turn[0, 2] * nx + turn[1, 2] * ny + turn[2, 2] * nz >= 0:
                moving[:] = 0
            # The white has no such mirror on it as the cornea.
            shine *= min(moving[3] + least_shine, np.float32(1))
            upper = 1 - ramp(LID_MARGIN[0], LID_MARGIN[1], (sy - centre[1]) / radius)
            margin = 1 - upper * (1 - left[j])
            shade = 1.0
            if shadow > 0 or risen_shade > 0:
                near = np.exp(-max(y - edges[j], 0.0) / (SHADOW_REACH * scale))
                shaded = (DEEP_SHADE + EDGE_SHADE * near) * (1 - ON_IRIS * moving[3])
                shade = 1 - shadow * shaded - risen_shade * near
            share = seen * alpha / 255
            for k in range(3):
                colour = fixed[k] * (1 - moving[3]) + moving[k] + shine[k]
                colour = colour * (1 - fixed[6] * margin) + fixed[3 + k] * margin
                if shade != 1:
                    colour *= shade ** SHADE_TINT[k]
                value = frame[y0 + i, x0 + j, k] * (1 - share) + colour * share + 0.5
                frame[y0 + i, x0 + j, k] = np.uint8(min(max(value, 0.0), 255.0))


@jit_kernel
def mix_lids(  # noqa: PLR0917 - compiled kernels take their arguments by position
    opened: Float32Array,
    closed: Float32Array,
    shut: Float32Array,
    share: float,
    unfolded: float,
    out: UInt8Array,
) -> None:
    """Fill `out` (h, w, 4) with the colours of a lid between open (`share` 0) and moving (1), and that
    between folded (`unfolded` 0) and shut (1), each (h, w, 3)."""
    left = np.float32(1 - share)
    folded = np.float32(share * (1 - unfolded))
    pulled = np.float32(share * unfolded)
    for i in range(opened.shape[0]):
        for j in range(opened.shape[1]):
            for k in range(3):
                level = opened[uintp(i), uintp(j), k] * left + closed[uintp(i), uintp(j), k] * folded
                level += shut[uintp(i), uintp(j), k] * pulled
                out[uintp(i), uintp(j), k] = np.uint8(np.rint(level))


@jit_kernel
def project_eye(
    at: Float64Array, depth: float, offsets: Float64Array, head: Float32Array, camera: Float64Array
) -> Float64Array:
    """Pixels (N, 2) of points at `offsets` (N, 3), in frame units, from the iris's centre `at` (2,) at
    `depth`, carried by the head's transform (3, 4). `camera` (3,) is its distance, the frame's centre and
    pixels a frame unit."""
    distance, middle, scale = camera[0], camera[1], camera[2]
    spread = 1 + depth / distance
    out = np.empty((offsets.shape[0], 2))
    for i in range(offsets.shape[0]):
        x = (at[0] - middle) * spread + offsets[i, 0] * spread
        y = (at[1] - middle) * spread + offsets[i, 1] * spread
        z = depth + offsets[i, 2] * spread
        away = distance + head[2, 0] * x + head[2, 1] * y + head[2, 2] * z + head[2, 3]
        for k in range(2):
            moved = head[k, 0] * x + head[k, 1] * y + head[k, 2] * z + head[k, 3]
            out[i, k] = (moved * (distance / away) + middle + 0.5) * scale - 0.5
    return out


@jit_kernel
def draw_eye(  # noqa: PLR0917 - compiled kernels take their arguments by position
    frame: UInt8Array,
    mask: UInt8Array,
    x0: int,
    y0: int,
    lid: Float64Array,
    rest_mean: float,
    scale: float,
    at: Float64Array,
    depth: float,
    front: Float64Array,
    head: Float32Array,
    camera: Float64Array,
    gaze_angle: Float32Array,
    roll: float,
    seen: float,
    centre: Float32Array,
    radius: float,
    still: Float32Array,
    iris: Float32Array,
    light: Float32Array,
    bare_sclera: Float32Array,
    bare_iris: Float32Array,
    bare_light: Float32Array,
) -> None:
    """`draw_ball` for a head's transform (3, 4) and roll, and the `gaze_angle` (2,) of an eye whose iris is
    `at` (2,) and `depth`; `front` (4, 3) are points on its front and its centre, as `project_eye` takes
    them."""
    places = project_eye(at, depth, front, head, camera)
    turn = np.empty((3, 3))
    fill_rotation(float(gaze_angle[0]), float(gaze_angle[1]), roll, turn)
    draw_ball(
        frame, mask, x0, y0, lid, rest_mean, scale, places[:3], places[3], turn.astype(np.float32), seen,
        centre, radius, still, iris, light, bare_sclera, bare_iris, bare_light,
    )  # fmt: skip
