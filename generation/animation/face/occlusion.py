"""Occlusion of a face: detects covered eyes, a covered mouth, hands, glasses and beards by linear probes.

The probes are linear classifiers on the mesh network's feature map, each over its own region of the face.
`tools/model_assets/train_face_coverings.py` trains their weights on drawn coverings, `train_hand_probe.py`
those of the hand on rendered ones; `assets/FACE_COVERINGS.md` says what they were tested on.
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
HAND_ASSET = ASSET.with_name("hand_probe.safetensors")
# The eye at the picture's left is measured in the crop, the other one at the same place of the mirror image.
EYE, MOUTH, BEARD = LEFT, LIPS, Region((*LIPS_OUTER, 152, 148, 377, 176, 400, 149, 378), left=61, right=291)
# The cheek and jaw at the picture's left.
CHEEK = Region(
    (50, 101, 36, 205, 187, 207, 213, 192, 58, 172, 136, 150, 61, 123, 147, 177, 93, 132), left=132, right=61
)
REGIONS = (EYE, MOUTH, BEARD, CHEEK)
HAND_REGIONS = (3, 1)  # the hand's probe reads the cheek and the mouth together
PROBES = {"eye_covered": 0, "glasses": 0, "mouth_covered": 1, "beard": 2}  # name -> index of its region
CROPS_USED = 2
CELLS = 4  # a side: the 16 x 16 of a region are averaged to this


@dataclass(frozen=True)
class FaceCoverings:
    """The probes' scores for each covering: about -1 where there is none, 1 where there is.

    `eyes` is the more hidden eye's, `hand` that of the half of the face with more of a hand; `mouth`,
    `glasses` and `beard` are means over both halves.
    """

    eyes: float
    mouth: float
    hand: float
    glasses: float
    beard: float


def detect_coverings(image: UInt8Array, points: Float32Array) -> FaceCoverings:
    """Score the face in `image` ((H, W, 3) uint8 RGB) with landmarks `points` (478, 3)."""
    weights = _weights()
    views = [probe_features(view) for view in face_views(image, points, CROPS_USED)]
    scores = {
        name: np.array([features[region] @ weights[name][:-1] + weights[name][-1] for features in views])
        for name, region in PROBES.items()
    }
    hand = np.array(
        [hand_features(features) @ weights["hand"][:-1] + weights["hand"][-1] for features in views]
    )
    eyes = scores["eye_covered"]
    return FaceCoverings(
        eyes=float(max(eyes[0::2].mean(), eyes[1::2].mean())),
        mouth=float(scores["mouth_covered"].mean()),
        hand=float(max(hand[0::2].mean(), hand[1::2].mean())),
        glasses=float(scores["glasses"].mean()),
        beard=float(scores["beard"].mean()),
    )


def probe_features(view: UInt8Array) -> list[Float32Array]:
    """The probes' input features (512,) for each of REGIONS, from one crop (192, 192, 3) of the face."""
    return [
        region.reshape(CELLS, -1, CELLS, region.shape[1] // CELLS, region.shape[2]).mean((1, 3)).ravel()
        for region in region_features(view, REGIONS)
    ]


def hand_features(features: list[Float32Array]) -> Float32Array:
    """The input (1024,) of the hand's probe, from the features of REGIONS."""
    return np.concatenate([features[region] for region in HAND_REGIONS])


@cache
def _weights() -> dict[str, Float32Array]:
    """Weights of the probes by name: one for each feature, then the constant."""
    weights: dict[str, Float32Array] = load_file(ASSET) | load_file(HAND_ASSET)
    return weights
