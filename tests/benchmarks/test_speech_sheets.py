"""Sheets and plots to judge performances by cover every sample, emotion and portrait, and unseen voices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.rendering.portraits import read_picture
from benchmarks.speech.corpus import Prompt
from benchmarks.speech.sheets import FACES, SAMPLES, held_out, performances, plot
from generation.animation import MotionTrack
from generation.animation.motion.controls import EMOTIONS


def test_every_sample_is_performed_with_every_emotion_on_four_portraits() -> None:
    assert {(performance.speech, performance.emotion) for performance in performances()} == {
        (s, e) for s in SAMPLES for e in EMOTIONS
    }
    assert len(performances()) == 24
    assert len(FACES) == 4


def test_a_performance_is_the_same_whichever_are_chosen() -> None:
    (alone,) = performances(SAMPLES[1:2], ["sad"])
    assert alone.seed == next(performance for performance in performances() if performance == alone).seed == 1
    assert alone.name == f"{SAMPLES[1]}-sad"


def test_held_out_recordings_are_of_the_half_that_nothing_was_tuned_on() -> None:
    prompts = [Prompt(f"en/{i}", np.zeros(800 + i, np.float32), 8000, ()) for i in range(40)]
    chosen = held_out(prompts, 5)
    assert len(chosen) == 5
    assert not any(prompt.for_tuning for prompt in chosen)
    assert len(chosen[0].samples) == max(len(p.samples) for p in prompts if not p.for_tuning)


@pytest.mark.slow
def test_a_plot_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "clip-plot.png"
    voice = np.sin(np.arange(8000) / 20).astype(np.float32)
    plot(voice, 8000, [("AA", 0.1, 0.4), ("SIL", 0.4, 1.0)], MotionTrack.neutral(40, 40), path)
    assert min(read_picture(path).shape[:2]) > 500
