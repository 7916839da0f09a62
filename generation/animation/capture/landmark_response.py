"""Landmark response: how the mesh network's landmarks answer to actions and turns, beside the rig's geometry.

The network does not place its landmarks where the rig has them: lips part less, the chin goes with the mouth,
the outline slides. `tools/model_assets/measure_landmark_response.py` measures that on rendered frames of the
cast with known motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from safetensors.numpy import load_file

from generation.animation.arrays import Float32Array

ASSET = Path(__file__).parents[1] / "assets" / "landmark_response.safetensors"


@dataclass(frozen=True, eq=False)
class LandmarkResponse:
    """What to add to the rig at the 468 landmarks, in head widths and in the axes of FaceRig: `actions`
    (52, 468, 3) to the displacements at full strength, `depth` (468,) to the depth at rest."""

    actions: Float32Array
    depth: Float32Array

    @classmethod
    @cache
    def load(cls) -> Self:
        """The response measured on the cast."""
        stored = load_file(ASSET)
        return cls(stored["actions"].astype("float32"), stored["depth"])
