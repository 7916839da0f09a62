"""Speech for these tests: the two sample recordings, and what is done to them."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from generation.pipeline.audio import as_one_channel, read_audio
from provenance.fingerprints.sound.fingerprint import SoundFingerprint
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import BandSpectrogram, band_spectrogram

SPEECH = Path(__file__).parents[3] / "samples" / "speech"
RECORDED, OTHER = "sample1_female_calm", "sample2_male_bright"

Sound = NDArray[np.float32]


@cache
def speech(name: str = RECORDED) -> tuple[Sound, int]:
    """(N,) float32 and its sample rate."""
    audio, rate = read_audio(SPEECH / f"{name}.wav")
    return as_one_channel(audio), rate


def recorded() -> SoundFingerprint:
    """The fingerprint that a record of the first recording would hold."""
    return fingerprint(spectrogram(speech()[0]))


def spectrogram(sound: Sound) -> BandSpectrogram:
    """Of a sound at the recording's sample rate."""
    return band_spectrogram(sound, speech()[1])


def part(start_s: float, end_s: float, name: str = RECORDED) -> Sound:
    """A piece of a recording."""
    sound, rate = speech(name)
    return sound[round(start_s * rate) : round(end_s * rate)]


def silence(seconds: float) -> Sound:
    """As long as that, at the recording's sample rate."""
    return np.zeros(round(seconds * speech()[1]), np.float32)


def at_tempo(sound: Sound, tempo: float) -> Sound:
    """The sound so many times as fast at its own pitch, as editors and players do it."""
    rate = speech()[1]
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="mono")
    change, sink = graph.add("atempo", str(tempo)), graph.add("abuffersink")
    source.link_to(change)
    change.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
    frame.rate, frame.pts = rate, 0
    graph.push(frame)
    graph.push(None)
    pieces: list[Sound] = []
    with contextlib.suppress(av.error.EOFError):
        while True:
            pieces.append(graph.pull().to_ndarray()[0])
    return np.concatenate(pieces)
