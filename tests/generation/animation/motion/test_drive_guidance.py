"""One scale of guidance for each condition: a larger one strengthens what its condition does."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation import Animator, Guidance, GuidanceInvalid, MotionControls
from generation.animation.track.motion_track import concatenate_tracks
from tests.generation.animation.speech_samples import action, speech_sample

SURPRISED, LIVELY = MotionControls(emotion="surprised"), MotionControls(style="lively")
FPS = 10


def _speech() -> tuple[np.ndarray, int]:
    sample = speech_sample("sample1_female_calm")
    return sample.samples[: int(2.5 * sample.sample_rate)], sample.sample_rate


def _brows(guidance: Guidance | None) -> float:
    track = Animator.load("cpu").drive(*_speech(), controls=SURPRISED, seed=1, fps=FPS, guidance=guidance)
    return float(action(track, "browInnerUp")[FPS:].mean())  # once the feeling has come


def _head_speed(guidance: Guidance | None) -> float:
    audio, rate = _speech()
    animator = Animator.load("cpu")
    pieces = animator.stream([audio], rate, controls=LIVELY, seed=1, fps=FPS, guidance=guidance)
    return float(np.abs(np.diff(concatenate_tracks(list(pieces)).head_pose[:, :3], axis=0)).mean() * FPS)


@pytest.mark.slow
def test_a_larger_scale_strengthens_an_emotion() -> None:
    left_out, followed, strengthened = (_brows(Guidance(emotion=scale)) for scale in (0.0, 1.0, 2.0))
    assert left_out + 0.1 < followed
    assert followed + 0.02 < strengthened


@pytest.mark.slow
def test_a_larger_scale_strengthens_a_speaking_style_live_as_well() -> None:
    followed, strengthened = (_head_speed(Guidance(style=scale)) for scale in (1.0, 2.0))
    assert 1.1 * followed < strengthened


@pytest.mark.slow
def test_without_guidance_everything_is_as_learned() -> None:
    assert _brows(None) == _brows(Guidance())


@pytest.mark.parametrize("condition", ["voice", "emotion", "style", "gaze"])
@pytest.mark.parametrize("scale", [-0.1, 2.1, float("nan"), float("inf"), True, "1", None])
def test_a_scale_out_of_range_is_refused(condition: str, scale: object) -> None:
    with pytest.raises(GuidanceInvalid, match=condition) as refused:
        Guidance(**{condition: scale})  # type: ignore[arg-type]
    assert refused.value.code == "guidance_invalid"
    assert refused.value.field == condition
    assert refused.value.hint
