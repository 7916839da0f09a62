"""Compiled loops of the renderer: triangle rasterisation, normals, compositing, anti-aliasing of folds."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.jit import jit_kernel

FAR = np.float32(1e9)
FOLD = 8.0  # a jump of source coordinates by more pixels than this is a discontinuity of the surface
NOWHERE = np.float32(-1e4)  # source of pixels that no triangle covers
EDGE = -1e-4  # least barycentric weight inside: a pixel on a shared edge belongs to both triangles, no cracks


@jit_kernel
def draw_map(  # noqa: PLR0917 - compiled kernels take their arguments by position
    points: Float32Array,
    source: Float32Array,
    shade: Float32Array,
    faces: Int32Array,
    depth: Float32Array,
    source_map: Float32Array,
    shade_map: Float32Array,
) -> None:
    """Rasterise triangles into a map of source coordinates (H, W, 2) and a map of shading (H, W), with a
    z-buffer.

    `points` (N, 3) are pixel coordinates and depth; `source` (N, 2) and `shade` (N,) are vertex
    attributes."""
    height, width = depth.shape
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = (
            points[a, 0],
            points[a, 1],
            points[b, 0],
            points[b, 1],
            points[c, 0],
            points[c, 1],
        )
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area > -1e-9 and area < 1e-9:
            continue
        x0, x1 = max(0, int(np.ceil(min(ax, bx, cx)))), min(width - 1, int(np.floor(max(ax, bx, cx))))
        y0, y1 = max(0, int(np.ceil(min(ay, by, cy)))), min(height - 1, int(np.floor(max(ay, by, cy))))
        if x1 < x0 or y1 < y0:
            continue
        inverse = 1.0 / area
        for y in range(y0, y1 + 1):
            wa = ((by - cy) * (cx - x0) - (bx - cx) * (cy - y)) * -inverse
            wb = ((cy - ay) * (ax - x0) - (cx - ax) * (ay - y)) * -inverse
            step_a, step_b = (by - cy) * inverse, (cy - ay) * inverse
            for x in range(x0, x1 + 1):
                wc = 1.0 - wa - wb
                if wa >= EDGE and wb >= EDGE and wc >= EDGE:
                    z = wa * points[a, 2] + wb * points[b, 2] + wc * points[c, 2]
                    if z < depth[y, x]:
                        depth[y, x] = z
                        source_map[y, x, 0] = wa * source[a, 0] + wb * source[b, 0] + wc * source[c, 0]
                        source_map[y, x, 1] = wa * source[a, 1] + wb * source[b, 1] + wc * source[c, 1]
                        shade_map[y, x] = wa * shade[a] + wb * shade[b] + wc * shade[c]
                wa += step_a
                wb += step_b


@jit_kernel
def draw_values(
    points: Float32Array, values: Float32Array, faces: Int32Array, depth: Float32Array, out: Float32Array
) -> None:
    """Rasterise triangles with vertex attributes `values` (N, C) into `out` (H, W, C), with a z-buffer."""
    height, width = depth.shape
    channels = values.shape[1]
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = (
            points[a, 0],
            points[a, 1],
            points[b, 0],
            points[b, 1],
            points[c, 0],
            points[c, 1],
        )
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area > -1e-9 and area < 1e-9:
            continue
        x0, x1 = max(0, int(np.ceil(min(ax, bx, cx)))), min(width - 1, int(np.floor(max(ax, bx, cx))))
        y0, y1 = max(0, int(np.ceil(min(ay, by, cy)))), min(height - 1, int(np.floor(max(ay, by, cy))))
        if x1 < x0 or y1 < y0:
            continue
        inverse = 1.0 / area
        for y in range(y0, y1 + 1):
            wa = ((by - cy) * (cx - x0) - (bx - cx) * (cy - y)) * -inverse
            wb = ((cy - ay) * (ax - x0) - (cx - ax) * (ay - y)) * -inverse
            step_a, step_b = (by - cy) * inverse, (cy - ay) * inverse
            for x in range(x0, x1 + 1):
                wc = 1.0 - wa - wb
                if wa >= EDGE and wb >= EDGE and wc >= EDGE:
                    z = wa * points[a, 2] + wb * points[b, 2] + wc * points[c, 2]
                    if z < depth[y, x]:
                        depth[y, x] = z
                        for k in range(channels):
                            out[y, x, k] = wa * values[a, k] + wb * values[b, k] + wc * values[c, k]
                wa += step_a
                wb += step_b


@jit_kernel
def vertex_normals(points: Float32Array, faces: Int32Array, out: Float32Array) -> None:
    """Unit normals (N, 3) of the vertices that `faces` use: area-weighted means over their triangles."""
    out[:] = 0
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in (a, b, c):
            out[k, 0] += nx
            out[k, 1] += ny
            out[k, 2] += nz
    for i in range(out.shape[0]):
        length = np.sqrt(out[i, 0] ** 2 + out[i, 1] ** 2 + out[i, 2] ** 2)
        if length > 1e-12:
            out[i, 0] /= length
            out[i, 1] /= length
            out[i, 2] /= length


@jit_kernel
def blend_over(plate: UInt8Array, person: UInt8Array, shade: Float32Array, out: UInt8Array) -> None:
    """Composite the person (H, W, 4; premultiplied alpha), multiplied by `shade` (H, W), over the plate (H,
    W, 3)."""
    height, width = shade.shape
    for y in range(height):
        for x in range(width):
            alpha = person[y, x, 3]
            if alpha == 0:
                for k in range(3):
                    out[y, x, k] = plate[y, x, k]
                continue
            rest = np.float32(255 - alpha) * np.float32(1 / 255)
            light = shade[y, x]
            for k in range(3):
                value = (
                    np.float32(plate[y, x, k]) * rest + np.float32(person[y, x, k]) * light + np.float32(0.5)
                )
                out[y, x, k] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))


@jit_kernel
def soften_folds(source: Float32Array, person: UInt8Array, out: UInt8Array) -> None:
    """Anti-alias `out` (H, W, 3) along edges where the surface folds over itself.

    Such an edge is a discontinuity of the map of sources (H, W, 2), where rasterisation has no coverage. A
    pixel beside it becomes the weighted mean of its 3 x 3 neighbours. Where neither side shows any of the
    `person` (H, W, 4), nothing changes."""
    height, width = person.shape[0], person.shape[1]
    beside = np.zeros((height, width), np.bool_)
    for y in range(height - 1):
        for x in range(width - 1):
            for k in range(2):
                ny, nx = y + k, x + 1 - k
                jump = abs(source[y, x, 0] - source[ny, nx, 0]) + abs(source[y, x, 1] - source[ny, nx, 1])
                if jump > FOLD and (person[y, x, 3] > 0 or person[ny, nx, 3] > 0):
                    beside[y, x] = True
                    beside[ny, nx] = True
    before = out.copy()
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if beside[y, x]:
                for c in range(3):
                    total = np.int32(8)
                    for dy in range(-1, 2):
                        for dx in range(-1, 2):
                            total += np.int32(before[y + dy, x + dx, c]) * np.int32(
                                (2 - abs(dy)) * (2 - abs(dx))
                            )
                    out[y, x, c] = np.uint8(total // 16)


@jit_kernel
def blend_sampled(  # noqa: PLR0917 - compiled kernels take their arguments by position
    sources: Float32Array, shade: Float32Array, texture: UInt8Array, out: UInt8Array, x0: int, y0: int
) -> None:
    """Sample `texture` (M, M, 4; premultiplied alpha) bilinearly at `sources` (H, W, 2), multiply by `shade`
    (H, W), and composite over `out` (S, S, 3) from its pixel x0, y0."""
    last = texture.shape[0] - 2
    for y in range(sources.shape[0]):
        for x in range(sources.shape[1]):
            u, v = sources[y, x, 0], sources[y, x, 1]
            if u < 0 or v < 0 or u >= last or v >= last:
                continue
            i, j = int(u), int(v)
            a, b = u - i, v - j
            w00, w10, w01, w11 = (1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b
            alpha = (
                w00 * texture[j, i, 3]
                + w10 * texture[j, i + 1, 3]
                + w01 * texture[j + 1, i, 3]
                + w11 * texture[j + 1, i + 1, 3]
            )
            if alpha < 1:
                continue
            for k in range(3):
                colour = (
                    w00 * texture[j, i, k]
                    + w10 * texture[j, i + 1, k]
                    + w01 * texture[j + 1, i, k]
                    + w11 * texture[j + 1, i + 1, k]
                )
                value = out[y0 + y, x0 + x, k] * (1 - alpha / 255) + colour * shade[y, x] + 0.5
                out[y0 + y, x0 + x, k] = np.uint8(min(max(value, 0.0), 255.0))
