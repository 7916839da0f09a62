"""Compiled loops of the eyes: the eyeball between the lids, and where a head has it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.geometry.camera import fill_rotation
from generation.animation.geometry.curves import bilinear, interpolate, ramp
from generation.animation.geometry.jit import jit_kernel

LID_SHADOW: Final = (0.30, 0.80)  # closure of the eye over which the lid's shadow sets in
# Strengths everywhere and at the edge; frame units.
DEEP_SHADE, EDGE_SHADE, SHADOW_REACH = 0.36, 0.38, 2.6
ON_IRIS: Final = 0.35  # by how much less an iris is shaded: it is dark already
# Share of its opening by which the eye opens further while that shadow sets in.
LID_RISES: Final = (0.0, 0.12)
RISEN_SHADE: Final = 0.30  # strength at the edge: what a lid uncovers it had not shaded yet
SHADE_TINT: Final = (0.85, 1.0, 1.05)  # per-channel exponents: the shadow is warm
ALL_LEFT: Final = 0.99  # of a margin that is as good as where it was
LID_MARGIN: Final = (-0.5, 0.3)  # radii of the iris below its centre over which the upper lid's margin ends
WHITE_TURNS: Final = (0.1, 0.45)  # sine of the gaze's angle over which the white comes to face the light
SHINE_TURNS: Final = 0.1  # sine of the gaze's angle over which the catch light leaves the white
BALL: Final = 2.05  # radius of the eyeball in radii of the iris
# Share of the iris's movement: the cornea that reflects it has its centre 5.5 mm in front of the point that
# the eye turns about, the iris lies 10.4 mm in front of it.
CATCH_LIGHT_FOLLOWS: Final = 0.53


@jit_kernel
def draw_ball(  # noqa: PLR0917 - compiled kernels take their arguments by position
    frame: UInt8Array,
    mask: UInt8Array,
    x0: int,
    y0: int,
    lid: Float64Array,
    closed: float,
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

    `lid` (5, N) and how far the eye is `closed` are as measured. `front` (3, 2) are the pixels of the iris's
    centre and of the points one radius to its right and below it; `ball_centre` (2,) that of the
    eyeball; `turn` (3, 3) the rotation of the gaze; `seen` 0..1 how much of all shows. The rest is the
    eye's texture, in its own pixels: `still` (h, w, 7) are sclera and margin, which move together."""
    height, width = mask.shape[0] // 2, mask.shape[1] // 2
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
    aside = np.hypot(turn[0, 2], turn[1, 2])
    faces = ramp(WHITE_TURNS[0], WHITE_TURNS[1], aside)
    uncovers = least_left < ALL_LEFT or faces > 0
    # At rest all of it is where the portrait has it.
    least_shine = np.float32(1 - ramp(0.0, SHINE_TURNS, aside))
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
            uncovered = np.float32(1 - left[j])
            if uncovers and moving[3] < 1:
                bilinear(bare_sclera, sx, sy, 0.0, bare)
                for k in range(3):
                    fixed[k] += (bare[k] - fixed[k]) * max(uncovered, np.float32(faces))
            if uncovers and uncovered > 1 - ALL_LEFT:
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
                # A lid's ends do not rise, and shade what they did.
                shade = 1 - shadow * shaded - risen_shade * near * (1 - left[j])
            share = seen * alpha / 255
            for k in range(3):
                colour = fixed[k] * (1 - moving[3]) + moving[k] + shine[k]
                colour = colour * (1 - fixed[6] * margin) + fixed[3 + k] * margin
                if shade != 1:
                    colour *= shade ** SHADE_TINT[k]
                value = frame[y0 + i, x0 + j, k] * (1 - share) + colour * share + 0.5
                frame[y0 + i, x0 + j, k] = np.uint8(min(max(value, 0.0), 255.0))


@jit_kernel
def carry(points: NDArray[np.floating], head: Float32Array, camera: Float64Array) -> Float64Array:
    """Pixels (N, 2) of `points` (N, 3) in camera space that the head's transform (3, 4) carries.
    `camera` (3,) is its distance, the frame's centre and pixels a frame unit."""
    distance, middle, scale = camera[0], camera[1], camera[2]
    out = np.empty((points.shape[0], 2))
    for i in range(points.shape[0]):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        away = distance + head[2, 0] * x + head[2, 1] * y + head[2, 2] * z + head[2, 3]
        for k in range(2):
            moved = head[k, 0] * x + head[k, 1] * y + head[k, 2] * z + head[k, 3]
            out[i, k] = (moved * (distance / away) + middle + 0.5) * scale - 0.5
    return out


@jit_kernel
def project_eye(
    at: Float64Array, depth: float, offsets: Float64Array, head: Float32Array, camera: Float64Array
) -> Float64Array:
    """Pixels (N, 2) of points at `offsets` (N, 3), in frame units, from the iris's centre `at` (2,) at
    `depth`, carried by the head's transform (3, 4); `camera` is as in `carry`."""
    distance, middle = camera[0], camera[1]
    spread = 1 + depth / distance
    points = np.empty((offsets.shape[0], 3))
    for i in range(offsets.shape[0]):
        # What lies behind the iris lies on the camera's ray through it: an eye that looks at the camera shows
        # its iris in the middle of its ball.
        z = depth + offsets[i, 2] * spread
        points[i, 0] = (at[0] - middle) * (1 + z / distance) + offsets[i, 0] * spread
        points[i, 1] = (at[1] - middle) * (1 + z / distance) + offsets[i, 1] * spread
        points[i, 2] = z
    pixels: Float64Array = carry(points, head, camera)
    return pixels


@jit_kernel
def draw_eye(  # noqa: PLR0917 - compiled kernels take their arguments by position
    frame: UInt8Array,
    mask: UInt8Array,
    x0: int,
    y0: int,
    lid: Float64Array,
    closed: float,
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
        frame, mask, x0, y0, lid, closed, scale, places[:3], places[3], turn.astype(np.float32), seen,
        centre, radius, still, iris, light, bare_sclera, bare_iris, bare_light,
    )  # fmt: skip
