"""Test clips of real speech, about 30 s each, joined from prompts outside the training data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.speech import motion_metrics as metrics
from benchmarks.speech.corpus import Prompt
from generation.animation.speech.audio_input import SAMPLE_RATE, prepare_samples
from generation.animation.speech.phone_segment import PhoneSegment
from generation.animation.speech.prosody import measure_prosody
from generation.animation.speech.speech_analysis import SpeechAnalysis, analyse_speech
from generation.animation.track.motion_track import MotionTrack
from generation.animation.training.procedural_animator.rhythm import Rhythm, find_rhythm

CLIP_S = 30.0
_PAUSE_S = (0.4, 1.5)


class Row(NamedTuple):
    """A row of the printed table: what is measured, its value, and the target."""

    what: str
    measured: str
    bar: str


@dataclass(frozen=True, eq=False)
class Clip:
    """About 30 s of real speech at 16 kHz, its rhythm, and its analysis."""

    samples: NDArray[np.float32]
    rhythm: Rhythm
    analysis: SpeechAnalysis

    def reference(self, track: MotionTrack) -> metrics.Reference:
        times = (np.arange(len(track)) + 0.5) / track.fps
        accents = np.array([accent.time_s for accent in self.rhythm.accents])
        return metrics.Reference(accents, self.rhythm.at(self.rhythm.activity, times))


def long_clips(prompts: list[Prompt]) -> Iterator[Clip]:
    """Clips of about CLIP_S from prompts one after the other, with pauses of noise between."""
    generator = np.random.default_rng(0)
    samples: list[NDArray[np.float32]] = []
    segments: list[tuple[str, float, float]] = []
    length = 0
    for prompt in prompts:
        spoken = prepare_samples(prompt.samples, prompt.sample_rate)
        pause = int(generator.uniform(*_PAUSE_S) * SAMPLE_RATE)
        begin = (length + pause) / SAMPLE_RATE
        samples += [1e-4 * generator.standard_normal(pause).astype(np.float32), spoken]
        segments += [(phone, begin + start, begin + end) for phone, start, end in prompt.segments]
        length += pause + len(spoken)
        if length > CLIP_S * SAMPLE_RATE:
            yield _clip(np.concatenate(samples), segments)
            samples, segments, length = [], [], 0


def _clip(samples: NDArray[np.float32], segments: list[tuple[str, float, float]]) -> Clip:
    prosody = measure_prosody(prepare_samples(samples, SAMPLE_RATE))
    spoken = []
    for phone, start, end in segments:
        first = int(start * 100)
        level = float(prosody.level_db[first : max(int(end * 100), first + 1)].max(initial=-90))
        spoken.append(PhoneSegment(phone, start, end, level))
    rhythm = find_rhythm(spoken, prosody, len(samples) / SAMPLE_RATE)
    return Clip(samples, rhythm, analyse_speech(samples, SAMPLE_RATE))
