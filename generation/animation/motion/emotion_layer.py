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
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.emotion_course import EmotionCourse
from generation.animation.motion.emotion_offsets import (
    offsets_of_emotion,
    offsets_of_scales,
    scale_weights,
)
from generation.animation.motion.emotions import EMOTION_TABLE, Course
from generation.animation.motion.motion_plan import GAZE, PLAN_RATE, Plan
from generation.animation.speech.prosody import Prosody
from generation.animation.track.arkit import ARKIT_ACTIONS

_MOUTH: Final = "mouth"
_CALM: Final = Course(0.35, 0.7, 0.9)  # of the mouth of valence and arousal
_SIDED: Final = 0.5  # of a speaker's livelier half of the face, in an emotion
# What a rounded mouth takes from a spread one, and the actions that spread it.
_ROUNDED: Final = 0.4
_ROUNDING: Final = [ARKIT_ACTIONS.index(name) for name in ("mouthPucker", "mouthFunnel")]
_JAW: Final = ARKIT_ACTIONS.index("jawOpen")  # an open mouth drops by less than a closed one
_SPREADING: Final = [
    index
    for index, name in enumerate(ARKIT_ACTIONS)
    if name.startswith(("mouthSmile", "mouthStretch", "mouthDimple"))
]
# What an action of an emotion keeps the voice from moving: an angry brow does not rise with the melody, a sad
# mouth does not smile with it.
_AGAINST: Final = {
    "browDown": ("browInnerUp", "browOuterUp"), "browInnerUp": ("browDown",), "browOuterUp": ("browDown",),
    "mouthFrown": ("mouthSmile", "mouthDimple", "cheekSquint", "mouthStretch"),
    "mouthStretch": ("mouthSmile", "mouthDimple", "cheekSquint"), "mouthSmile": ("mouthFrown", "browDown"),
    "eyeWide": ("eyeSquint",), "eyeSquint": ("eyeWide",),
    "noseSneer": ("mouthSmile", "mouthDimple", "browInnerUp", "browOuterUp", "browDown"),
}  # fmt: skip
_KEPT_AWAY: Final = 0.9
_PROMINENCE: Final = 0.5  # exponent: half an emotion is more than half as visible
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
    is. Where the emotion changes, each has its own course.
    """

    def __init__(self, curves: ControlCurves, emphasis: float, side_gains: Curve) -> None:
        self._curves, self._emphasis = curves, emphasis
        words = curves.shares("emotion", np.zeros(1))
        self._emotions = {word: _Requested(word, side_gains) for word in words}
        self._scales = [
            _row({name: value for name, value in scale.items() if name.startswith(_MOUTH)})
            for scale in offsets_of_scales()
        ]
        self._calm = EmotionCourse(_CALM)
        self._planned = 0  # rows of the plan whose gaze was turned

    def push(self, prosody: Prosody, speech: NDArray[np.float32]) -> None:
        """Append the next frames of 10 ms; `speech` (T,) is the probability of speech in each."""
        for emotion in self._emotions.values():
            emotion.course.push(prosody, speech)
        self._calm.push(prosody, speech)

    def show(self, times: Curve, mouth: NDArray[np.float64]) -> Shown:
        """What is added at increasing `times` (T,) in seconds to a mouth that speaks `mouth` (T, 52). Later
        calls must not go back in time."""
        offsets, head = np.zeros(mouth.shape), np.zeros((len(times), 6))
        left = np.ones(mouth.shape)
        for word, weight in self._weights(times).items():
            emotion = self._emotions[word]
            shown = emotion.course.at(times)[:, None]
            offsets += shown * (weight * emotion.offsets * emotion.sides)
            head += shown * (weight * emotion.head)
            left -= shown * (_KEPT_AWAY * np.clip(weight * emotion.against, 0.0, 1.0))
        offsets += self._calm.at(times)[:, None] * self._scaled(times)
        rounded = np.clip(mouth[:, _ROUNDING].sum(1), 0.0, 1.0)
        offsets[:, _SPREADING] *= 1 - _ROUNDED * rounded[:, None]
        offsets[:, _JAW] *= 1 - np.clip(mouth[:, _JAW], 0.0, 1.0)
        return Shown(offsets, head, left)

    def turn_gaze(self, rows: Plan) -> None:
        """Add to the gaze of the plan's next rows (T, 18), in place, where an emotion makes the eyes rest."""
        times = (self._planned + 0.5 + np.arange(len(rows))) / PLAN_RATE
        self._planned += len(rows)
        away = np.hypot(*rows[:, GAZE].T) > _AWAY_DEG
        look = np.zeros((len(rows), 2), np.float32)
        for word, weight in self._weights(times).items():
            look += weight.astype(np.float32) * self._emotions[word].look
        rows[:, GAZE] += np.where(away, 1.0, _ALWAYS)[:, None].astype(np.float32) * look

    def _weights(self, times: Curve) -> dict[str, NDArray[np.float64]]:
        """How strongly each emotion is asked for at `times` (T,): (T, 1) each."""
        # Python's power: numpy's differs in the last place from one processor to the next.
        intensity = [float(value) ** _PROMINENCE for value in self._curves.number("emotion_intensity", times)]
        strength = self._emphasis * np.array(intensity)
        shares = self._curves.shares("emotion", times)
        return {word: (strength * share)[:, None] for word, share in shares.items()}

    def _scaled(self, times: Curve) -> NDArray[np.float64]:
        """What valence and arousal add to the mouth: (T, 52)."""
        weights = scale_weights(*(self._curves.number(name, times) for name in ("valence", "arousal")))
        scaled = np.zeros((len(times), len(ARKIT_ACTIONS)))
        for weight, row in zip(weights, self._scales, strict=True):
            scaled += weight[:, None] * row
        return scaled


class _Requested:
    """One emotion at full intensity: (52,) `offsets`, their gains `sides`, what each keeps away (`against`),
    `head` (6,) and `look` (2,) in degrees, and its course."""

    def __init__(self, name: str, side_gains: Curve) -> None:
        emotion = EMOTION_TABLE[name]
        self.offsets = _row(offsets_of_emotion(name))
        self.sides = 1 + _SIDED * (side_gains - 1)
        self.against = _against(self.offsets)
        self.head = np.zeros(6)
        self.head[:3] = emotion.head
        self.look = np.array(emotion.look, np.float32)
        self.course = EmotionCourse(emotion.course)


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
