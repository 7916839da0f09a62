from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from generation.animation.rendering.renderer import FrameInputSequence, Renderer
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.rendered import fitted

pytestmark = pytest.mark.slow


def busy_track(frames: int) -> MotionTrack:
    time = np.arange(frames)[:, None] / 25
    actions = 0.5 + 0.5 * np.sin(time * 5 + np.arange(len(ARKIT_ACTIONS)))
    pose = np.sin(time * 2 + np.arange(6)) * (10, 6, 5, 0.1, 0.1, 0.4)
    gaze = np.sin(time * 3 + np.arange(2)) * (12, 8)
    columns = [values.astype(np.float32) for values in (actions * 0.4, pose, gaze)]
    return MotionTrack(25, *columns)


def test_the_same_track_gives_the_same_frames():
    track = busy_track(6)
    once = list(Renderer(fitted(), 256).frames(track))
    again = list(Renderer(fitted(), 256).frames(track))
    assert all((a == b).all() for a, b in zip(once, again, strict=True))


def test_a_frame_does_not_depend_on_what_was_drawn_before_it():
    track = busy_track(6)
    *_, last = Renderer(fitted(), 256).frames(track)
    *_, inputs = FrameInputSequence().iter_frame_inputs(track)
    assert (last == Renderer(fitted(), 256).frame(*inputs)).all()


def test_frames_are_made_when_asked_for_and_belong_to_the_caller():
    frames = Renderer(fitted(), 256).frames(MotionTrack.neutral(1_000_000, 25))
    first = next(frames)
    kept = first.copy()
    next(frames)
    assert (first == kept).all()


def test_memory_does_not_grow_with_the_length_of_the_track():
    frames = Renderer(fitted(), 256).frames(busy_track(60))
    for _ in range(10):
        next(frames)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in frames:
        pass
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 400_000  # two frames of 256 x 256


def test_shoulders_breathe_and_the_first_frame_is_the_portrait():
    frames = list(Renderer(fitted(), 256).frames(MotionTrack.neutral(60, 25)))
    moved = np.abs(frames[50].astype(int) - frames[0])
    assert moved[-40:].max() > 8
    assert moved[:20, :20].max() == 0
