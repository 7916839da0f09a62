"""Build the dental arches of the face rig: rounded crowns on a gum ridge, along the head model's guide."""

from __future__ import annotations

import math

import numpy as np

# Crown widths and heights in millimetres from the middle outwards (textbook averages).
UPPER_WIDTHS, UPPER_HEIGHTS = (8.5, 6.6, 7.6, 7.0, 6.8, 9.0), (10.0, 9.0, 9.8, 8.4, 7.8, 7.2)
LOWER_WIDTHS, LOWER_HEIGHTS = (5.3, 5.9, 6.8, 7.0, 7.1, 9.5), (8.6, 8.8, 9.6, 8.6, 8.0, 7.4)
COLUMNS, ROWS = 7, 7


def crown(width: float, height: float, bulge: float, round_corner: float, canine: float) -> np.ndarray:
    """Front of one tooth as a grid (ROWS, COLUMNS, 3): x along the arch, y down from the gum, z outwards."""
    u, v = np.meshgrid(np.linspace(-1, 1, COLUMNS), np.linspace(-1, 1, ROWS), indexing="xy")
    waist = 1 - 0.10 * np.clip(-v, 0, 1)
    edge = np.clip((v - 0.55) / 0.45, 0, 1) ** 2
    x = u * width * 0.502 * waist * (1 - round_corner * edge)
    y = v * height / 2 - round_corner * height * 0.25 * edge * u**2 + canine * (1 - np.abs(u)) * edge
    z = bulge * (1 - 0.55 * np.abs(u) ** 4) * (1 - 0.35 * v**2)
    return np.stack([x, y, z], -1)


def build_arch(guide: np.ndarray, *, upper: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices (N, 3) float32, triangles (M, 3) int16, enamel (N,) float32 (1 tooth, 0 gum) of one arch.

    `guide` is the model's teeth guide in picture axes; it gives the arch's width, front and bite height.
    """
    widths, heights = (UPPER_WIDTHS, UPPER_HEIGHTS) if upper else (LOWER_WIDTHS, LOWER_HEIGHTS)
    sign = 1.0 if upper else -1.0
    half = min(float(np.abs(guide[:, 0]).max()) - 0.0035, 0.0290)
    # The guide reaches forward to the lips; crowns stand this far behind it, so that closed lips hide them.
    front, back = guide[:, 2].min() + (0.0020 if upper else 0.0028), guide[:, 2].max()
    at_front = guide[guide[:, 2] < guide[:, 2].min() + 0.006, 1]
    # Edges show a little below the upper lip, and stay just below the edge of the lower one.
    bite = at_front.max() + 0.0027 if upper else at_front.min() + 0.0032
    a = np.linspace(0, 1, 300)
    ax = half * np.sin(a * np.pi / 2) ** 0.92
    az = front + (back - front) * (1 - np.cos(a * np.pi / 2) ** 1.1)
    run = np.concatenate([[0], np.cumsum(np.hypot(np.diff(ax), np.diff(az)))])

    vertices: list[np.ndarray] = []
    faces: list[np.ndarray] = []
    enamel: list[np.ndarray] = []

    def add_grid(points: np.ndarray, shade: np.ndarray) -> None:
        rows, columns = points.shape[:2]
        index = np.arange(rows * columns).reshape(rows, columns) + sum(map(len, vertices))
        quads = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], -1).reshape(-1, 4)
        faces.append(np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]))
        vertices.append(points.reshape(-1, 3))
        enamel.append(shade.reshape(-1))

    def on_arch(along: np.ndarray, out: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray]:
        s = np.clip(along, 1e-6, run[-1])
        px, pz = np.interp(s, run, ax), np.interp(s, run, az)
        d = 2e-4
        tx = np.interp(s + d, run, ax) - np.interp(s - d, run, ax)
        tz = np.interp(s + d, run, az) - np.interp(s - d, run, az)
        length = np.maximum(np.hypot(tx, tz), 1e-9)
        return side * (px + out * tz / length), pz - out * tx / length

    for side in (-1.0, 1.0):
        start = 0.0
        for i, (width_mm, height_mm) in enumerate(zip(widths, heights, strict=True)):
            width, height = width_mm / 1000, height_mm / 1000 * (0.92 if upper else 0.88)
            grid = crown(
                width, height, 0.0016, (0.06, 0.12, 0.18, 0.15, 0.12, 0.1)[i], 0.0008 if i == 2 else 0.0
            )
            x, z = on_arch(start + width / 2 + grid[..., 0], grid[..., 2], side)
            lift = -0.0006 if (i == 1 and upper) else 0.0
            y = bite + sign * (grid[..., 1] - height / 2 + 0.0009 + lift)
            points = np.stack([x, y, z], -1)
            add_grid(points if side > 0 else points[:, ::-1], np.ones(points.shape[:2]))
            start += width
    # The gum scallops over the necks of the teeth: a band from the crowns' upper third upwards.
    along = np.linspace(-run[-1] * 0.98, run[-1] * 0.98, 97)
    rows = np.linspace(0, 1, 5)
    grid_s, grid_r = np.meshgrid(along, rows, indexing="xy")
    edges = np.concatenate([[0], np.cumsum(widths)]) / 1000
    phase = np.interp(np.abs(grid_s), edges, np.arange(len(edges)))
    papilla = np.abs(2 * (phase - np.floor(phase)) - 1) ** 1.6
    tall = np.interp(np.abs(grid_s), (edges[:-1] + edges[1:]) / 2, np.array(heights) / 1000 * 0.92)
    x, z = on_arch(np.abs(grid_s), 0.0005 + 0.0034 * np.sin(np.pi * np.clip(grid_r * 0.8 + 0.08, 0, 1)), 1.0)
    x = np.where(grid_s < 0, -x, x)
    y = bite - sign * (tall * (0.84 - 0.30 * papilla * (1 - grid_r)) + grid_r * 0.010 - 0.0009)
    add_grid(np.stack([x, y, z], -1), np.zeros_like(grid_s))
    points = np.concatenate(vertices)
    # The bite plane rises towards the molars, as it does in people.
    points[:, 1] -= 0.05 * (points[:, 2] - front) * math.copysign(1, 1)
    return (
        points.astype(np.float32),
        np.concatenate(faces).astype(np.int16),
        np.concatenate(enamel).astype(np.float32),
    )
