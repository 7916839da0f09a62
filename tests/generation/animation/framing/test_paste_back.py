"""The person animated inside the picture: a bundled portrait with room around the head."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from generation.animation.animator import Animator
from generation.animation.face.face_topology import FACE_OVAL
from generation.animation.framing.backdrop import draw_backdrop
from generation.animation.framing.paste_back import JOIN, edges_inside, shown_movement
from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused, view_of
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.pictures import portrait
from tests.generation.animation.rendered import fitted, psnr

ROOM = 200  # pixels put around the bundled portrait, in its own edge colours
ASPECTS = ("picture", "9:16", "16:9")


@cache
def with_room() -> FittedPortrait:
    """The bundled portrait as a part of a larger picture, without being fitted again."""
    alone = fitted()
    picture = cv2.copyMakeBorder(portrait("amara"), ROOM, ROOM, ROOM, ROOM, cv2.BORDER_REFLECT_101)
    left, top, side = alone.square
    return replace(alone, picture=np.asarray(picture, np.uint8), square=(left + ROOM, top + ROOM, side))


def moving() -> MotionTrack:
    """At rest, then turned, tilted, shifted and coming closer with an open mouth."""
    actions = np.zeros((3, 52), np.float32)
    head_pose = np.zeros((3, 6), np.float32)
    actions[1:, MotionTrack.ACTIONS.index("jawOpen")] = 0.4
    head_pose[1] = (8, -4, 5, 0.04, 0.03, 0.3)
    head_pose[2] = (-8, 4, -5, -0.04, -0.03, -0.3)
    return MotionTrack(fps=1, actions=actions, head_pose=head_pose, gaze=np.zeros((3, 2), np.float32))


@cache
def video(aspect: str, size: int = 300) -> list[np.ndarray]:
    return list(Animator.load("cpu").render_in_picture(with_room(), moving(), size=size, aspect=aspect))


def view(aspect: str, size: int = 300):
    height, width = with_room().picture.shape[:2]
    return view_of(VideoFormat(aspect=aspect, size=size), width, height, with_room().square)


@pytest.mark.slow
@pytest.mark.parametrize("aspect", ASPECTS)
def test_at_rest_it_is_the_picture(aspect):
    still = draw_backdrop(with_room().picture, view(aspect), "blur")
    first = video(aspect)[0]
    assert first.shape == still.shape
    assert psnr(first, still) > 38  # the frame is sampled twice, the rest once


@pytest.mark.parametrize("aspect", ASPECTS)
def test_nothing_moves_outside_of_the_frame_nor_at_its_edges(aspect):
    seen, frames = view(aspect), video(aspect)
    join = int(JOIN * seen.frame / 512)
    moves = np.abs(np.stack(frames[1:]).astype(int) - frames[0]).max((0, 3)) > 0
    rows, columns = np.flatnonzero(moves.any(1)), np.flatnonzero(moves.any(0))
    assert seen.frame_x + join <= columns[0] or seen.frame_x <= 0
    assert columns[-1] < seen.frame_x + seen.frame - join or seen.frame_x + seen.frame >= seen.width
    assert seen.frame_y + join <= rows[0] or seen.frame_y <= 0
    assert rows[-1] < seen.frame_y + seen.frame - join or seen.frame_y + seen.frame >= seen.height


@pytest.mark.parametrize("aspect", ASPECTS)
def test_there_is_no_edge_between_frame_and_picture(aspect):
    seen = view(aspect)
    still = draw_backdrop(with_room().picture, seen, "blur").astype(float)
    first, row = video(aspect)[0].astype(float), slice(seen.frame_y + 4, seen.frame_y + seen.frame - 4)
    for column in (seen.frame_x, seen.frame_x + seen.frame, seen.frame_x + round(JOIN * seen.frame / 512)):
        if 0 < column < seen.width:
            steps = [np.abs(one[row, column] - one[row, column - 1]).mean() for one in (first, still)]
            assert steps[0] < steps[1] + 0.5


def test_the_person_moves_shoulders_included():
    first, turned, _ = video("picture")
    seen = view("picture")
    chin = seen.frame_y + round((with_room().points[152, 1] + 40) / 512 * seen.frame)
    assert psnr(first, turned) < 35
    assert psnr(first[chin : chin + 12], turned[chin : chin + 12]) < 40


def test_the_face_moves_freely():
    points = fitted().points
    source = fitted().surface.source
    outline = points[list(FACE_OVAL), :2].astype(np.float32)
    inside = [cv2.pointPolygonTest(outline, (float(x), float(y)), False) > 0 for x, y in source]
    edges = edges_inside(with_room(), view("picture"))
    assert (shown_movement(fitted(), edges)[inside] == 1).all()


def test_beyond_the_picture_is_the_chosen_colour():
    animator, close = Animator.load("cpu"), fitted("amara")
    track = MotionTrack.neutral(1, 25)
    (frame,) = animator.render_in_picture(close, track, size=256, aspect="16:9", fill="#102030")
    assert (frame[:, :80] == (16, 32, 48)).all()
    assert (frame[:, -80:] == (16, 32, 48)).all()
    (blurred,) = animator.render_in_picture(close, track, size=256, aspect="16:9")
    assert np.abs(np.diff(blurred[:40, 70:110].astype(int), axis=1)).max() < 24  # the wall goes on


def test_a_face_that_is_small_in_the_video_is_drawn_larger_and_averaged():
    seen = view("picture")
    assert seen.frame < 256
    half = cv2.resize(
        video("picture", 600)[1], video("picture")[1].shape[1::-1], interpolation=cv2.INTER_AREA
    )
    assert psnr(half, video("picture")[1]) > 30


def test_a_picture_that_does_not_suffice_is_refused_at_once():
    with pytest.raises(VideoFormatRefused):
        Animator.load("cpu").render_in_picture(
            replace(fitted(), picture=portrait("amara")[:300, :300], square=(50.0, 0.0, 250.0)),
            MotionTrack.neutral(1, 25),
            size=1080,
        )
