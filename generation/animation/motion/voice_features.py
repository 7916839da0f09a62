"""Voice features: turns a SpeechAnalysis into the rows on which MotionFlow is conditioned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.motion_conditions import VoiceSteps
from generation.animation.speech.speech_analysis import SpeechAnalysis
from generation.animation.speech.visemes import PHONE_INDEX, VOWELS

_SILENCE = PHONE_INDEX["SIL"]
_VOWELS = sorted(PHONE_INDEX[phone] for phone in VOWELS)


def speech_probability(speech: SpeechAnalysis) -> NDArray[np.float32]:
    """The probability of speech in each frame of 10 ms, 0 where what sounds is no voice: (T,)."""
    return np.asarray((1 - speech.posteriors[:, _SILENCE]) * speech.quality.gate, np.float32)


def push_analysis(steps: VoiceSteps, speech: SpeechAnalysis) -> NDArray[np.float32]:
    """Push a stretch of speech to `steps`; the rows (T, 25) that are complete with it."""
    vowel = speech.posteriors[:, _VOWELS].sum(1)
    return steps.push(speech.prosody, speech_probability(speech), vowel)


def voice_rows(speech: SpeechAnalysis) -> NDArray[np.float32]:
    """All rows (T, 25) of a whole recording, 20 a second."""
    steps = VoiceSteps()
    return np.concatenate([push_analysis(steps, speech), steps.finish()])
