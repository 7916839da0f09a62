"""The three speech samples with the phone times of their synthesiser."""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack

SPEECH = Path(__file__).parents[3] / "samples" / "speech"
NAMES = ("sample1_female_calm", "sample2_male_bright", "sample3_female_story")
LABELS_LATE_S = 0.05  # measured, see samples/speech/README.md


@dataclass(frozen=True, eq=False)
class SpeechSample:
    samples: NDArray[np.float32]
    sample_rate: int
    phones: tuple[tuple[str, float, float], ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate


@cache
def speech_sample(name: str) -> SpeechSample:
    with wave.open(str(SPEECH / f"{name}.wav")) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        rate = file.getframerate()
    labels = json.loads((SPEECH / f"{name}.phones.json").read_text())["phones"]
    phones = tuple((p, max(0.0, a - LABELS_LATE_S), max(0.0, b - LABELS_LATE_S)) for p, a, b in labels)
    return SpeechSample((data / 32768).astype(np.float32), rate, phones)


def action(track: MotionTrack, name: str) -> NDArray[np.float32]:
    return track.actions[:, ARKIT_ACTIONS.index(name)]


def lip_gap(track: MotionTrack) -> NDArray[np.float32]:
    """How far the jaw parts the lips; 0 when mouthClose undoes all of jawOpen."""
    return action(track, "jawOpen") - action(track, "mouthClose")


def frames_between(track: MotionTrack, start_s: float, end_s: float) -> slice:
    return slice(max(0, int(start_s * track.fps)), int(np.ceil(end_s * track.fps)) + 1)
