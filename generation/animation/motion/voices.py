"""Who speaks: the person in the picture, another whom they listen to, or both, from one or two channels of
sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.audio_input import Samples, UnusableAudioError
from generation.animation.speech.coarticulation import MouthCurves
from generation.animation.speech.prosody import Prosody
from generation.animation.speech.speech_analysis import SpeechAnalysis, analyse_in_pieces, analyse_speech
from generation.animation.speech.streaming_recogniser import StreamingRecogniser
from generation.animation.speech.voice_quality import VoiceQuality


class Voices(NamedTuple):
    """The same stretch of time of two voices: the person's `own`, and the `other` that they listen to."""

    own: SpeechAnalysis
    other: SpeechAnalysis


def analyse_voices(audio: Samples, sample_rate: int, listening: bool) -> Voices:
    """Analyse a recording (N,), or (N, 2) with the own voice first; with `listening` all of it is the
    other's.

    Raises UnusableAudioError.
    """
    channels = _channels(audio, listening)
    return _voices([analyse_speech(samples, sample_rate) for samples in channels], listening)


def analyse_voices_in_pieces(audio: Samples, sample_rate: int, listening: bool) -> Iterator[Voices]:
    """What `analyse_voices` gives, in pieces that follow one another, each as soon as it is known."""
    channels = [analyse_in_pieces(samples, sample_rate) for samples in _channels(audio, listening)]
    for analysed in zip(*channels, strict=True):
        yield _voices(list(analysed), listening)


def joined_voices(pieces: list[Voices]) -> Voices:
    """Stretches of time that follow one another as one; none at all is none."""
    return Voices(*(SpeechAnalysis.concatenate([piece[voice] for piece in pieces]) for voice in range(2)))


def take_turns(speech: SpeechAnalysis, listens: NDArray[np.bool_]) -> Voices:
    """One recording in which the person speaks, and another where `listens` (T,)."""
    return Voices(_where(speech, ~listens), _where(speech, listens))


class VoiceStream:
    """Analyses live voices, chunks (N,) or (N, 2), all alike. The result does not depend on how they are
    cut."""

    def __init__(self, sample_rate: int, listening: bool) -> None:
        """Raises UnusableAudioError for a rate out of range."""
        self._rate, self._listening = sample_rate, listening
        self._recognisers = [StreamingRecogniser(sample_rate)]
        self._begun = False

    def push(self, chunk: Samples) -> Voices:
        """What is committed by the next chunk; often nothing. Raises UnusableAudioError."""
        channels = _channels(chunk, self._listening)
        if not self._begun and len(channels) == 2:
            self._recognisers.append(StreamingRecogniser(self._rate))
        self._begun = True
        if len(channels) != len(self._recognisers):
            raise UnusableAudioError("All chunks must have as many channels as the first.")
        return _voices(
            [one.push(samples) for one, samples in zip(self._recognisers, channels, strict=True)],
            self._listening,
        )

    def flush(self) -> Voices:
        """End of the stream: what still waited for its look-ahead."""
        return _voices([one.flush() for one in self._recognisers], self._listening)


def _where(speech: SpeechAnalysis, sounds: NDArray[np.bool_]) -> SpeechAnalysis:
    """`speech` where it is that voice's, and silence elsewhere. The face is smoothed later, as after a pause;
    a mouth that falls silent in the middle of a word shuts."""
    silent = SpeechAnalysis.silent(len(speech))

    def chosen(voice: NDArray[np.float32], silence: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.where(sounds.reshape(-1, *[1] * (voice.ndim - 1)), voice, silence)

    return SpeechAnalysis(
        chosen(speech.posteriors, silent.posteriors),
        MouthCurves(
            *(getattr(speech.mouth, name) * sounds.reshape(-1, *[1] * (getattr(speech.mouth, name).ndim - 1))
              for name in ("shapes", "closure", "lip_teeth"))
        ),
        Prosody(
            *(chosen(getattr(speech.prosody, name), getattr(silent.prosody, name))
              for name in ("level_db", "voicing", "pitch_hz"))
        ),
        VoiceQuality(
            *(chosen(getattr(speech.quality, name), getattr(silent.quality, name))
              for name in ("voice", "laughter", "effort"))
        ),
    )  # fmt: skip


def _voices(analysed: list[SpeechAnalysis], listening: bool) -> Voices:
    if len(analysed) == 2:
        return Voices(*analysed)
    (only,) = analysed
    silent = SpeechAnalysis.silent(len(only))
    return Voices(silent, only) if listening else Voices(only, silent)


def _channels(audio: Samples, listening: bool) -> list[Samples]:
    samples = np.asarray(audio, np.float32)
    if samples.ndim == 2 and samples.shape[1] == 2:
        return [samples.mean(1)] if listening else [samples[:, 0], samples[:, 1]]
    return [samples]
