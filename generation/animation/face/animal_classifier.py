"""Animal classifier: how likely the picture around a face is one of an animal.

EfficientNet-Lite0, trained on ImageNet; the first 398 of its 1,000 classes are animals, from fish to apes,
and people are none of its classes. `assets/MODELS.md` tells where the weights come from. Two views of the
face must agree, so that a fur collar, or a pet beside its owner, is not enough.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_detection import sample_square
from generation.animation.face.face_topology import MESH_POINTS
from generation.animation.face.tflite import face_model

ANIMAL_CLASSES = 398
VIEWS = (1.3, 1.8)  # sides of the views, in longer sides of the face
SIDE = 224
MEAN, DEVIATION = (
    np.array([0.485, 0.456, 0.406], np.float32),
    np.array([0.229, 0.224, 0.225], np.float32),
)


def animal_probability(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """The probability, 0..1, that the face with landmarks `points` (478, 3) is an animal's.

    `image` is (H, W, 3) uint8 RGB. The smaller one of the two views, each the mean over itself and its mirror
    image.
    """
    low, high = points[:MESH_POINTS, :2].min(0), points[:MESH_POINTS, :2].max(0)
    centre, longer = (low + high) / 2, max(float((high - low).max()), 1.0)
    found = []
    for side in VIEWS:
        scale = SIDE / (side * longer)
        matrix = np.column_stack([np.eye(2) * scale, SIDE / 2 - scale * centre])
        pixels = sample_square(image, matrix, SIDE).astype(np.float32) / 255
        view = np.asarray((pixels - MEAN) / DEVIATION, np.float32)
        found.append(np.mean([_animal_share(view), _animal_share(view[:, ::-1])]))
    return float(min(found))


def _animal_share(view: NDArray[np.float32]) -> float:
    probabilities = face_model("animal_classifier")(view[None])["probabilities"][0]
    return float(probabilities[:ANIMAL_CLASSES].sum())
