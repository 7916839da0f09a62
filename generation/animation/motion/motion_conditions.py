"""What MotionFlow hears and is asked for: the voice in steps of 50 ms, and the controls as one vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from generation.animation.motion.controls import EMOTIONS, STYLES, MotionControls
from generation.animation.motion.motion_plan import PLAN_RATE
from generation.animation.speech.prosody import PROSODY_RATE, Prosody

FRAMES: Final = PROSODY_RATE // PLAN_RATE  # prosody frames in a row
VOICE_FEATURES: Final = ("level", "pitch", "voiced", "speech", "vowel")
VOICE_WIDTH: Final = len(VOICE_FEATURES) * FRAMES
STRESS_WIDTH: Final = 2 * FRAMES
# The parts of the control vector, each of which guidance can weigh on its own.
EMOTION_WIDTH: Final = len(EMOTIONS) - 1 + 2  # neutral is none of them; then valence and arousal
STYLE_WIDTH: Final = len(STYLES) + 1  # and blinks a minute
GAZE_WIDTH: Final = 3  # yaw, pitch, distance
# Usual spreads of level and pitch, in the units of voice rows, and how far around an accent none other is.
_LEVEL_SPREAD, _PITCH_SPREAD = 0.6, 0.4
_ACCENT_REACH_S = 0.35
_LEVEL_MIDDLE_DB, _LEVEL_SPREAD_DB = -30.0, 10.0
_PITCH_MEMORY_S = 4.0
_USUAL_PITCH_HZ = 150.0
_BLINKS_MIDDLE, _BLINKS_SPREAD = 16.0, 10.0


@dataclass(frozen=True, eq=False)
class ControlVector:
    """The controls as MotionFlow takes them: `emotion` (9,), `style` (4,), `gaze` (3,), about -1..1 each."""

    emotion: NDArray[np.float32]
    style: NDArray[np.float32]
    gaze: NDArray[np.float32]


def encode_controls(controls: MotionControls, *, blink_gain: float = 1.0) -> ControlVector:
    """Controls as vectors; a neutral face, eyes on the camera and the usual distance are zeros.

    `blink_gain` multiplies the blinks asked for.
    """
    emotion = np.zeros(EMOTION_WIDTH, np.float32)
    if controls.emotion != EMOTIONS[0]:
        emotion[EMOTIONS.index(controls.emotion) - 1] = controls.emotion_intensity
    emotion[-2:] = 2 * controls.valence - 1, 2 * controls.arousal - 1
    style = np.zeros(STYLE_WIDTH, np.float32)
    style[STYLES.index(controls.style)] = 1.0
    style[-1] = (blink_gain * controls.blinks_per_minute - _BLINKS_MIDDLE) / _BLINKS_SPREAD
    gaze = np.array(
        (controls.gaze_yaw / 15.0, controls.gaze_pitch / 15.0, 3 * np.log(controls.head_distance)), np.float32
    )
    return ControlVector(emotion, style, gaze)


def stress_of(voice: NDArray[np.float32]) -> NDArray[np.float32]:
    """How prominent each vowel of some voice rows (T, 25) is, and whether it stands out from those around it:
    (T, 10). Accents, to which heads nod and brows rise, are peaks of level and pitch together."""
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
    """Turns 10 ms frames of speech into rows (T, VOICE_WIDTH) at PLAN_RATE, as they come.

    Pitch is told against the speaker's own running mean, so that voices of any height move a head alike.
    """

    def __init__(self) -> None:
        self._rest = np.zeros((0, len(VOICE_FEATURES)), np.float32)
        self._usual = float(np.log2(_USUAL_PITCH_HZ))
        self._heard_s = 0.0

    def push(
        self, prosody: Prosody, speech: NDArray[np.float32], vowel: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """`speech` and `vowel` (T,) are probabilities, frame by frame. What fills no row waits."""
        level = np.clip((prosody.level_db - _LEVEL_MIDDLE_DB) / _LEVEL_SPREAD_DB, -3.0, 2.5)
        voiced = prosody.voicing * (prosody.pitch_hz > 0) * speech
        frames = np.stack([level, self._pitch(prosody, voiced), voiced, speech, vowel], axis=1)
        frames = np.concatenate([self._rest, frames.astype(np.float32)])
        rows = len(frames) // FRAMES
        self._rest = frames[rows * FRAMES :]
        return np.ascontiguousarray(frames[: rows * FRAMES].reshape(rows, VOICE_WIDTH))

    def finish(self) -> NDArray[np.float32]:
        """The last row, its missing frames like the last heard; none when nothing waits."""
        if not len(self._rest):
            return np.zeros((0, VOICE_WIDTH), np.float32)
        missing = FRAMES - len(self._rest)
        return np.pad(self._rest, ((0, missing), (0, 0)), mode="edge").reshape(1, VOICE_WIDTH)

    def _pitch(self, prosody: Prosody, voiced: NDArray[np.float32]) -> NDArray[np.float64]:
        """Octaves above the running mean, doubled, 0 where nothing is voiced."""
        result = np.zeros(len(voiced))
        for i in np.flatnonzero(voiced > 0.5):
            height = float(np.log2(prosody.pitch_hz[i]))
            self._heard_s += 1 / PROSODY_RATE
            # A plain mean at first, then one that forgets.
            self._usual += (height - self._usual) / (PROSODY_RATE * min(self._heard_s, _PITCH_MEMORY_S))
            result[i] = np.clip(2 * (height - self._usual), -2.0, 2.0)
        return result
