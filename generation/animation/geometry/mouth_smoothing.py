"""Smooths the rig's mouth actions, whose displacements would otherwise crease and fold the lips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import splu

from generation.animation.geometry.rig import ACTION_INDEX, SKIN, FaceRig
from generation.animation.geometry.smoothstep import smoothstep

# Diffusion lengths in metres: of the actions that open and round the lips, and of all others.
ROUND_SMOOTH, SPREAD_SMOOTH = 0.007, 0.004
REACH = (0.045, 0.075)  # metres from the mouth's centre over which smoothing fades out


ROUND = 0.7  # exponent of the aperture's outline: 1/2 is an ellipse, 1 a parabola
BELOW = 0.010  # metres below the lower lip's edge over which its correction fades
COLUMNS = 64


# mouthClose undoes jawOpen: they must be as smooth as each other.
ROUNDING = frozenset(
    i
    for name, i in ACTION_INDEX.items()
    if name.startswith(("jaw", "mouthClose", "mouthPucker", "mouthFunnel"))
)


def mouth_action_columns() -> list[int]:
    """Columns of the actions that move the jaw or the lips."""
    return [i for name, i in ACTION_INDEX.items() if name.startswith(("jaw", "mouth"))]


def diffuse_displacements(
    rig: FaceRig, displacements: NDArray[np.floating], length: float
) -> NDArray[np.float64]:
    """Diffuse displacements (K, V, 3) of the skin around the mouth over `length` metres, which removes
    creases.

    One implicit step of the heat equation on the rig's mesh; far from the mouth nothing changes."""
    edges = np.concatenate([rig.loops["lips.upper"], rig.loops["lips.lower"]])
    middle = rig.vertices[edges].astype(np.float64).mean(0)
    share = 1 - smoothstep(*REACH, np.linalg.norm(rig.vertices - middle, axis=1))
    faces = rig.faces[rig.segments == SKIN]
    faces = faces[(share[faces] > 0).any(1)]
    used, local = np.unique(faces, return_inverse=True)
    local = local.reshape(-1, 3)
    sides = np.concatenate([local[:, [0, 1]], local[:, [1, 2]], local[:, [2, 0]]])
    at = rig.vertices[used].astype(np.float64)
    edge_length = np.maximum(np.linalg.norm(at[sides[:, 0]] - at[sides[:, 1]], axis=1), 1e-4)
    corner = at[local]
    area = 0.5 * np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    mass = np.bincount(local.ravel(), np.repeat(area / 3, 3), len(used)) + 1e-12
    # The conductance of an edge is the area beside it over its squared length.
    across = np.tile(area, 3) / edge_length**2
    conduct = coo_matrix((across, (sides[:, 0], sides[:, 1])), (len(used), len(used))).tocsc()
    conduct = conduct + conduct.T
    flow = diags(np.asarray(conduct.sum(1)).ravel()) - conduct
    solver = splu((diags(mass) + length**2 / 2 * flow).tocsc())
    out = np.array(displacements, np.float64)
    given = out[:, used].transpose(1, 0, 2).reshape(len(used), -1)
    spread = solver.solve(mass[:, None] * given).reshape(len(used), len(out), 3).transpose(1, 0, 2)
    out[:, used] += share[used, None] * (spread - out[:, used])
    return out


def round_jaw_opening(rig: FaceRig, opening: NDArray[np.floating]) -> NDArray[np.float64]:
    """Displacements (V, 3) of jawOpen with a rounded edge of the lower lip; the rig's own makes a V shape."""
    out = np.array(opening, np.float64)
    upper, lower = rig.loops["lips.upper"], rig.loops["lips.lower"]
    left, right = rig.vertices[lower[0], 0], rig.vertices[lower[-1], 0]
    grid = np.linspace(0, 1, COLUMNS)

    def course(loop: NDArray[np.integer]) -> NDArray[np.float64]:
        at = (rig.vertices[loop, 0] - left) / (right - left)
        order = np.argsort(at)
        return np.asarray(np.interp(grid, at[order], out[loop][order, 1]))

    gap = course(lower) - course(upper)
    bow = gap.max() * (1 - (2 * grid - 1) ** 2) ** ROUND
    missing = np.maximum(bow - gap, 0)
    edge = rig.vertices[lower].astype(np.float64)
    distance = np.linalg.norm(rig.vertices[:, None] - edge[None], axis=2)
    nearest = distance.argmin(1)
    fade = np.exp(-((distance.min(1) / BELOW) ** 2)) * (rig.vertices[:, 1] >= edge[nearest, 1] - 1e-4)
    fade[upper] = 0
    fade[lower] = 1
    column = np.clip((rig.vertices[:, 0] - left) / (right - left), 0, 1)
    out[:, 1] += fade * np.interp(column, grid, missing)
    return out
