from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from generation.animation import Animator
from generation.animation.framing.paste_back import InPicture
from generation.animation.framing.video_format import VideoFormat
from generation.animation.rendering.backends.backend import backend_for
from generation.animation.rendering.renderer import Renderer
from generation.animation.rendering.threaded import frames_ahead
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.rendered import fitted
from tests.generation.animation.rendering.test_render_stream import busy_track

pytestmark = pytest.mark.slow


def test_threads_give_the_frames_of_one_renderer_in_order():
    track = busy_track(9)
    alone = list(Renderer(fitted(), 256).frames(track))
    together = list(frames_ahead(fitted(), 256, backend_for("cpu"), [track], 3))
    assert len(together) == 9
    assert all((a == b).all() for a, b in zip(alone, together, strict=True))


def test_only_a_few_frames_are_made_ahead():
    frames = frames_ahead(fitted(), 256, backend_for("cpu"), [MotionTrack.neutral(100_000, 25)], 2)
    assert next(frames).shape == (256, 256, 3)


def test_threads_end_with_the_iterator():
    frames = frames_ahead(fitted(), 256, backend_for("cpu"), [MotionTrack.neutral(50, 25)], 2)
    next(frames)
    frames.close()
    assert not [
        t for t in threading.enumerate() if t.name.startswith("render") and not t.daemon and t.is_alive()
    ]


def test_what_a_frame_raises_is_raised_in_its_place():
    class Broken:
        def draw(self, *_: object) -> np.ndarray:
            raise MemoryError("no room for a frame")

    with pytest.raises(MemoryError, match="no room"):
        list(frames_ahead(fitted(), 256, lambda faces, size: Broken(), [MotionTrack.neutral(3, 25)], 2))


def test_a_stretch_rendered_by_itself_is_what_the_whole_shows_there():
    track = busy_track(9)
    whole = list(Renderer(fitted(), 256).frames(track))
    stretch = list(frames_ahead(fitted(), 256, backend_for("cpu"), [track], 2, range(4, 8)))
    assert len(stretch) == 4
    assert all((a == b).all() for a, b in zip(whole[4:8], stretch, strict=True))


def test_stretches_of_one_face_share_their_renderers_and_show_what_the_whole_shows():
    face = replace(fitted())  # nothing is kept with it yet
    track = busy_track(9)
    whole = list(Renderer(face, 256).frames(track))
    kept = []
    for stretch in (range(5, 9), range(3), range(3, 5)):
        made = list(frames_ahead(face, 256, backend_for("cpu"), [track], 2, stretch))
        assert all((a == b).all() for a, b in zip(whole[stretch.start : stretch.stop], made, strict=True))
        kept.append(face.kept[256, backend_for("cpu"), 2])
    assert kept[0] is kept[1] is kept[2]


def test_two_stretches_at_a_time_have_renderers_of_their_own():
    face = replace(fitted())
    track = busy_track(6)
    whole = list(Renderer(face, 256).frames(track))
    one, other = (
        frames_ahead(face, 256, backend_for("cpu"), [track], 1, part) for part in (range(3), range(3, 6))
    )
    made = [frame for pair in zip(one, other, strict=True) for frame in pair]
    expected = [whole[number] for number in (0, 3, 1, 4, 2, 5)]
    assert all((a == b).all() for a, b in zip(expected, made, strict=True))


def test_a_face_that_is_forgotten_keeps_nothing():
    face = replace(fitted())
    animator = Animator.load("cpu")
    for video in (VideoFormat(size=256), VideoFormat(size=256, aspect="picture")):
        list(animator.render_stretch(face, busy_track(2), video=video, frames=range(2)))
    held = [one.held for one in face.kept.values() if isinstance(one, InPicture)]
    assert len(held) == 1
    assert held[0].kept
    animator.forget(face)
    assert face.kept == held[0].kept == {}
