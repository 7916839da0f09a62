"""Training examples of MotionFlow: clips of speech with motion plans made by the procedural animator."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.animation.motion.controls import SPEAKING_STYLES, MotionControls
from generation.animation.motion.motion_conditions import (
    NEUTRAL,
    TRAINED_EMOTIONS,
    VOICE_WIDTH,
    ControlVector,
    VoiceSteps,
    training_label,
)
from generation.animation.motion.motion_plan import PLAN_RATE, Plan
from generation.animation.speech.audio_input import SAMPLE_RATE, prepare_samples
from generation.animation.speech.phone_segment import PhoneSegment
from generation.animation.speech.prosody import PROSODY_RATE, Prosody, measure_prosody
from generation.animation.speech.visemes import VOWELS
from generation.animation.training.examples.augmentation import augment
from generation.animation.training.examples.utterance import Utterance
from generation.animation.training.procedural_animator.animate import animate
from generation.animation.training.procedural_animator.rhythm import find_rhythm

logger = logging.getLogger(__name__)

_CLIP_S = (5.0, 20.0)
_PAUSE_S = (0.25, 2.2)


@dataclass(frozen=True, eq=False)
class MotionExample:
    """One example: voice features `voice` (T, 25), motion plan `plan` (T, 18) and the controls as a label."""

    voice: NDArray[np.float32]
    plan: Plan
    control_vector: ControlVector


def make_motion_examples(utterances: Iterable[Utterance], takes: int, seed: int) -> list[MotionExample]:
    """Join utterances to clips and animate each `takes` times, with random controls."""
    generator = np.random.default_rng(seed)
    result: list[MotionExample] = []
    for number, clip in enumerate(join_utterances(utterances, generator)):
        voice, duration_s, prosody = _voice_features(clip, generator)
        segments = tuple(
            PhoneSegment(phone, start, end, _loudest(prosody, start, end))
            for phone, start, end in clip.segments
        )
        rhythm = find_rhythm(segments, prosody, duration_s)
        for stream in generator.spawn(takes):
            controls = random_controls(stream)
            plan = animate(rhythm, len(voice), controls, stream)
            result.append(MotionExample(voice, plan, training_label(controls)))
        if number % 100 == 99:
            logger.info("%d clips animated", number + 1)
    return result


def join_utterances(utterances: Iterable[Utterance], generator: np.random.Generator) -> Iterator[Utterance]:
    """Clips of several augmented utterances with pauses between, 6 to 22 seconds long."""
    samples: list[NDArray[np.float32]] = []
    segments: list[tuple[str, float, float]] = []
    length, wanted = 0, generator.uniform(*_CLIP_S)
    for spoken in utterances:
        pause = int(generator.uniform(*_PAUSE_S) * SAMPLE_RATE * (1 if samples else 0.4))
        augmented = augment(spoken, generator)
        begin = (length + pause) / SAMPLE_RATE
        samples += [0.002 * generator.standard_normal(pause).astype(np.float32), augmented.samples]
        segments += [(phone, begin + start, begin + end) for phone, start, end in augmented.segments]
        length += pause + len(augmented.samples)
        if length > wanted * SAMPLE_RATE:
            yield Utterance(np.concatenate(samples), tuple(segments))
            samples, segments, length, wanted = [], [], 0, generator.uniform(*_CLIP_S)


def random_controls(generator: np.random.Generator) -> MotionControls:
    """Random controls, most of them at their defaults, as most users leave them."""

    def sometimes(chance: float, low: float, high: float, otherwise: float) -> float:
        value = float(generator.uniform(low, high))
        return value if generator.random() < chance else otherwise

    return MotionControls(
        emotion=NEUTRAL if generator.random() < 0.35 else str(generator.choice(TRAINED_EMOTIONS)),
        emotion_intensity=float(generator.uniform(0.2, 1.0)),
        valence=sometimes(0.25, 0.0, 1.0, 0.5),
        arousal=sometimes(0.25, 0.0, 1.0, 0.5),
        style=str(generator.choice(SPEAKING_STYLES)),
        gaze_yaw=sometimes(0.3, -30, 30, 0.0),
        gaze_pitch=sometimes(0.3, -20, 20, 0.0),
        head_distance=sometimes(0.2, 0.7, 1.4, 1.0),
        blinks_per_minute=sometimes(0.6, 0.0, 40.0, 16.0),
    )


def _voice_features(
    clip: Utterance, generator: np.random.Generator
) -> tuple[NDArray[np.float32], float, Prosody]:
    """Voice features (T, 25) as at inference, where phone probabilities are soft and times inexact; duration
    in seconds; prosody."""
    prosody = measure_prosody(prepare_samples(clip.samples, SAMPLE_RATE))
    count = len(prosody.level_db)
    speech, vowel = np.zeros(count), np.zeros(count)
    for phone, start, end in clip.segments:
        shift = generator.normal(0.0, 0.01)
        piece = slice(max(0, round((start + shift) * PROSODY_RATE)), round((end + shift) * PROSODY_RATE))
        speech[piece] = phone != "SIL"
        vowel[piece] = phone in VOWELS
    soft = [
        np.clip(gaussian_filter1d(curve, 2.0) + generator.normal(0, 0.03, count), 0, 1).astype(np.float32)
        for curve in (speech, vowel)
    ]
    steps = VoiceSteps()
    voice = np.concatenate([steps.push(prosody, *soft), steps.finish()])
    assert voice.shape == (-(-count * PLAN_RATE // PROSODY_RATE), VOICE_WIDTH)  # noqa: S101
    return voice, count / PROSODY_RATE, prosody


def _loudest(prosody: Prosody, start_s: float, end_s: float) -> float:
    first = min(int(start_s * PROSODY_RATE), len(prosody.level_db) - 1)
    return float(prosody.level_db[first : max(int(end_s * PROSODY_RATE), first + 1)].max())
