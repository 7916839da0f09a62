"""Performance: one recording that is driven many times, each time with the frames that `drive` gives."""

from __future__ import annotations

from typing import Final

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.editing.window_memory import WindowMemory
from generation.animation.motion.generator import MotionGenerator, concatenate_tracks, listens
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.planner import RECORDED
from generation.animation.motion.voices import Voices, analyse_voices
from generation.animation.speech.audio_input import Samples
from generation.animation.speech.speech_analysis import ANALYSIS_RATE, SpeechAnalysis
from generation.animation.track.motion_track import MotionTrack

AHEAD_S: Final = 2.4  # of the voice behind a moment; then its frame is final
STEP_S: Final = 0.5


class Performance:
    """A recording (N,) float32 in -1..1 that is analysed once, for one frame rate. Not for several threads.

    Raises UnusableAudioError.
    """

    def __init__(self, audio: Samples, sample_rate: int, fps: float) -> None:
        self._audio, self._rate, self.fps = audio, sample_rate, fps
        self.duration_s = len(audio) / sample_rate
        self._speaking = analyse_voices(audio, sample_rate, listening=False)
        self._listening = Voices(self._speaking.other, self._speaking.own)
        self._windows = WindowMemory()

    @property
    def speech(self) -> SpeechAnalysis:
        """The analysed recording."""
        return self._speaking.own

    def track(
        self,
        *,
        controls: MotionControls,
        seed: int,
        direction: Direction | None = None,
        until_s: float | None = None,
    ) -> MotionTrack:
        """What `drive` gives for this recording, or its beginning: the frames up to that of `until_s`, maybe
        some more."""
        generator = MotionGenerator(
            controls,
            seed,
            self.fps,
            RECORDED,
            Guidance(),
            direction=direction,
            plan=self._windows.plan_window,
        )
        voices = self._listening if listens(controls, direction) else self._speaking
        wanted = None if until_s is None else int(until_s * self.fps) + 1
        pieces: list[MotionTrack] = []
        begun, end = 0, len(voices.own)
        first = end if until_s is None else round((until_s + AHEAD_S) * ANALYSIS_RATE)
        while begun < end:
            until = min(end, first if not begun else begun + round(STEP_S * ANALYSIS_RATE))
            pieces.append(generator.push(Voices(*(voice.between(begun, until) for voice in voices))))
            begun = until
            if wanted is not None and sum(map(len, pieces)) >= wanted:
                return concatenate_tracks(pieces)
        return concatenate_tracks([*pieces, generator.flush(self.duration_s)])
