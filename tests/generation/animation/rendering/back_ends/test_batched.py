from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np
import pytest

from generation.animation.rendering import batched
from generation.animation.rendering.backends.torch_backend import TorchBackend
from generation.animation.rendering.renderer import FrameInputSequence, Renderer
from generation.animation.rendering.threaded import frames_ahead
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.rendered import fitted
from tests.generation.animation.rendering.test_render_stream import busy_track

pytestmark = pytest.mark.slow

SIZE = 256
torch_backend = partial(TorchBackend, device="cpu")


@pytest.fixture(autouse=True)
def three_in_a_batch(monkeypatch):
    monkeypatch.setattr(batched, "PIXELS", 3 * SIZE**2)


def turning(frames: int) -> MotionTrack:
    """A head that speaks, turns far enough to uncover what lies behind it, and turns back."""
    track = busy_track(frames)
    pose = track.head_pose.copy()
    pose[:, 0] = 18 * np.sin(np.linspace(0, 2 * np.pi, frames))
    return dataclasses.replace(track, head_pose=pose)


def test_batches_show_what_the_compiled_path_shows_to_within_a_rounding():
    track = turning(8)
    alone = list(Renderer(fitted(), SIZE).frames(track))
    together = list(frames_ahead(fitted(), SIZE, torch_backend, [track], 1))
    assert len(together) == 8
    for one, other in zip(alone, together, strict=True):
        off = np.abs(one.astype(int) - other).max(2)
        assert (off <= 1).mean() >= 0.9995
        assert off.max() <= 8


def test_frames_do_not_depend_on_how_they_are_batched(monkeypatch):
    track = turning(5)
    threes = list(frames_ahead(fitted(), SIZE, torch_backend, [track], 1))
    monkeypatch.setattr(batched, "PIXELS", 1)
    ones = list(frames_ahead(fitted(), SIZE, torch_backend, [track], 1))
    assert all((a == b).all() for a, b in zip(threes, ones, strict=True))


def test_a_batch_ends_with_its_piece_of_a_live_performance():
    asked = []

    def pieces():
        for number in range(3):
            asked.append(number)
            yield MotionTrack.neutral(2, 25)

    frames = frames_ahead(fitted(), SIZE, torch_backend, pieces(), 1)
    next(frames), next(frames)
    assert asked == [0]
    assert len(list(frames)) == 4


def test_what_a_batch_raises_is_raised_in_its_place():
    class Broken(TorchBackend):
        def draw_batch(self, scene, frames):
            raise MemoryError("no room on the card")

    with pytest.raises(MemoryError, match="no room"):
        list(frames_ahead(fitted(), SIZE, partial(Broken, device="cpu"), [MotionTrack.neutral(3, 25)], 1))


def test_the_part_of_the_texture_that_is_sent_anew_is_all_that_frames_change():
    renderer = Renderer(fitted(), SIZE)
    before = renderer.scene.person
    for inputs in FrameInputSequence().iter_frame_inputs(busy_track(4)):
        renderer.surface(inputs)
        now = renderer._eyes.person.copy()
        now[renderer.scene.changes] = before[renderer.scene.changes]
        assert (now == before).all()
    rows, columns = renderer.scene.changes
    assert (rows.stop - rows.start) * (columns.stop - columns.start) < 0.5 * before.shape[0] ** 2
