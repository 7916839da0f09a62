from __future__ import annotations

import numpy as np
import pytest

from generation.animation.animator import Animator
from generation.animation.composition import ComposedAnimator
from generation.animation.framing.view import VideoFormatRefused
from generation.animation.protocols import PictureRenderer
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.rendered import fitted
from tests.generation.extending.painted_renderer import PaintedRenderer

pytestmark = pytest.mark.slow  # each renders a face or asks the networks about one

STILL = MotionTrack.neutral(1, 25)


def test_a_renderer_of_pictures_is_asked_for_the_shape():
    bundled = Animator.load("cpu")
    composed = ComposedAnimator(bundled, bundled)
    (frame,) = composed.render_in_picture(fitted(), STILL, size=256, aspect="9:16", fill="#000000")
    assert isinstance(bundled, PictureRenderer)
    assert frame.shape == (456, 256, 3)


def test_a_renderer_of_squares_is_not_asked():
    composed = ComposedAnimator(PaintedRenderer(), Animator.load("cpu"))
    with pytest.raises(VideoFormatRefused, match="square videos only") as refusal:
        composed.render_in_picture(np.zeros((256, 256, 3)), STILL, size=256, aspect="9:16", fill="blur")
    assert refusal.value.code == "aspect_not_offered"
