"""What lies over a face: something that hides an eye or the mouth, glasses, a beard.

The mesh network's feature map knows more than the landmarks that come out of it. Four linear readings of it,
each over its own part of the face, tell these things apart; `tools/model_assets/train_face_coverings.py` made
the weights from drawn coverings, and `assets/FACE_COVERINGS.md` says on whom they were tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_mesh import LEFT, LIPS, Region, region_features
from generation.animation.face.face_topology import LIPS_OUTER
from generation.animation.face.landmarks import face_views

ASSET = Path(__file__).parents[1] / "assets" / "face_coverings.safetensors"
# The eye at the picture's left is read in the crop, the other one at the same place of the mirror image.
EYE, MOUTH, BEARD = LEFT, LIPS, Region((*LIPS_OUTER, 152, 148, 377, 176, 400, 149, 378), left=61, right=291)
REGIONS = (EYE, MOUTH, BEARD)
READINGS = {"eye_covered": 0, "glasses": 0, "mouth_covered": 1, "beard": 2}  # and the region each looks at
CROPS_READ = 2
CELLS = 4  # a side: the 16 x 16 of a region are averaged to this


@dataclass(frozen=True)
class FaceCoverings:
    """How sure the readings are of each covering: about -1 where there is none, 1 where there is.

    `eyes` is the more hidden eye's; `mouth`, `glasses` and `beard` are means over both halves of the face.
    """

    eyes: float
    mouth: float
    glasses: float
    beard: float


def read_coverings(image: UInt8Array, points: Float32Array) -> FaceCoverings:
    """Read a face in `image` ((H, W, 3) uint8 RGB) with its (478, 3) landmarks."""
    weights = _weights()
    views = [coverings_features(view) for view in face_views(image, points, CROPS_READ)]
    readings = {
        name: np.array([features[region] @ weights[name][:-1] + weights[name][-1] for features in views])
        for name, region in READINGS.items()
    }
    eyes = readings["eye_covered"]
    return FaceCoverings(
        eyes=float(max(eyes[0::2].mean(), eyes[1::2].mean())),
        mouth=float(readings["mouth_covered"].mean()),
        glasses=float(readings["glasses"].mean()),
        beard=float(readings["beard"].mean()),
    )


def coverings_features(view: UInt8Array) -> list[Float32Array]:
    """(512,) for each of REGIONS, from one crop (192, 192, 3) of the face."""
    return [
        region.reshape(CELLS, -1, CELLS, region.shape[1] // CELLS, region.shape[2]).mean((1, 3)).ravel()
        for region in region_features(view, REGIONS)
    ]


@cache
def _weights() -> dict[str, Float32Array]:
    """A weight for each feature and the constant, (513,), by the reading's name."""
    weights: dict[str, Float32Array] = load_file(ASSET)
    return weights
