"""Motion for live speech: in time, and independent of chunk boundaries."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from generation.animation import Animator, MotionControls, MotionTrack
from generation.animation.motion.generator import MotionGenerator, drive, live_delay_s
from generation.animation.motion.planner import LIVE
from generation.animation.motion.voice_driven.conversation import Conversation
from generation.animation.motion.voices import Voices
from generation.animation.speech.acoustic_features import encoder_features
from generation.animation.speech.audio_input import UnusableAudioError
from generation.animation.speech.speech_analysis import SpeechAnalysis, analyse_speech
from generation.animation.speech.streaming_recogniser import HOP_S
from generation.animation.track.motion_track import concatenate_tracks
from tests.generation.animation.rendered import fitted
from tests.generation.animation.speech_samples import lip_gap, speech_sample

pytestmark = pytest.mark.slow
CHUNK = 120  # samples, 5 ms
LATEST_S = 0.215  # what docs/motion.md says of 24 frames a second and more, at any sample rate
SECONDS, FPS = 3.0, 40


def _speech() -> tuple[np.ndarray, int]:
    sample = speech_sample("sample1_female_calm")
    return sample.samples[: int(SECONDS * sample.sample_rate)], sample.sample_rate


def _chunks(size: int) -> Iterator[np.ndarray]:
    samples, _ = _speech()
    for start in range(0, len(samples), size):
        yield samples[start : start + size]


def _streamed(
    size: int, seed: int = 0, controls: MotionControls | None = None, fps: float = FPS
) -> MotionTrack:
    pieces = Animator.load("cpu").stream(_chunks(size), _speech()[1], fps=fps, seed=seed, controls=controls)
    return concatenate_tracks(list(pieces))


@pytest.mark.parametrize("fps", [5, 24, 25, 40, 60])
def test_the_motion_does_not_depend_on_where_the_voice_was_cut(fps: float) -> None:
    small, large, whole = (_streamed(size, fps=fps) for size in (333, 7000, 10**7))
    assert len(small) == len(large) == len(whole) == SECONDS * fps
    for other in (large, whole):
        assert np.allclose(small.actions, other.actions, rtol=0, atol=1e-6)
        assert np.allclose(small.head_pose, other.head_pose, rtol=0, atol=1e-6)
        assert np.allclose(small.gaze, other.gaze, rtol=0, atol=1e-6)


def test_the_first_frame_waits_until_its_middle_is_final() -> None:
    generator = MotionGenerator(MotionControls(), 0, FPS, LIVE)
    speech = analyse_speech(*_speech())
    first, second = (
        Voices(speech.between(*span), SpeechAnalysis.silent(span[1] - span[0])) for span in ((0, 3), (3, 5))
    )
    assert not len(generator.push(first))
    assert len(generator.push(second))


def test_a_chunk_that_ends_no_step_of_the_analysis_plans_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[int] = []
    plan_ahead = Conversation.plan_ahead

    def counted(plan: Conversation, voice: np.ndarray, other: np.ndarray) -> np.ndarray:
        planned.append(len(voice))
        return plan_ahead(plan, voice, other)

    monkeypatch.setattr(Conversation, "plan_ahead", counted)
    pieces = list(Animator.load("cpu").stream(_chunks(CHUNK), _speech()[1], fps=FPS))
    assert sum(map(len, pieces)) == SECONDS * FPS
    assert len(planned) <= SECONDS / HOP_S + 1


@pytest.mark.parametrize("fps", [24, 25, 40, 60])
def test_every_frame_comes_as_soon_after_its_moment_as_is_promised(fps: float) -> None:
    given, shown, rate, latest_s = 0, 0, _speech()[1], 0.0

    def chunks() -> Iterator[np.ndarray]:
        nonlocal given
        for chunk in _chunks(CHUNK):
            given += len(chunk)
            yield chunk

    for piece in Animator.load("cpu").stream(chunks(), rate, fps=fps):
        # The first frame of a piece has waited longest.
        latest_s = max(latest_s, given / rate - (shown + 0.5) / fps)
        shown += len(piece)
    assert shown == SECONDS * fps
    promised_s = live_delay_s(fps, rate)
    assert promised_s - 0.02 < latest_s <= promised_s + CHUNK / rate
    assert promised_s < LATEST_S


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
        next(iter(Animator.load("cpu").stream([np.zeros((2, 3), np.float32)], 16_000)))
    with pytest.raises(UnusableAudioError):
        next(iter(Animator.load("cpu").stream([np.zeros(100, np.float32)], 3_000)))


def test_a_long_recording_is_driven_in_pieces_of_which_the_first_come_before_the_rest_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    speech, rate = _speech()
    long = np.tile(speech, 11)
    heard: list[int] = []

    def listen(mel: torch.Tensor) -> torch.Tensor:
        heard.append(mel.shape[-1])
        return encoder_features(mel)

    monkeypatch.setattr("generation.animation.speech.speech_analysis.encoder_features", listen)
    pieces = Animator.load("cpu").drive_in_pieces(long, rate, fps=FPS, seed=3)
    first = next(pieces)
    assert sum(heard) <= 2 * 1000
    assert 0 < len(first) < 8 * FPS
    driven = concatenate_tracks([first, *pieces])
    assert sum(heard) > 3300
    whole = drive(long, rate, fps=FPS, seed=3)
    assert (driven.actions == whole.actions).all()
    assert (driven.head_pose == whole.head_pose).all()
    assert (driven.gaze == whole.gaze).all()


def test_a_short_recording_is_driven_at_once() -> None:
    speech, rate = _speech()
    first, rest = Animator.load("cpu").drive_in_pieces(speech, rate, fps=FPS, seed=3)
    assert len(first) + len(rest) == SECONDS * FPS
