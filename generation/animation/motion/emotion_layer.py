"""What is asked for beyond the voice: the requested emotion in face, head and gaze, and the mouth of valence
and arousal.

The face of an emotion depends on speech and controls, and above the mouth on which half of a speaker's face
is livelier, so that the lips are the same for every seed; it is causal, so that live speech and its recording
look alike.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.emotion_course import EmotionCourse
from generation.animation.motion.emotion_offsets import offsets_of_emotion, scale_offsets_of
from generation.animation.motion.emotions import EMOTION_TABLE, Course
from generation.animation.motion.motion_plan import GAZE, Plan
from generation.animation.speech.prosody import Prosody
from generation.animation.track.arkit import ARKIT_ACTIONS

_MOUTH: Final = "mouth"
_CALM: Final = Course(0.35, 0.7, 0.9)  # of the mouth of valence and arousal
_SIDED: Final = 0.5  # of a speaker's livelier half of the face, in an emotion
# What a rounded mouth takes from a spread one, and the actions that spread it.
_ROUNDED: Final = 0.5
_ROUNDING: Final = [ARKIT_ACTIONS.index(name) for name in ("mouthPucker", "mouthFunnel")]
_SPREADING: Final = [
    index
    for index, name in enumerate(ARKIT_ACTIONS)
    if name.startswith(("mouthSmile", "mouthStretch", "mouthDimple", "mouthFrown"))
]
# What an action of an emotion keeps the voice from moving: an angry brow does not rise with the melody, a sad
# mouth does not smile with it.
_AGAINST: Final = {
    "browDown": ("browInnerUp", "browOuterUp"), "browInnerUp": ("browDown",), "browOuterUp": ("browDown",),
    "mouthFrown": ("mouthSmile", "mouthDimple", "cheekSquint"),
    "mouthStretch": ("mouthSmile", "mouthDimple", "cheekSquint"), "mouthSmile": ("mouthFrown",),
    "eyeWide": ("eyeSquint",), "eyeSquint": ("eyeWide",), "noseSneer": ("mouthSmile", "mouthDimple"),
}  # fmt: skip
_KEPT_AWAY: Final = 0.9
_PROMINENCE: Final = 0.75  # exponent: half an emotion is more than half as visible
_AWAY_DEG: Final = 3.0  # from where the eyes have left the camera
_ALWAYS: Final = 0.2  # of an emotion's look while they have not


class Shown(NamedTuple):
    """T frames of an emotion: the `offsets` (T, 52) of the actions, of the `head` (T, 6), and the share (T,
    52) of the actions that the voice may still move, `left`."""

    offsets: NDArray[np.float64]
    head: NDArray[np.float64]
    left: NDArray[np.float64]


class EmotionLayer:
    """What emotion, valence and arousal add over time, from speech that arrives in pieces.

    `emphasis` scales the emotion, 1 as asked for; `side_gains` (52,) is how much livelier one half of a face
    is.
    """

    def __init__(self, controls: MotionControls, emphasis: float, side_gains: Curve) -> None:
        emotion = EMOTION_TABLE[controls.emotion]
        weight = emphasis * controls.emotion_intensity**_PROMINENCE
        offsets = _row(offsets_of_emotion(controls.emotion))
        self._emotion = weight * offsets * (1 + _SIDED * (side_gains - 1))
        self._kept_away = _KEPT_AWAY * np.clip(weight * _against(offsets), 0.0, 1.0)
        scales = scale_offsets_of(controls)
        self._scales = _row({name: value for name, value in scales.items() if name.startswith(_MOUTH)})
        self._head = np.zeros(6)
        self._head[:3] = weight * np.array(emotion.head)
        self._look = weight * np.array(emotion.look, np.float32)
        self._course, self._calm = EmotionCourse(emotion.course), EmotionCourse(_CALM)

    def push(self, prosody: Prosody, speech: NDArray[np.float32]) -> None:
        """Append the next frames of 10 ms; `speech` (T,) is the probability of speech in each."""
        self._course.push(prosody, speech)
        self._calm.push(prosody, speech)

    def show(self, times: Curve, mouth: NDArray[np.float64]) -> Shown:
        """What is added at increasing `times` (T,) in seconds to a mouth that speaks `mouth` (T, 52). Later
        calls must not go back in time."""
        shown = self._course.at(times)[:, None]
        offsets = shown * self._emotion + self._calm.at(times)[:, None] * self._scales
        rounded = np.clip(mouth[:, _ROUNDING].sum(1), 0.0, 1.0)
        offsets[:, _SPREADING] *= 1 - _ROUNDED * rounded[:, None]
        return Shown(offsets, shown * self._head, 1 - shown * self._kept_away)

    def turn_gaze(self, rows: Plan) -> None:
        """Add to the gaze of plan rows (T, 18), in place, where the emotion makes the eyes rest."""
        away = np.hypot(*rows[:, GAZE].T) > _AWAY_DEG
        rows[:, GAZE] += np.where(away, 1.0, _ALWAYS)[:, None].astype(np.float32) * self._look


def _against(offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """How strongly the actions `offsets` (52,) are against each action: (52,)."""
    against = np.zeros(len(ARKIT_ACTIONS))
    for index, name in enumerate(ARKIT_ACTIONS):
        for other in _AGAINST.get(name.removesuffix("Left").removesuffix("Right"), ()):
            for i, kept in enumerate(ARKIT_ACTIONS):
                # One side's action is against the same side's, or against one without sides.
                if kept.startswith(other) and kept[-1] in {name[-1], other[-1]}:
                    against[i] = max(against[i], offsets[index])
    return against


def _row(offsets: dict[str, float]) -> NDArray[np.float64]:
    row = np.zeros(len(ARKIT_ACTIONS))
    for action, weight in offsets.items():
        row[ARKIT_ACTIONS.index(action)] = weight
    return row
