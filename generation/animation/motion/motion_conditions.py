"""The conditioning of MotionFlow: voice features in steps of 50 ms, and the controls as one vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from generation.animation.motion.controls import SPEAKING_STYLES, MotionControls
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.speech.prosody import PROSODY_RATE, Prosody

FRAMES: Final = PROSODY_RATE // PLAN_RATE  # prosody frames in a row
VOICE_FEATURES: Final = ("level", "pitch", "voiced", "speech", "vowel")
VOICE_WIDTH: Final = len(VOICE_FEATURES) * FRAMES
STRESS_WIDTH: Final = 2 * FRAMES
NEUTRAL: Final = "neutral"
# The emotions that the weights were trained with, in the order of their inputs. Any other emotion of the
# table has zero conditioning. Appending to it changes the network's input width and needs new weights.
TRAINED_EMOTIONS: Final = ("happy", "sad", "angry", "surprised", "afraid", "disgusted", "content")
# The parts of the control vector; each has a guidance scale of its own.
EMOTION_WIDTH: Final = len(TRAINED_EMOTIONS) + 2  # neutral is all zeros; then valence and arousal
STYLE_WIDTH: Final = len(SPEAKING_STYLES) + 1  # and blinks per minute
GAZE_WIDTH: Final = 3  # yaw, pitch, distance
# Usual spreads of level and pitch, in the units of voice rows, and how far around an accent none other is.
_LEVEL_SPREAD, _PITCH_SPREAD = 0.6, 0.4
_ACCENT_REACH_S = 0.35
_LEVEL_MIDDLE_DB, _LEVEL_SPREAD_DB = -30.0, 10.0
_PITCH_MEMORY_S = 4.0
_USUAL_PITCH_HZ = 150.0
_BLINKS_MIDDLE, _BLINKS_SPREAD = 16.0, 10.0


class EmotionNotTrained(ValueError):
    """MotionFlow has no input for this emotion, so that it cannot label a training example."""

    def __init__(self, emotion: str) -> None:
        known = ", ".join((NEUTRAL, *TRAINED_EMOTIONS))
        super().__init__(
            f"{emotion} cannot label a training example: MotionFlow has inputs for {known} only. "
            "Append it to TRAINED_EMOTIONS and train new weights."
        )


@dataclass(frozen=True, eq=False)
class ControlVector:
    """The input of MotionFlow for the controls, float32, each value about -1..1.

    `emotion` (EMOTION_WIDTH,), `style` (STYLE_WIDTH,), `gaze` (GAZE_WIDTH,).
    """

    emotion: NDArray[np.float32]
    style: NDArray[np.float32]
    gaze: NDArray[np.float32]


def has_conditioning(emotion: str) -> bool:
    """Whether MotionFlow was trained with this emotion; `neutral` counts, as the zero vector."""
    return emotion == NEUTRAL or emotion in TRAINED_EMOTIONS


def encode_controls(controls: MotionControls, *, blink_gain: float = 1.0) -> ControlVector:
    """Controls as vectors; a neutral face, eyes on the camera and the default distance are zeros.

    So is an emotion without conditioning. `blink_gain` multiplies the blink rate.
    """
    emotion = np.zeros(EMOTION_WIDTH, np.float32)
    if controls.emotion in TRAINED_EMOTIONS:
        emotion[TRAINED_EMOTIONS.index(controls.emotion)] = controls.emotion_intensity
    emotion[-2:] = 2 * controls.valence - 1, 2 * controls.arousal - 1
    style = np.zeros(STYLE_WIDTH, np.float32)
    style[SPEAKING_STYLES.index(controls.style)] = 1.0
    style[-1] = (blink_gain * controls.blinks_per_minute - _BLINKS_MIDDLE) / _BLINKS_SPREAD
    gaze = np.array(
        (controls.gaze_yaw / 15.0, controls.gaze_pitch / 15.0, 3 * np.log(controls.head_distance)), np.float32
    )
    return ControlVector(emotion, style, gaze)


def training_label(controls: MotionControls) -> ControlVector:
    """As `encode_controls`, for a training example. Raises EmotionNotTrained where the vector could not tell
    the emotion from neutral."""
    if not has_conditioning(controls.emotion):
        raise EmotionNotTrained(controls.emotion)
    return encode_controls(controls)


def stress_of(voice: NDArray[np.float32]) -> NDArray[np.float32]:
    """Prosodic prominence of each frame of voice rows (T, 25), and how close it is to the maximum around it:
    (T, 10). Pitch accents, to which heads nod and brows rise, are peaks of level and pitch together."""
    if not len(voice):
        return np.zeros((0, STRESS_WIDTH), np.float32)
    level, pitch, _, _, vowel = voice.reshape(-1, len(VOICE_FEATURES)).T
    prominence = vowel * np.maximum(level / _LEVEL_SPREAD + pitch / _PITCH_SPREAD + 4.0, 0.0)
    prominence = uniform_filter1d(prominence, 3, mode="nearest")
    highest = maximum_filter1d(prominence, 2 * round(_ACCENT_REACH_S * PROSODY_RATE) + 1, mode="nearest")
    peak = vowel * np.exp(-2.0 * (highest - prominence))
    stress = np.stack([0.25 * prominence, peak], axis=1)
    return np.asarray(stress.reshape(len(voice), STRESS_WIDTH), np.float32)


class VoiceSteps:
    """Groups 10 ms frames of speech into rows (T, VOICE_WIDTH) at PLAN_RATE, incrementally.

    Pitch is relative to the speaker's running mean, so that high and low voices give the same motion.
    """

    def __init__(self) -> None:
        self._rest = np.zeros((0, len(VOICE_FEATURES)), np.float32)
        self._usual = float(np.log2(_USUAL_PITCH_HZ))
        self._heard_s = 0.0

    def push(
        self, prosody: Prosody, speech: NDArray[np.float32], vowel: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The rows completed by these frames; `speech` and `vowel` (T,) are probabilities per frame. Frames
        that do not fill a row are kept for the next call."""
        level = np.clip((prosody.level_db - _LEVEL_MIDDLE_DB) / _LEVEL_SPREAD_DB, -3.0, 2.5)
        voiced = prosody.voicing * (prosody.pitch_hz > 0) * speech
        frames = np.stack([level, self._pitch(prosody, voiced), voiced, speech, vowel], axis=1)
        frames = np.concatenate([self._rest, frames.astype(np.float32)])
        rows = len(frames) // FRAMES
        self._rest = frames[rows * FRAMES :]
        return np.ascontiguousarray(frames[: rows * FRAMES].reshape(rows, VOICE_WIDTH))

    def finish(self) -> NDArray[np.float32]:
        """The last row, padded with its last frame: (1, VOICE_WIDTH), or (0, VOICE_WIDTH) if none is left."""
        if not len(self._rest):
            return np.zeros((0, VOICE_WIDTH), np.float32)
        missing = FRAMES - len(self._rest)
        return np.pad(self._rest, ((0, missing), (0, 0)), mode="edge").reshape(1, VOICE_WIDTH)

    def _pitch(self, prosody: Prosody, voiced: NDArray[np.float32]) -> NDArray[np.float64]:
        """Octaves above the running mean, doubled, 0 where nothing is voiced."""
        is_voiced = voiced > 0.5
        above = []
        for height in np.log2(prosody.pitch_hz[is_voiced]).tolist():
            self._heard_s += 1 / PROSODY_RATE
            # The plain mean at first, then an exponential moving average.
            self._usual += (height - self._usual) / (PROSODY_RATE * min(self._heard_s, _PITCH_MEMORY_S))
            above.append(height - self._usual)
        result = np.zeros(len(voiced))
        result[is_voiced] = np.clip(2 * np.array(above), -2.0, 2.0)
        return result
