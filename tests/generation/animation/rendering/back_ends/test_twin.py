"""A renderer's twin draws what the renderer draws, whenever it is made."""

from __future__ import annotations

import numpy as np

from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.rendering.renderer import Renderer
from tests.generation.animation.rendered import fitted

STILL, AHEAD = np.zeros(6, np.float32), np.zeros(2, np.float32)


def shown(renderer: Renderer, blink: float) -> np.ndarray:
    actions = np.zeros(52, np.float32)
    actions[[ACTION_INDEX["eyeBlinkLeft"], ACTION_INDEX["eyeBlinkRight"]]] = blink
    return renderer.frame(actions, STILL, AHEAD, 0.0)


def test_a_twin_made_between_frames_closes_its_eyes_too():
    renderer = Renderer(fitted("tomas"), 256)
    shown(renderer, 0.0)  # from here on the back end has seen the person's texture
    assert np.array_equal(shown(renderer.twin(), 0.9), shown(renderer, 0.9))
