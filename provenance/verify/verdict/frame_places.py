"""Places in a frame: where something of the marked video is in it, and how much of it the frame shows."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.verify.evidence.reader_report import Corner

Polygon = tuple[Corner, ...]  # in parts of the file's frame


def placed(corners: Sequence[Corner], x: float, y: float) -> Corner:
    """Where a place of the marked video, in parts of its side, is in the file's frame."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    return (
        round((1 - y) * ((1 - x) * ax + x * bx) + y * ((1 - x) * dx + x * cx), 4),
        round((1 - y) * ((1 - x) * ay + x * by) + y * ((1 - x) * dy + x * cy), 4),
    )


def visible_region(polygon: Sequence[Corner]) -> Polygon:
    """The part of a convex polygon that lies in the frame, in parts of it (Sutherland and Hodgman 1974)."""
    points = list(polygon)
    for axis, limit, sign in ((0, 0.0, 1), (0, 1.0, -1), (1, 0.0, 1), (1, 1.0, -1)):
        kept: list[Corner] = []
        for one, other in zip(points, [*points[1:], *points[:1]], strict=True):
            a, b = sign * (one[axis] - limit), sign * (other[axis] - limit)
            if a >= 0:
                kept.append(one)
            if (a >= 0) != (b >= 0):
                share = a / (a - b)
                kept.append(
                    (
                        round(one[0] + share * (other[0] - one[0]), 4),
                        round(one[1] + share * (other[1] - one[1]), 4),
                    )
                )
        points = kept
    return tuple(points)


def area(polygon: Sequence[Corner]) -> float:
    """Of a polygon whose sides do not cross, in parts of the frame's."""
    pairs = zip(polygon, [*polygon[1:], *polygon[:1]], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2
