"""Compiled loops of the hidden layer: drawn only where the person does not cover it."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.curves import ramp
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import FAR, FOLD, LEAST_ALPHA, NOWHERE, OPAQUE, draw_map, uintp
from generation.animation.portrait.hidden.back_of_head import COLUMNS, FRINGE, ROWS
from generation.animation.rendering.backends.surface_kernels import soften

# Share of a turn that has to lead away from a triangle: what lies across it would stand out beside the hair.
SIDEWAYS = 0.3
ROLLED = 1.0  # of the side away from which a rolled head uncovers the neck too
GROWN = (2.0, 8.0)  # degrees of yaw or pitch over which the back of the head grows to its outline
IN_FRONT = 1e4  # by how much the fringe lies in front of what it ends: where it is thin, nothing is behind it
BESIDE, AT_END = np.uint8(1), np.uint8(2)  # bits of what has been noted as beside a fold, and at an end
STILL = 0.25  # degrees: a head that turns by less uncovers nothing


@jit_kernel
def choose_faces(  # noqa: PLR0917 - compiled kernels take their arguments by position
    faces: Int32Array, sides: Float32Array, yaw: float, pitch: float, roll: float, chosen: Int32Array
) -> int:
    """Copy the triangles (F, 3) that a head turned by `yaw`, `pitch` and `roll` uncovers to `chosen` (F, 3):
    those whose `sides` (F, 2) lie away from the turn. Below the face, where the jaw uncovers the neck, it is
    all of that half, and more of it when the head rolls. Returns how many there are."""
    above, below = SIDEWAYS * np.sqrt(yaw * yaw + pitch * pitch), -ROLLED * abs(roll)
    count = 0
    for f in range(faces.shape[0]):
        least = below if sides[f, 1] > 0 else above
        if sides[f, 0] * np.float32(-yaw) + sides[f, 1] * np.float32(-pitch) > least:
            chosen[count] = faces[f]
            count += 1
    return count


@jit_kernel
def place_hidden(  # noqa: PLR0917 - compiled kernels take their arguments by position
    pixels: Float32Array,
    head_pose: Float32Array,
    faces: Int32Array,
    sides: Float32Array,
    grows: Float32Array,
    chosen: Int32Array,
    points: Float32Array,
) -> int:
    """Fill `points` (H, 3) with the hidden surface's `pixels` (H, 3), the back of the head first and grown by
    `grows` (H, 2) with the turn of a head at `head_pose` (6,), and `chosen` (F, 3) with the triangles that it
    uncovers; returns how many."""
    yaw, pitch, roll = float(head_pose[0]), float(head_pose[1]), float(head_pose[2])
    if max(abs(yaw), abs(pitch), abs(roll)) < STILL:
        return 0
    # A head that turns to one side uncovers what lies at the other.
    placed = choose_faces(faces, sides, yaw, pitch, roll, chosen)
    for i in range(points.shape[0]):
        for k in range(3):
            points[i, k] = pixels[i, k]
    for side in range(2):
        # What is seen of it lies inside of the person's soft edge as long as the head hardly turns that way.
        grown = np.float32(ramp(GROWN[0], GROWN[1], (yaw if side == 0 else -yaw) + abs(pitch)))
        grow_side(points, grows, side, grown, np.radians(roll))
    return int(placed)


@jit_kernel
def grow_side(points: Float32Array, grows: Float32Array, side: int, grown: float, roll: float) -> None:
    """Let one side of the back of the head, 0 for the left one, of `points` (H, 3) grow by the share `grown`
    of `grows` (H, 2), in a head that is rolled by `roll` radians, and lay the fringe along its outline."""
    columns = COLUMNS + FRINGE
    first = side * ROWS * columns
    way = np.float32(-1.0 if side == 0 else 1.0)
    right, down = np.float32(np.cos(roll)), np.float32(np.sin(roll))
    outline = np.empty((ROWS, 3), np.float32)
    for row in range(ROWS):
        most = np.float32(-FAR)
        for column in range(COLUMNS):
            i = first + row * columns + column
            points[i, 0] += grows[i, 0] * np.float32(grown)
            points[i, 1] += grows[i, 1] * np.float32(grown)
            across = way * (points[i, 0] * right + points[i, 1] * down)
            if across > most:
                most = across
                for k in range(3):
                    outline[row, k] = points[i, k]
    for row in range(ROWS):
        above, below = max(row - 1, 0), min(row + 1, ROWS - 1)
        # Outwards from the outline, which runs from the crown down.
        x, y = outline[below, 1] - outline[above, 1], outline[above, 0] - outline[below, 0]
        length = way * max(np.sqrt(x * x + y * y), np.float32(1e-3))
        for column in range(COLUMNS, columns):
            i = first + row * columns + column
            out = grows[i, 0] * np.float32(grown)
            points[i, 0] = outline[row, 0] + x / length * out
            points[i, 1] = outline[row, 1] + y / length * out
            points[i, 2] = outline[row, 2] - np.float32(IN_FRONT)


@jit_kernel
def bounds(points: Float32Array, faces: Int32Array, size: int) -> tuple[int, int, int, int]:
    """Pixels x0, y0, x1, y1 of a frame around the triangles `faces` (F, 3) of `points` (N, 3)."""
    left, top, right, bottom = np.float32(size), np.float32(size), np.float32(-1), np.float32(-1)
    for f in range(faces.shape[0]):
        for k in range(3):
            x, y = points[faces[f, k], 0], points[faces[f, k], 1]
            left, right = min(left, x), max(right, x)
            top, bottom = min(top, y), max(bottom, y)
    last = size - 1
    x0, y0 = int(min(max(np.floor(left), 0), last)), int(min(max(np.floor(top), 0), last))
    x1, y1 = int(min(max(np.ceil(right) + 1, 1), size)), int(min(max(np.ceil(bottom) + 1, 1), size))
    return x0, y0, x1, y1


@jit_kernel
def around_uncovered(alpha: UInt8Array, x0: int, y0: int, depth: Float32Array) -> None:
    """Set `depth` (h, w), a part of the frame from x0, y0 on, to FAR where a pixel among 5 x 5 of the frame
    has an `alpha` (S, S) less than 255, and else to less than any depth, so that nothing is drawn there.
    Softening looks as far."""
    size = alpha.shape[0]
    height, width = depth.shape
    left, right = max(x0 - 2, 0), min(x0 + width + 2, size)
    least = np.full(width + 4, 255, np.uint8)  # beyond the frame there is nothing to draw beside
    inside = least[left - x0 + 2 : right - x0 + 2]
    for y in range(height):
        inside[:] = 255
        for row in range(max(y0 + y - 2, 0), min(y0 + y + 3, size)):
            line = alpha[row, left:right]
            for x in range(len(inside)):
                inside[x] = line[x] if line[x] < inside[x] else inside[x]
        for x in range(width):
            covered = least[x] & least[x + 1] & least[x + 2] & least[x + 3] & least[x + 4]
            depth[y, x] = -FAR if covered == 255 else FAR


@jit_kernel
def blend_hidden(  # noqa: PLR0917 - compiled kernels take their arguments by position
    depth: Float32Array,
    sources: Float32Array,
    shade: Float32Array,
    texture: UInt8Array,
    x0: int,
    y0: int,
    out: UInt8Array,
) -> None:
    """Sample `texture` (M, M, 4; premultiplied alpha) bilinearly where a triangle was drawn to `depth` (h,
    w), at `sources` (2, h, w), multiply by `shade` (h, w), and composite over `out` (S, S, 3) from its pixel
    x0, y0 on."""
    last = texture.shape[0] - 2
    for y in range(depth.shape[0]):
        for x in range(depth.shape[1]):
            if abs(depth[y, x]) >= FAR:
                continue
            u, v = sources[0, y, x], sources[1, y, x]
            if u < 0 or v < 0 or u >= last or v >= last:
                continue
            i, j = int(u), int(v)
            a, b = u - i, v - j
            w00, w10, w01, w11 = (1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b
            left, top, row, at = uintp(i), uintp(j), uintp(y0 + y), uintp(x0 + x)
            right, bottom = left + uintp(1), top + uintp(1)
            alpha = (
                w00 * texture[top, left, 3]
                + w10 * texture[top, right, 3]
                + w01 * texture[bottom, left, 3]
                + w11 * texture[bottom, right, 3]
            )
            if alpha < LEAST_ALPHA:
                continue
            for k in range(3):
                colour = (
                    w00 * texture[top, left, k]
                    + w10 * texture[top, right, k]
                    + w01 * texture[bottom, left, k]
                    + w11 * texture[bottom, right, k]
                )
                value = out[row, at, k] * (1 - alpha / 255) + colour * shade[y, x] + 0.5
                out[row, at, k] = np.uint8(min(max(value, 0.0), 255.0))


@jit_kernel
def soften_uncovered(  # noqa: PLR0917 - compiled kernels take their arguments by position
    alpha: UInt8Array,
    depth: Float32Array,
    sources: Float32Array,
    texture: UInt8Array,
    x0: int,
    y0: int,
    beside: UInt8Array,
    out: UInt8Array,
) -> None:
    """Anti-alias `out` (S, S, 3) along the edges of what was drawn to `depth` (h, w) and `sources` (2, h, w),
    from the frame's pixel x0, y0 on; and twice as wide where what is drawn ends before nothing but the plate,
    opaque in its `texture` (M, M, 4), and the person's `alpha` (S, S) is less than 255. What ends wholly
    transparent has no edge there. `beside` (h, w) is left 0."""
    height, width = depth.shape
    places, count = np.empty((height * width, 2), np.int32), 0
    ends, ended = np.empty((height * width, 2), np.int32), 0
    for y in range(height - 1):
        for x in range(width - 1):
            u, v = _source(depth, sources, y, x)
            for dy, dx in ((0, 1), (1, 0)):
                other_u, other_v = _source(depth, sources, y + dy, x + dx)
                if abs(u - other_u) + abs(v - other_v) <= FOLD:
                    continue
                at_end = False
                if u == NOWHERE or other_u == NOWHERE:  # noqa: PLR1714 - compiled
                    opacity = _opacity(texture, max(u, other_u), max(v, other_v))
                    if opacity < LEAST_ALPHA:
                        continue
                    at_end = opacity >= OPAQUE
                for i, j, way in ((y, x, -1), (y + dy, x + dx, 1)):
                    if not (0 < i < height - 1 and 0 < j < width - 1):
                        continue
                    count = _note(beside, BESIDE, places, count, i, j)
                    for k in range(2 * at_end):
                        further, aside = i + k * way * dy, j + k * way * dx
                        if alpha[uintp(y0 + further), uintp(x0 + aside)] < 255:
                            ended = _note(beside, AT_END, ends, ended, further, aside)
    window = out[y0 : y0 + height, x0 : x0 + width]
    soften(beside, places[:count], window)
    soften(beside, ends[:ended], window)


@jit_kernel
def _note(  # noqa: PLR0917 - compiled kernels take their arguments by position
    beside: UInt8Array, bit: np.uint8, places: Int32Array, count: int, y: int, x: int
) -> int:
    """Append row and column to `places` (P, 2), which holds `count`, once: a `bit` of `beside` (H, W) says
    whether they are there already. Returns how many it holds then."""
    if beside[uintp(y), uintp(x)] & bit == 0:
        beside[uintp(y), uintp(x)] |= bit
        places[count, 0], places[count, 1] = y, x
        return count + 1
    return count


@jit_kernel
def _source(depth: Float32Array, sources: Float32Array, y: int, x: int) -> tuple[float, float]:
    if abs(depth[y, x]) >= FAR:
        return float(NOWHERE), float(NOWHERE)
    return float(sources[0, y, x]), float(sources[1, y, x])


@jit_kernel
def _opacity(texture: UInt8Array, u: float, v: float) -> float:
    """The alpha, 0..255, of `texture` (M, M, 4) at a point as it is drawn."""
    last = texture.shape[0] - 2
    if u < 0 or v < 0 or u >= last or v >= last:
        return 0.0
    i, j = int(u), int(v)
    a, b = u - i, v - j
    upper = texture[j, i, 3] * (1 - a) + texture[j, i + 1, 3] * a
    lower = texture[j + 1, i, 3] * (1 - a) + texture[j + 1, i + 1, 3] * a
    return float(upper * (1 - b) + lower * b)


@jit_kernel
def draw_hidden(  # noqa: PLR0917 - compiled kernels take their arguments by position
    points: Float32Array,
    faces: Int32Array,
    source: Float32Array,
    vertex_shade: Float32Array,
    texture: UInt8Array,
    alpha: UInt8Array,
    beside: UInt8Array,
    out: UInt8Array,
) -> tuple[int, int, int, int]:
    """Draw the hidden surface's triangles `faces` (F, 3) onto `out` (S, S, 3), the plate, where the person's
    `alpha` (S, S) is less than 255. Returns the part x0, y0, x1, y1 of `out` that may have changed.

    `points` (N, 3) are pixels with depth, and are changed; `source` (N, 2) and `vertex_shade` (N,) belong to
    them. `beside` (S, S) has to be 0, and is left so."""
    x0, y0, x1, y1 = bounds(points, faces, out.shape[0])
    if x1 <= x0 or y1 <= y0:
        return 0, 0, 0, 0
    for i in range(points.shape[0]):
        points[i, 0] -= np.float32(x0)
        points[i, 1] -= np.float32(y0)
    height, width = y1 - y0, x1 - x0
    depth, shade = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    sources = np.empty((2, height, width), np.float32)
    around_uncovered(alpha, x0, y0, depth)
    draw_map(points, source, vertex_shade, faces, depth, sources, shade)
    blend_hidden(depth, sources, shade, texture, x0, y0, out)
    soften_uncovered(alpha, depth, sources, texture, x0, y0, beside[:height, :width], out)
    return x0, y0, x1, y1
