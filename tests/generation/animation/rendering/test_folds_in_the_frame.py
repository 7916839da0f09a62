"""The folds of an emotion are seen in the rendered picture, where people have them and only there."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.landmarks import detect_faces
from generation.animation.motion.emotions import EMOTION_TABLE, sided
from generation.animation.rendering.wrinkles import Wrinkles
from tests.generation.animation.rendered import frame

pytestmark = pytest.mark.slow

FOREHEAD, BETWEEN_BROWS, ROOT_OF_NOSE, BESIDE_NOSE = 151, 9, 168, (203, 423)
REACH = 0.10  # of the distance of the outer corners of the eyes, around a landmark
SEEN = 0.06  # of the skin's brightness that a fold takes


def _darker(
    emotion: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of light (H, W) that the folds of an emotion take in a frame, and its landmarks (478, 2)."""

    def smooth_skin(_: Wrinkles, person: UInt8Array, actions: Float32Array) -> None:
        """Draw no fold."""

    offsets = EMOTION_TABLE[emotion].offsets
    actions = {action: value for key, value in offsets.items() for action in sided(key)}
    folded = frame(actions, name=name).astype(np.float64).mean(2)
    with monkeypatch.context() as patch:
        patch.setattr(Wrinkles, "draw", smooth_skin)
        smooth = frame(actions, name=name)
    (face,) = detect_faces(smooth)
    before = smooth.astype(np.float64).mean(2)
    return (before - folded) / np.maximum(before, 20), face.points[:, :2].astype(np.float64)


def _deepest(darker: NDArray[np.float64], points: NDArray[np.float64], landmark: int) -> float:
    """What the darkest tenth of the skin within REACH of a landmark loses at least."""
    reach = REACH * float(np.linalg.norm(points[33] - points[263]))
    ys, xs = np.mgrid[: darker.shape[0], : darker.shape[1]]
    return float(
        np.percentile(darker[np.hypot(xs - points[landmark, 0], ys - points[landmark, 1]) < reach], 90)
    )


@pytest.mark.parametrize("name", ["amara", "tomas"])
@pytest.mark.parametrize(
    ("emotion", "folded", "smooth"),
    [
        ("angry", BETWEEN_BROWS, FOREHEAD),
        ("surprised", FOREHEAD, ROOT_OF_NOSE),
        ("disgusted", ROOT_OF_NOSE, FOREHEAD),
        ("disgusted", BESIDE_NOSE[0], FOREHEAD),
        ("disgusted", BESIDE_NOSE[1], FOREHEAD),
    ],
)
def test_an_emotion_folds_the_skin_where_peoples_skin_folds(
    emotion: str, folded: int, smooth: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    darker, points = _darker(emotion, name, monkeypatch)
    assert _deepest(darker, points, folded) > SEEN
    assert _deepest(darker, points, smooth) < SEEN / 3


@pytest.mark.parametrize("emotion", ["neutral", "content"])
def test_a_calm_face_has_a_smooth_brow(emotion: str, monkeypatch: pytest.MonkeyPatch) -> None:
    darker, points = _darker(emotion, "tomas", monkeypatch)
    assert max(_deepest(darker, points, at) for at in (FOREHEAD, BETWEEN_BROWS, ROOT_OF_NOSE)) < SEEN / 3
