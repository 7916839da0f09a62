"""The report on real renders, good ones and ones that are broken on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from generation.animation import Animator, MotionTrack
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.renderer import Renderer
from generation.pipeline.pixel_report.report import PixelReport, PixelWatch, facing
from generation.quality import Finding
from tests.generation.animation.pictures import portrait
from tests.generation.animation.rendered import fitted
from tests.generation.animation.speech_samples import speech_sample

pytestmark = pytest.mark.slow  # each renders a face or more

SIZE, FPS, SECONDS = 256, 25.0, 3.6
Frames = Iterator[np.ndarray]
Report = Callable[[Callable[[MotionTrack], Frames]], PixelReport]


@pytest.fixture(scope="module")
def report() -> Report:
    """The report of a portrait that speaks for four seconds, of frames that are made from its track."""
    sample = speech_sample("sample3_female_story")
    speech = sample.samples[: round(SECONDS * sample.sample_rate)]
    track = Animator.load("cpu").drive(speech, sample.sample_rate, fps=FPS)

    def _report(frames: Callable[[MotionTrack], Frames]) -> PixelReport:
        watch = PixelWatch(portrait("amara"), FPS, (0, len(track)))
        assert sum(1 for _ in watch.watch(frames(track), track)) == len(track)
        return watch.report(track, speech, sample.sample_rate)

    return _report


def rendered(face: FittedPortrait) -> Callable[[MotionTrack], Frames]:
    return lambda track: Renderer(face, SIZE).frames(track)


def test_a_good_rendition_reaches_all_bars(report: Report) -> None:
    good = report(rendered(fitted("amara")))
    assert good.findings == ()
    assert good.measures.faces == good.measures.frames >= 16
    assert good.measures.closures_kept == good.measures.closures >= 1
    assert good.measures.openings_kept == good.measures.openings >= 3
    assert good.measures.appearance_apart is not None
    assert good.measures.appearance_apart < 0.2


def test_skin_is_not_compared_while_the_head_is_turned_far() -> None:
    still = MotionTrack.neutral(50, FPS)
    turned = still.head_pose.copy()
    turned[:, 0] = np.linspace(0, 30, 50)
    chosen = facing(MotionTrack(FPS, still.actions, turned, still.gaze), frozenset(range(0, 50, 4)))
    assert chosen == {0, 4, 8, 12}
    turned[:, 0] = 20
    assert facing(MotionTrack(FPS, still.actions, turned, still.gaze), frozenset(range(50))) == frozenset()


def test_lips_that_stand_still_are_seen(report: Report) -> None:
    mouth = [name.startswith(("mouth", "jaw")) for name in MotionTrack.ACTIONS]

    def frames(track: MotionTrack) -> Frames:
        actions = np.where(mouth, 0, track.actions).astype(np.float32)
        return Renderer(fitted("amara"), SIZE).frames(replace(track, actions=actions))

    assert report(frames).findings == (Finding.LIPS_STAY_CLOSED,)


def test_another_face_is_seen(report: Report) -> None:
    assert Finding.FACE_CHANGED in report(rendered(fitted("kenji"))).findings


def test_a_hole_in_the_cheek_is_seen(report: Report) -> None:
    face = fitted("amara")
    surface = face.surface
    cheek = face.points[280, :2]

    def far(triangles: np.ndarray, radius: float) -> np.ndarray:
        away = np.hypot(*(surface.source[triangles].mean(1) - cheek).T)
        return np.asarray(triangles[away > radius])

    holed = replace(surface, skin=far(surface.skin, 30), relief=far(surface.relief, 45))
    assert Finding.TORN in report(rendered(replace(face, surface=holed))).findings


def test_a_picture_without_a_face_is_seen(report: Report) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (SIZE, SIZE, 3)).astype(np.uint8)
    found = report(lambda track: (np.roll(noise, 9 * i, axis=1) for i in range(len(track))))
    assert found.findings == (Finding.FACE_LOST,)
    assert found.measures.appearance_apart is None


def test_a_picture_that_stops_is_seen(report: Report) -> None:
    def frames(track: MotionTrack) -> Frames:
        shown = list(Renderer(fitted("amara"), SIZE).frames(track))
        yield from (shown[30 if 30 < number < 70 else number] for number in range(len(shown)))

    assert Finding.STILL in report(frames).findings


def test_a_video_in_stretches_is_looked_at_in_each_by_the_same_bars(report: Report) -> None:
    """What each stretch shows is asked of its own motion: nobody knows the rest while it is made."""
    sample = speech_sample("sample3_female_story")
    speech = sample.samples[: round(SECONDS * sample.sample_rate)]
    track = Animator.load("cpu").drive(speech, sample.sample_rate, fps=FPS)
    cuts = (0, 40, len(track))
    frames = list(Renderer(fitted("amara"), SIZE).frames(track))

    def found(order: list[int]) -> PixelReport:
        watch = PixelWatch(portrait("amara"), FPS, cuts)
        for number in order:
            stretch = slice(*cuts[number : number + 2])
            part = track.between(stretch.start, stretch.stop)
            assert sum(1 for _ in watch.watch(iter(frames[stretch]), part, stretch.start)) == len(part)
        return watch.report(track, speech, sample.sample_rate)

    good = found([0, 1])
    assert good == found([1, 0])
    assert good.findings == ()
    assert good.measures.faces == good.measures.frames >= 16
    assert good.measures.openings_kept == good.measures.openings >= 3
    assert good.measures.appearance_apart == pytest.approx(
        report(rendered(fitted("amara"))).measures.appearance_apart, abs=0.05
    )
