"""The voice as MotionFlow takes it, from what is heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.motion_conditions import VoiceSteps
from generation.animation.speech.streaming_recogniser import Heard
from generation.animation.speech.visemes import PHONE_INDEX, VOWELS

_SILENCE = PHONE_INDEX["SIL"]
_VOWELS = sorted(PHONE_INDEX[phone] for phone in VOWELS)


def speech_in(heard: Heard) -> NDArray[np.float32]:
    """How likely somebody speaks in each frame of 10 ms: (T,)."""
    return 1 - heard.posteriors[:, _SILENCE]


def push_heard(steps: VoiceSteps, heard: Heard) -> NDArray[np.float32]:
    """The rows (T, 25) that are complete with what is heard now."""
    vowel = heard.posteriors[:, _VOWELS].sum(1)
    return steps.push(heard.prosody, speech_in(heard), vowel)


def voice_rows(heard: Heard) -> NDArray[np.float32]:
    """All rows (T, 25) of a whole recording."""
    steps = VoiceSteps()
    return np.concatenate([push_heard(steps, heard), steps.finish()])
