"""Estimates the directional light of a portrait from the brightness of its skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.animation.arrays import Float32Array

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
RIDGE_COMPENSATION = 1.5  # the ridge regularisation shrinks the direction by a third
MAX_STRENGTH = 0.75  # of directional light, relative to ambient light


@dataclass(frozen=True, eq=False)
class Light:
    """Lambertian light: brightness = 1 + normal . direction, with `direction` (3,) scaled by strength."""

    direction: Float32Array

    def brightness(self, normals: Float32Array) -> Float32Array:
        """Relative brightness (N,) of surfaces with unit `normals` (N, 3), at least 0.25."""
        return np.asarray(np.maximum(1 + normals @ self.direction, 0.25), np.float32)


def fit_light(normals: Float32Array, luma: Float32Array) -> Light:
    """Fit the light to skin brightness `luma` (N,) at `normals` (N, 3) by robust ridge regression."""
    design = np.concatenate([np.ones((len(normals), 1)), normals], 1)
    middle = np.median(luma)
    weight = 1 / (1 + ((luma - middle) / (0.35 * middle + 1)) ** 2)
    a = design * weight[:, None]
    ridge = np.diag([0, 1, 1, 1]) * 0.05 * len(normals)
    solution = np.linalg.solve(a.T @ design + ridge, a.T @ luma)
    direction = RIDGE_COMPENSATION * solution[1:] / max(float(solution[0]), 1.0)
    strength = float(np.linalg.norm(direction))
    if strength > MAX_STRENGTH:
        direction *= MAX_STRENGTH / strength
    return Light(direction.astype(np.float32))
