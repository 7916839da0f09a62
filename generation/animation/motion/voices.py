"""Who speaks: the person in the picture, another whom they listen to, or both, from one or two channels of
sound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from generation.animation.speech.audio_input import Samples, UnusableAudioError
from generation.animation.speech.speech_analysis import SpeechAnalysis, analyse_speech
from generation.animation.speech.streaming_recogniser import StreamingRecogniser


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
    analysed = [analyse_speech(samples, sample_rate) for samples in channels]
    return _voices(analysed, listening)


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
