"""Opus of a speaker becomes the speech it was made from, and what is no Opus stops nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import av
import numpy as np
import pytest

from generation.live.opus.opus_decoder import NotOpus, OpusDecoder
from generation.live.opus.wire import MOST_PACKET_BYTES, OPUS_RATE
from generation.live.sound_inbox import SAMPLE_RATE

TONE_HZ = 440


def packets(seconds: float, layout: str = "mono") -> list[bytes]:
    """A tone as Opus, in packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = OPUS_RATE, layout, "s16"
    encoder.open()
    channels = 1 if layout == "mono" else 2
    tone = (np.sin(np.arange(round(seconds * OPUS_RATE)) * 2 * np.pi * TONE_HZ / OPUS_RATE) * 8000).astype(
        "<i2"
    )
    found: list[bytes] = []
    for at in range(0, len(tone), OPUS_RATE // 50):
        samples = np.repeat(tone[at : at + OPUS_RATE // 50], channels)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate, frame.pts = OPUS_RATE, at
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


@pytest.fixture(scope="module")
def decoder() -> Iterator[OpusDecoder]:
    decoder = OpusDecoder()
    yield decoder
    decoder.close()


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_speech_comes_back(decoder: OpusDecoder, layout: str) -> None:
    sound = np.frombuffer(b"".join(map(decoder.decode, packets(1.0, layout))), "<i2")
    assert abs(len(sound) / SAMPLE_RATE - 1.0) < 0.03
    spectrum = np.abs(np.fft.rfft(sound[SAMPLE_RATE // 4 :]))
    assert abs(spectrum.argmax() * SAMPLE_RATE / (2 * len(spectrum) - 2) - TONE_HZ) < 3
    assert 6000 < np.abs(sound[SAMPLE_RATE // 2 :]).max() < 10_000


def test_noise_is_refused_and_the_next_packet_is_heard(decoder: OpusDecoder) -> None:
    refused = 0
    for size in (0, 1, 40, MOST_PACKET_BYTES + 1):
        try:
            decoder.decode(secrets.token_bytes(size))
        except NotOpus:
            refused += 1
    assert refused >= 2
    assert decoder.decode(packets(0.1)[2])
