"""What light the portrait was made in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.animation.arrays import Float32Array

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
UNRIDGED = 1.5  # the ridge that keeps the direction sane takes a third of its strength
STRONGEST = 0.75  # of the ambient part: fitted light never explains more than this by direction


@dataclass(frozen=True, eq=False)
class Light:
    """`direction` (3,) is scaled by strength and adds to an ambient 1: brightness = 1 + normal .
    direction."""

    direction: Float32Array

    def on(self, normals: Float32Array) -> Float32Array:
        """Relative brightness (N,) of surfaces with unit `normals` (N, 3), never quite dark."""
        return np.asarray(np.maximum(1 + normals @ self.direction, 0.25), np.float32)


def fitted_light(normals: Float32Array, luma: Float32Array) -> Light:
    """Least-squares direction of light from skin brightness `luma` (N,) at `normals` (N, 3)."""
    design = np.concatenate([np.ones((len(normals), 1)), normals], 1)
    middle = np.median(luma)
    weight = 1 / (1 + ((luma - middle) / (0.35 * middle + 1)) ** 2)
    a = design * weight[:, None]
    ridge = np.diag([0, 1, 1, 1]) * 0.05 * len(normals)
    solution = np.linalg.solve(a.T @ design + ridge, a.T @ luma)
    direction = UNRIDGED * solution[1:] / max(float(solution[0]), 1.0)
    strength = float(np.linalg.norm(direction))
    if strength > STRONGEST:
        direction *= STRONGEST / strength
    return Light(direction.astype(np.float32))
