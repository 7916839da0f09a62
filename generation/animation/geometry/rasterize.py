"""Compiled loops of the renderer: triangle rasterisation, and normals."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Int32Array
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.span import LANES, draw_span

uintp = np.uintp  # an index that cannot be negative needs no check for that

FAR = np.float32(1e9)
FOLD = 8.0  # a jump of source coordinates by more pixels than this is a discontinuity of the surface
NOWHERE = np.float32(-1e4)  # source of pixels that no triangle covers
LEAST_ALPHA = 1  # of 255, from which a layer is drawn
OPAQUE = 254.5  # alpha, of 255, from which an end of a layer is an edge
BOUNDLESS = 1e30
EDGE = -1e-4  # least barycentric weight inside: a pixel on a shared edge belongs to both triangles, no cracks


@jit_kernel
def _bound(step: float, weight: float, down: float, left: bool) -> tuple[float, float]:
    """Where on its row a barycentric weight reaches EDGE, if the triangle lies to that side of it, and by how
    much that moves from row to row; else a bound that bounds nothing."""
    inverse = 1.0 / step
    bounds = step > 0 if left else step < 0
    return (
        (EDGE - weight) * inverse if bounds else (-BOUNDLESS if left else BOUNDLESS),
        -down * inverse if bounds else 0.0,
    )


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
    """Rasterise triangles into a map of source coordinates (2, H, W) and a map of shading (H, W), with a
    z-buffer.

    `points` (N, 3) are pixel coordinates and depth; `source` (N, 2) and `shade` (N,) are vertex
    attributes. In each row of a triangle, the edges to its left and right say where it begins and ends."""
    draw_rows(
        points, source, shade, faces, np.arange(len(faces), dtype=np.int32), depth, source_map, shade_map, 0,
        depth.shape[0],
    )  # fmt: skip


@jit_kernel
def draw_rows(  # noqa: PLR0917 - compiled kernels take their arguments by position
    points: Float32Array,
    source: Float32Array,
    shade: Float32Array,
    faces: Int32Array,
    chosen: Int32Array,
    depth: Float32Array,
    source_map: Float32Array,
    shade_map: Float32Array,
    top: int,
    size: int,
) -> None:
    """As `draw_map`, of the `chosen` (C,) among the triangles, into maps of the rows from `top` on of a frame
    that has `size` of them."""
    height, width = depth.shape
    depths, sources, shades = depth.reshape(-1), source_map.reshape(-1), shade_map.reshape(-1)
    for f in chosen:
        a, b, c = uintp(faces[f, 0]), uintp(faces[f, 1]), uintp(faces[f, 2])
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
        y0, y1 = max(0, int(np.ceil(min(ay, by, cy)))), min(size - 1, int(np.floor(max(ay, by, cy))))
        if x1 < x0 or y1 < y0:
            continue
        inverse = 1.0 / area
        # Weights of the corners at x0, y0, and how they change to the right and down.
        wa = ((by - cy) * (cx - x0) - (bx - cx) * (cy - y0)) * -inverse
        wb = ((cy - ay) * (ax - x0) - (cx - ax) * (ay - y0)) * -inverse
        wc = 1.0 - wa - wb
        right_a, right_b = (by - cy) * inverse, (cy - ay) * inverse
        down_a, down_b = (cx - bx) * inverse, (ax - cx) * inverse
        right_c, down_c = -(right_a + right_b), -(down_a + down_b)
        za, zb, zc = points[a, 2], points[b, 2], points[c, 2]
        ua, ub, uc = source[a, 0], source[b, 0], source[c, 0]
        va, vb, vc = source[a, 1], source[b, 1], source[c, 1]
        la, lb, lc = shade[a], shade[b], shade[c]
        z0, right_z = wa * za + wb * zb + wc * zc, right_a * za + right_b * zb + right_c * zc
        u0, right_u = wa * ua + wb * ub + wc * uc, right_a * ua + right_b * ub + right_c * uc
        v0, right_v = wa * va + wb * vb + wc * vc, right_a * va + right_b * vb + right_c * vc
        l0, right_l = wa * la + wb * lb + wc * lc, right_a * la + right_b * lb + right_c * lc
        down_z = down_a * za + down_b * zb + down_c * zc
        down_u = down_a * ua + down_b * ub + down_c * uc
        down_v = down_a * va + down_b * vb + down_c * vc
        down_l = down_a * la + down_b * lb + down_c * lc
        wide = float(x1 - x0)
        left_a, left_a_down = _bound(right_a, wa, down_a, True)
        left_b, left_b_down = _bound(right_b, wb, down_b, True)
        left_c, left_c_down = _bound(right_c, wc, down_c, True)
        end_a, end_a_down = _bound(right_a, wa, down_a, False)
        end_b, end_b_down = _bound(right_b, wb, down_b, False)
        end_c, end_c_down = _bound(right_c, wc, down_c, False)
        level = right_a == 0 or right_b == 0 or right_c == 0  # an edge that bounds no row
        for y in range(max(y0, top), min(y1, top + height - 1) + 1):
            d = float(y - y0)
            begin = max(0.0, left_a + left_a_down * d, left_b + left_b_down * d, left_c + left_c_down * d)
            end = min(wide, end_a + end_a_down * d, end_b + end_b_down * d, end_c + end_c_down * d)
            if end < begin:
                continue
            if level and (
                (right_a == 0 and wa + down_a * d < EDGE)
                or (right_b == 0 and wb + down_b * d < EDGE)
                or (right_c == 0 and wc + down_c * d < EDGE)
            ):
                continue
            first, last = int(np.ceil(begin)), int(np.floor(end))
            z, u = z0 + right_z * first + down_z * d, u0 + right_u * first + down_u * d
            v, light = v0 + right_v * first + down_v * d, l0 + right_l * first + down_l * d
            at, count = (y - top) * width + x0 + first, last - first + 1
            while count > 0:
                draw_span(
                    depths, sources, shades, at, height * width, count, z, right_z, u, right_u, v, right_v,
                    light, right_l,
                )  # fmt: skip
                at, count = at + LANES, count - LANES
                z, u = z + LANES * right_z, u + LANES * right_u
                v, light = v + LANES * right_v, light + LANES * right_l


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
