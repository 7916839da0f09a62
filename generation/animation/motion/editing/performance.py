"""Performance: one recording that is driven many times, each time with the frames that `drive` gives."""

from __future__ import annotations

from typing import Final

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.editing.window_memory import WindowMemory
from generation.animation.motion.generator import MotionGenerator, listens
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.planner import RECORDED
from generation.animation.motion.voices import Voices, analyse_voices
from generation.animation.speech.audio_input import Samples
from generation.animation.speech.speech_analysis import ANALYSIS_RATE, SpeechAnalysis
from generation.animation.track.motion_track import MotionTrack, concatenate_tracks

AHEAD_S: Final = 2.4  # of the voice behind a moment; then its frame is final


class Performance:
    """A recording (N,) float32 in -1..1 that is analysed once, for one frame rate. Not for several threads.

    Raises UnusableAudioError.
    """

    def __init__(self, audio: Samples, sample_rate: int, fps: float) -> None:
        self.fps, self.duration_s = fps, len(audio) / sample_rate
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
        first: int = 0,
        until_s: float | None = None,
    ) -> MotionTrack:
        """What `drive` gives for this recording, from the frame with the number `first` on, up to that of
        `until_s`, maybe some more, or to the end.

        What lies before `first` costs next to nothing: of the voice and its recurring events all is followed,
        but the network plans, and frames are made, only where they are asked for."""
        generator = MotionGenerator(
            controls,
            seed,
            self.fps,
            RECORDED,
            Guidance(),
            direction=direction,
            plan=self._windows.plan_window,
            first=first,
        )
        voices = self._listening if listens(controls, direction) else self._speaking
        if until_s is not None and until_s + AHEAD_S < self.duration_s:
            heard = round((until_s + AHEAD_S) * ANALYSIS_RATE)
            return generator.push(Voices(*(voice.between(0, heard) for voice in voices)))
        return concatenate_tracks([generator.push(voices), generator.flush(self.duration_s)])
