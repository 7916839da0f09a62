"""Performance: one recording that is driven many times, each time with the frames that `drive` gives."""

from __future__ import annotations

from typing import Final

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.editing.band_memory import BandMemory
from generation.animation.motion.editing.window_memory import WindowMemory
from generation.animation.motion.generator import MotionGenerator, listens
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.planner import RECORDED
from generation.animation.motion.voices import Voices, analyse_voices
from generation.animation.speech.audio_input import Samples
from generation.animation.speech.speech_analysis import ANALYSIS_RATE, SpeechAnalysis
from generation.animation.track.motion_track import MotionTrack, concatenate_tracks

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
        self._windows, self._bands = WindowMemory(), BandMemory()
        self._latest: _Run | None = None

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
        some more. Asked for the same performance again, it goes on where it was left."""
        asked = (controls, seed, direction)
        if self._latest is None or self._latest.asked != asked:
            self._latest = _Run(asked, self._generator(*asked), self._voices(controls, direction))
        return self._latest.track(self.duration_s, until_s)

    def _generator(self, controls: MotionControls, seed: int, direction: Direction | None) -> MotionGenerator:
        return MotionGenerator(
            controls,
            seed,
            self.fps,
            RECORDED,
            Guidance(),
            direction=direction,
            plan=self._windows.plan_window,
            bands=self._bands.read,
        )

    def _voices(self, controls: MotionControls, direction: Direction | None) -> Voices:
        return self._listening if listens(controls, direction) else self._speaking


class _Run:
    """One performance as far as it was asked for."""

    def __init__(
        self,
        asked: tuple[MotionControls, int, Direction | None],
        generator: MotionGenerator,
        voices: Voices,
    ) -> None:
        self.asked = asked
        self._generator, self._voices = generator, voices
        self._pieces: list[MotionTrack] = []
        self._begun, self._is_whole = 0, False

    def track(self, duration_s: float, until_s: float | None) -> MotionTrack:
        """All frames, or at least those up to that of `until_s`."""
        end, fps = len(self._voices.own), self._generator.fps
        wanted = None if until_s is None else int(until_s * fps) + 1
        while not self._is_whole and (wanted is None or sum(map(len, self._pieces)) < wanted):
            if self._begun >= end:
                self._pieces.append(self._generator.flush(duration_s))
                self._is_whole = True
                break
            reach_s = end / ANALYSIS_RATE if until_s is None else until_s + AHEAD_S
            step = self._begun + round(STEP_S * ANALYSIS_RATE)
            until = min(end, max(step, round(reach_s * ANALYSIS_RATE)))
            piece = Voices(*(voice.between(self._begun, until) for voice in self._voices))
            self._pieces.append(self._generator.push(piece))
            self._begun = until
        self._pieces = [concatenate_tracks(self._pieces)]
        return self._pieces[0]
