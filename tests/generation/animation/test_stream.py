"""A voice that is still arriving moves a face in time, the same way however it was cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from generation.animation import Animator, MotionControls, MotionTrack
from generation.animation.audio_features import UnusableAudioError
from generation.animation.drive import drive, joined
from tests.generation.animation.rendered import fitted
from tests.generation.animation.speech_samples import lip_gap, speech_sample

pytestmark = pytest.mark.slow
SECONDS, FPS = 3.0, 40
LATEST_S = 0.2


def _speech() -> tuple[np.ndarray, int]:
    sample = speech_sample("sample1_female_calm")
    return sample.samples[: int(SECONDS * sample.sample_rate)], sample.sample_rate


def _chunks(size: int) -> Iterator[np.ndarray]:
    samples, _ = _speech()
    for start in range(0, len(samples), size):
        yield samples[start : start + size]


def _streamed(size: int, seed: int = 0, controls: MotionControls | None = None) -> MotionTrack:
    pieces = Animator.load("cpu").stream(_chunks(size), _speech()[1], fps=FPS, seed=seed, controls=controls)
    return joined(list(pieces))


def test_the_motion_does_not_depend_on_where_the_voice_was_cut() -> None:
    small, large, whole = _streamed(333), _streamed(7000), _streamed(10**7)
    assert len(small) == len(large) == len(whole) == SECONDS * FPS
    for other in (large, whole):
        assert np.allclose(small.actions, other.actions, atol=1e-4)
        assert np.allclose(small.head_pose, other.head_pose, atol=1e-3)
        assert np.allclose(small.gaze, other.gaze, atol=1e-3)


def test_frames_come_while_the_voice_is_arriving() -> None:
    given = 0

    def chunks() -> Iterator[np.ndarray]:
        nonlocal given
        for chunk in _chunks(480):
            given += len(chunk)
            yield chunk

    rate, shown = _speech()[1], 0
    for piece in Animator.load("cpu").stream(chunks(), rate, fps=FPS):
        shown += len(piece)
        # The last frame of the piece is due at its own moment.
        assert given / rate - shown / FPS < LATEST_S + 480 / rate
    assert shown == SECONDS * FPS


def test_the_lips_are_those_of_the_recording() -> None:
    samples, rate = _speech()
    apart = np.abs(lip_gap(_streamed(800)) - lip_gap(drive(samples, rate, fps=FPS)))
    assert apart.mean() < 0.06


def test_controls_and_seed_hold_for_a_live_voice() -> None:
    still = _streamed(2000, controls=MotionControls(head_motion=0.0, gaze_yaw=12.0))
    assert not still.head_pose.any()
    assert np.median(still.gaze[:, 0]) == pytest.approx(12.0, abs=2.0)
    assert not np.allclose(_streamed(2000, seed=1).head_pose, _streamed(2000, seed=2).head_pose)


def test_a_live_performance_is_rendered_piece_by_piece() -> None:
    pieces = 0

    def counted() -> Iterator[MotionTrack]:
        nonlocal pieces
        for piece in Animator.load("cpu").stream(_chunks(1200), _speech()[1], fps=25):
            pieces += 1
            yield piece

    frames = Animator.load("cpu").render(fitted(), counted(), size=256)
    assert next(frames).shape == (256, 256, 3)
    assert pieces == 1


def test_a_live_voice_that_cannot_be_used_is_refused_at_once() -> None:
    with pytest.raises(UnusableAudioError):
        next(iter(Animator.load("cpu").stream([np.zeros((2, 2), np.float32)], 16_000)))
    with pytest.raises(UnusableAudioError):
        next(iter(Animator.load("cpu").stream([np.zeros(100, np.float32)], 3_000)))
