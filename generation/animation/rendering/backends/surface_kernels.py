"""Compiled loops of the CPU back end: drawing the person, compositing, anti-aliasing of folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.cubic import write_rgb
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import FAR, FOLD, draw_rows, uintp
from generation.animation.rendering.backends.sample_kernels import sample_row

BAND = 64  # rows of a frame that are drawn together
LEVEL = np.uint32(255)
SOLID = np.uint32(0xFF000000)  # the least RGBA, as the bytes of a number, of an opaque pixel


@jit_kernel
def _into_bands(points: Float32Array, faces: Int32Array, size: int) -> tuple[Int32Array, Int32Array]:
    """The numbers of the triangles `faces` (F, 3) of `points` (N, 3) by the bands of BAND rows of a frame of
    `size` rows that they reach into, in their own order, and where each band begins among them (B + 1,)."""
    bands = (size + BAND - 1) // BAND
    starts = np.zeros(bands + 1, np.int32)
    reach = np.empty((len(faces), 2), np.int32)
    for f in range(len(faces)):
        a, b, c = points[faces[f, 0], 1], points[faces[f, 1], 1], points[faces[f, 2], 1]
        first, last = int(np.ceil(min(a, b, c))), int(np.floor(max(a, b, c)))
        if last < first or last < 0 or first >= size:
            reach[f, 0], reach[f, 1] = 0, -1
            continue
        reach[f, 0], reach[f, 1] = max(first, 0) // BAND, min(last, size - 1) // BAND
        for band in range(reach[f, 0], reach[f, 1] + 1):
            starts[band + 1] += 1
    for band in range(bands):
        starts[band + 1] += starts[band]
    order, ends = np.empty(starts[bands], np.int32), starts.copy()
    for f in range(len(faces)):
        for band in range(reach[f, 0], reach[f, 1] + 1):
            order[ends[band]] = f
            ends[band] += 1
    return order, starts


@jit_kernel
def draw_person(  # noqa: PLR0917 - compiled kernels take their arguments by position
    points: Float32Array,
    sources: Float32Array,
    shade: Float32Array,
    faces: Int32Array,
    person: UInt8Array,
    shown: UInt8Array,
    alpha: UInt8Array,
    gaps: Int32Array,
    soft: Int32Array,
    pixels: NDArray[np.uint32],
    lights: Float32Array,
    beside: UInt8Array,
    places: Int32Array,
    out: UInt8Array,
) -> tuple[int, int, int]:
    """Draw the triangles `faces` (F, 3) of `points` (N, 3) to `out` (S, S, 3) as far as they are opaque: the
    person at `sources` (N, 2), multiplied by `shade` (N,).

    `person` (M * M * 4,) are the bytes of RGBA pixels, premultiplied; `shown` (M, M) is 0 where the 4 x 4
    pixels to the right and below are all transparent. Fills `alpha` (S, S) with that of the person; `gaps`
    (G, 3) with the parts of rows that show none of it, y, first x, last x + 1; `soft` (P, 2) with row and
    column of the other pixels that are not opaque, `pixels` (P,) with their RGBA, the bytes of a number, and
    `lights` (P,) with what these are to be multiplied by; `places` (Q, 2) with rows and columns beside edges
    where the surface folds over itself, which it notes in `beside` (S, S). Returns how many there are of
    gaps, such pixels and places.

    Bands of BAND rows are drawn after each other, so that what triangles leave for the sampling of the
    person stays in the processor's cache."""
    size = out.shape[0]
    order, starts = _into_bands(points, faces, size)
    flat = out.reshape(-1)
    depth, shades = np.empty((BAND, size), np.float32), np.empty((BAND, size), np.float32)
    maps = np.zeros((2, BAND, size), np.float32)
    above, found = np.zeros((2, size), np.float32), np.empty(size - 1, np.uint8)
    room = size + 4
    whole, fractions = np.empty((2, size), np.int32), np.empty((2, room), np.float32)
    weights, levels = np.empty((2, 4 * room), np.float32), np.empty(4 * room, np.float32)
    offsets, window = np.empty(size, np.int32), np.empty(64, np.uint8)
    columns, row_lights = np.empty(size, np.int32), np.empty(room, np.float32)
    plain, lit_up = np.empty(room, np.uint32), np.empty(room, np.uint32)
    gap_count, soft_count, place_count = 0, 0, 0
    first_above, last_above = size, 0
    for band in range(len(starts) - 1):
        top = band * BAND
        depth[:] = FAR
        draw_rows(
            points, sources, shade, faces, order[starts[band] : starts[band + 1]], depth, maps, shades, top,
            size,
        )  # fmt: skip
        for y in range(top, min(top + BAND, size)):
            row, here = uintp(y), uintp(y - top)
            count = sample_row(
                person, shown, depth[here], maps[0, here], maps[1, here], shades[here], whole, fractions,
                weights, levels, offsets, window, columns, row_lights, plain, lit_up,
            )  # fmt: skip
            alpha[row] = 0
            done, k = 0, 0
            while k < count:
                at, x = uintp(k), columns[uintp(k)]
                if x > done:
                    gaps[gap_count, 0], gaps[gap_count, 1], gaps[gap_count, 2] = y, done, x
                    gap_count += 1
                if (
                    k + 4 <= count
                    and columns[at + uintp(3)] == x + 3
                    and (plain[at] & plain[at + uintp(1)] & plain[at + uintp(2)] & plain[at + uintp(3)])
                    >= SOLID
                ):
                    write_rgb(lit_up, k, flat, (y * size + x) * 3)
                    for right in range(4):
                        alpha[row, uintp(x + right)] = 255
                    done, k = x + 4, k + 4
                    continue
                alpha[row, uintp(x)] = plain[at] >> np.uint32(24)
                if plain[at] >= SOLID:
                    for channel in range(3):
                        out[row, uintp(x), channel] = (lit_up[at] >> np.uint32(8 * channel)) & LEVEL
                else:
                    soft[soft_count, 0], soft[soft_count, 1] = y, x
                    pixels[soft_count], lights[soft_count] = plain[at], row_lights[at]
                    soft_count += 1
                done, k = x + 1, k + 1
            if done < size:
                gaps[gap_count, 0], gaps[gap_count, 1], gaps[gap_count, 2] = y, done, size
                gap_count += 1
            first, last = (columns[0], done) if count else (size, 0)
            if y > 0:
                left, right = max(min(first, first_above) - 1, 0), min(max(last, last_above), size - 1)
                if left < right and y - top > 0:
                    place_count = _note_jumps(
                        maps[0, here - uintp(1)], maps[1, here - uintp(1)], maps[0, here], maps[1, here],
                        alpha, y - 1, left, right, found, beside, places, place_count,
                    )  # fmt: skip
                elif left < right:
                    place_count = _note_jumps(
                        above[0], above[1], maps[0, here], maps[1, here], alpha, y - 1, left, right, found,
                        beside, places, place_count,
                    )  # fmt: skip
            first_above, last_above = first, last
        above[0], above[1] = maps[0, BAND - 1], maps[1, BAND - 1]
    return gap_count, soft_count, place_count


@jit_kernel
def _note_jumps(  # noqa: PLR0917 - compiled kernels take their arguments by position
    us: Float32Array,
    vs: Float32Array,
    us_below: Float32Array,
    vs_below: Float32Array,
    alpha: UInt8Array,
    y: int,
    left: int,
    right: int,
    found: UInt8Array,
    beside: UInt8Array,
    places: Int32Array,
    count: int,
) -> int:
    """Note the pixels beside interruptions of the surface between those of row `y` from `left` to `right` and
    those to their right and below. Where neither side shows any of the person, there is none. `us` to
    `vs_below` (S,) are the source coordinates of that row and the next, `found` (S - 1,) is scratch memory.
    Returns how many `places` there are then, of `count`."""
    fold, any_found = np.float32(FOLD), np.uint8(0)
    u, v, shown = us[left : right + 1], vs[left : right + 1], alpha[y, left : right + 1]
    u_below, v_below, shown_below = us_below[left:right], vs_below[left:right], alpha[y + 1, left:right]
    for x in range(len(u_below)):
        aside = abs(u[x] - u[x + 1]) + abs(v[x] - v[x + 1]) > fold
        down = abs(u[x] - u_below[x]) + abs(v[x] - v_below[x]) > fold
        aside_shown, down_shown = (shown[x] | shown[x + 1]) > 0, (shown[x] | shown_below[x]) > 0
        place = np.uint8(aside & aside_shown) | (np.uint8(down & down_shown) << np.uint8(1))
        found[x] = place
        any_found |= place
    if any_found == 0:
        return count
    for x in range(len(u_below)):
        if found[x] > 0:
            count = note(beside, places, count, y, left + x)
        if found[x] & 1:
            count = note(beside, places, count, y, left + x + 1)
        if found[x] & 2:
            count = note(beside, places, count, y + 1, left + x)
    return count


@jit_kernel
def lit(behind: float, level: float, rest: float, light: float) -> int:
    """One channel of a person's pixel with `level`, times `light`, over the share `rest` of the level
    `behind` it."""
    value = np.float32(behind) * rest + np.float32(level) * light + np.float32(0.5)
    return int(min(max(value, np.float32(0)), np.float32(255)))


@jit_kernel
def composite(  # noqa: PLR0917 - compiled kernels take their arguments by position
    plate: UInt8Array,
    gaps: Int32Array,
    soft: Int32Array,
    pixels: NDArray[np.uint32],
    lights: Float32Array,
    beside: UInt8Array,
    places: Int32Array,
    out: UInt8Array,
) -> None:
    """Complete `out` (S, S, 3), in which the opaque person is, by the plate (S, S, 3) in the `gaps` (G, 3)
    and by the rest of the person, `pixels` at `soft` (P, 2) times `lights` (P,), over the plate. Then
    anti-alias it at the `places` (Q, 2) along edges where the surface folds over itself. All is as
    `draw_person` gives it; `beside` (S, S) becomes 0.

    Such an edge is a discontinuity of the source coordinates, where rasterisation has no coverage. A pixel
    beside it becomes the weighted mean of its 3 x 3 neighbours."""
    size = out.shape[0]
    flat, behind = out.reshape(-1), plate.reshape(-1)
    for i in range(len(gaps)):
        row = 3 * size * gaps[i, 0]
        first, last = row + 3 * gaps[i, 1], row + 3 * gaps[i, 2]
        flat[first:last] = behind[first:last]
    for i in range(len(soft)):
        row, at = uintp(soft[i, 0]), uintp(soft[i, 1])
        pixel = pixels[i]
        opacity = pixel >> np.uint32(24)
        if opacity == 0:  # beside the person, where interpolation may leave a level of colour
            pixel = np.uint32(0)
        rest = np.float32(np.uint32(255) - opacity) * np.float32(1 / 255)
        for channel in range(3):
            level = (pixel >> np.uint32(8 * channel)) & LEVEL
            out[row, at, channel] = lit(plate[row, at, channel], level, rest, lights[i])
    soften(beside, places, out)


@jit_kernel
def note(beside: UInt8Array, places: Int32Array, count: int, y: int, x: int) -> int:
    """Append row and column to `places` (P, 2), which holds `count`, once: `beside` (H, W) says whether they
    are there already. Returns how many it holds then."""
    if beside[uintp(y), uintp(x)] == 0:
        beside[uintp(y), uintp(x)] = 1
        places[count, 0], places[count, 1] = y, x
        return count + 1
    return count


@jit_kernel
def soften(beside: UInt8Array, places: Int32Array, out: UInt8Array) -> None:
    """Replace the pixels of `out` (H, W, 3) at `places` (P, 2), but for those at its border, by the weighted
    mean of their 3 x 3 neighbours, and clear them in `beside` (H, W)."""
    height, width = out.shape[:2]
    means = np.empty((len(places), 3), np.uint8)
    for i in range(len(places)):
        y, x = places[i, 0], places[i, 1]
        beside[y, x] = 0
        y, x = min(max(y, 1), height - 2), min(max(x, 1), width - 2)
        for k in range(3):
            total = np.int32(8)
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    weight = np.int32((2 - abs(dy)) * (2 - abs(dx)))
                    total += np.int32(out[y + dy, x + dx, k]) * weight
            means[i, k] = total // 16
    for i in range(len(places)):
        y, x = places[i, 0], places[i, 1]
        if 0 < y < height - 1 and 0 < x < width - 1:
            for k in range(3):
                out[y, x, k] = means[i, k]
