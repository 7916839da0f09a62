"""Motion of a live performance: speech is pushed as it arrives, and controls can be changed at any time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from generation.animation.motion.controls import EMOTIONS, MotionControls
from generation.animation.motion.direction.direction import Direction, Keyframe
from generation.animation.motion.generator import MotionGenerator, live_delay_s
from generation.animation.motion.planner import LIVE
from generation.animation.motion.voices import VoiceStream
from generation.animation.speech.audio_input import Samples
from generation.animation.track.motion_track import MotionTrack

_BEGINNING_S: Final = -1.0  # long enough before 0 for all that changes there to have changed
_BEFORE_S: Final = -10.0


class LiveSpeechMotion:
    """The motion of `Animator.stream`, one push at a time.

    The controls are a keyframe of a direction, which is what lets later keyframes be added to it.
    """

    def __init__(self, sample_rate: int, *, controls: MotionControls, seed: int, fps: float) -> None:
        """Raises UnusableAudioError for a rate out of range, ValueError for an `fps` that no track allows."""
        self._controls = controls
        # Emotions that a direction never names have no course: each is named before the beginning.
        named = [Keyframe(_BEFORE_S - i, {"emotion": word}) for i, word in enumerate(reversed(EMOTIONS))]
        keyframes = (*reversed(named), Keyframe(_BEGINNING_S, controls.to_json()))
        self._generator = MotionGenerator(controls, seed, fps, LIVE, direction=Direction(keyframes=keyframes))
        self._voices = VoiceStream(sample_rate, listening=False)
        self.delay_s = live_delay_s(fps, sample_rate)

    def push(self, samples: Samples) -> MotionTrack:
        """The frames that are final with the next samples (N,), maybe none. Raises UnusableAudioError."""
        return self._generator.push(self._voices.push(samples))

    def direct(self, values: Mapping[str, float | str]) -> None:
        """Change controls from the next frame on. Raises ControlsInvalid, and then nothing changes."""
        checked = MotionControls.from_json({**self._controls.to_json(), **values})
        self._controls = checked
        self._generator.direct({name: value for name, value in checked.to_json().items() if name in values})
