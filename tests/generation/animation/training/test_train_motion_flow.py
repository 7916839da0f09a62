"""MotionFlow can be trained from the repository: data, a few steps, going on after an interruption."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.motion_conditions import VOICE_WIDTH
from generation.animation.motion.motion_plan import BLINK, HEAD, WIDTH
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack
from generation.animation.training.examples.captures import (
    CaptureWithoutConsent,
    load_captures,
    plan_from_track,
)
from generation.animation.training.examples.motion_examples import (
    MotionExample,
    make_motion_examples,
    random_controls,
)
from generation.animation.training.examples.utterance import Utterance
from generation.animation.training.train_motion_flow import Clips, sample_batch, train
from tests.generation.animation.speech_samples import NAMES, SPEECH, speech_sample

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def examples() -> list[MotionExample]:
    """Two examples to each of a few clips of the bundled speech, whose phones are known."""
    utterances = []
    for name in NAMES:
        sample = speech_sample(name)
        at = np.arange(int(sample.duration_s * 16_000)) / 16_000
        samples = np.interp(at, np.arange(len(sample.samples)) / sample.sample_rate, sample.samples)
        utterances.append(Utterance(samples.astype(np.float32), sample.phones))
    return make_motion_examples(utterances, takes=2, seed=1)


def test_examples_are_made_the_same_way_twice_and_differ_among_themselves(
    examples: list[MotionExample],
) -> None:
    first, second = examples[:2]
    assert first.voice.shape == (len(first.plan), VOICE_WIDTH)
    assert first.plan.shape[1] == WIDTH
    assert np.array_equal(first.voice, second.voice)
    assert np.abs(first.plan[:, HEAD] - second.plan[:, HEAD]).max() > 1
    assert 0.9 < max(example.plan[:, BLINK].max() for example in examples) <= 1


def test_training_goes_on_where_it_stopped(examples: list[MotionExample], tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    for folder in (whole, halves):
        folder.mkdir()
    torch.set_num_threads(1)
    at_once = train(examples, 6, 0, whole, of=6)
    train(examples, 3, 0, halves, of=6)
    in_two = train(examples, 6, 0, halves, of=6)
    for one, other in zip(at_once.parameters(), in_two.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    assert (whole / "motion_flow_loss.csv").read_text().startswith("6,")


def test_batches_know_as_little_as_a_live_performance_now_and_then(examples: list[MotionExample]) -> None:
    rows, audio, controls, condition_mask = sample_batch(Clips.of(examples), 64, np.random.default_rng(0))
    assert len(rows) == len(audio) == len(controls) == len(condition_mask) == 64
    known = audio[:, :, VOICE_WIDTH + 10]
    assert 10 < int((known.min(1).values == 0).sum()) < 45
    assert 0.75 < float(condition_mask.mean()) < 0.95


def test_random_controls_are_good_ones_of_every_kind() -> None:
    drawn = [random_controls(np.random.default_rng(i)) for i in range(60)]
    assert len({controls.emotion for controls in drawn}) == 8
    assert len({controls.style for controls in drawn}) == 3


def test_a_consented_capture_becomes_an_example(tmp_path: Path) -> None:
    seconds, fps = 8.0, 60
    time = (np.arange(int(seconds * fps)) + 0.5) / fps
    actions = np.zeros((len(time), 52), np.float32)
    brow, lids = ARKIT_ACTIONS.index("browInnerUp"), ARKIT_ACTIONS.index("eyeBlinkLeft")
    actions[:, brow] = 0.3 + 0.2 * np.sin(time)
    for column in (lids, ARKIT_ACTIONS.index("eyeBlinkRight")):
        actions[:, column] = 0.1 + 0.85 * np.exp(-(((time - 3.0) / 0.06) ** 2))
    head = np.zeros((len(time), 6), np.float32)
    head[:, 0] = 4 * np.sin(0.8 * time)
    track = MotionTrack(fps, actions, head, np.zeros((len(time), 2), np.float32))
    track.to_csv(tmp_path / "capture.csv")
    (tmp_path / "capture.wav").write_bytes((SPEECH / f"{NAMES[0]}.wav").read_bytes())
    (tmp_path / "capture.json").write_text('{"consent": "form 12 of 3 May", "emotion": "happy"}')
    (example,) = load_captures(tmp_path)
    assert example.control_vector.emotion.max() == pytest.approx(MotionControls().emotion_intensity)
    plan = plan_from_track(track, len(example.plan))
    assert plan[:, BLINK].argmax() in (59, 60)
    assert plan[:, 0].max() == pytest.approx(0.5, abs=0.02)
    assert plan[:, HEAD][:, 0].max() == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize(
    "notes", [None, "{}", '{"emotion": "happy"}', '{"consent": " "}', '{"consent": true}', '["consent"]']
)
def test_a_capture_without_a_reference_to_its_consent_is_refused(tmp_path: Path, notes: str | None) -> None:
    MotionTrack.neutral(60, 60).to_csv(tmp_path / "capture.csv")
    (tmp_path / "capture.wav").write_bytes((SPEECH / f"{NAMES[0]}.wav").read_bytes())
    if notes is not None:
        (tmp_path / "capture.json").write_text(notes)
    with pytest.raises(CaptureWithoutConsent, match=r"capture\.json") as refused:
        load_captures(tmp_path)
    assert refused.value.code == "capture_without_consent"
    assert "consent" in refused.value.hint
