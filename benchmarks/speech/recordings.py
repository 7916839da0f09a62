"""Unlabelled recordings that no weights have seen, and what is done to them: coded, softer, noisy.

| what | Debian packages |
| --- | --- |
| telephone prompts in English, French, Italian, Russian and Spanish, 8 kHz | asterisk-core-sounds-XX-wav |
| an English audiobook, 16 kHz | pocketsphinx-testdata |
| music without a voice, 8 kHz | asterisk-moh-opsound-wav |
| whispers, 22 kHz | espeak-ng, its variants whisper and whisperf |
| usual and raised voices, 16 kHz | flite; `raised` says how a voice is raised |
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly, sosfilt

from benchmarks.speech.corpus import read_wave

SECONDS: Final = 14.0
VOICES: Final = {
    "en": "en_US_f_Allison", "fr": "fr_CA_f_June", "it": "it_IT_m_Carlo", "ru": "ru_RU_f_IvrvoiceRU",
    "es": "es_MX_f_Allison",
}  # fmt: skip
_SOUNDS = Path("/usr/share/asterisk/sounds")
_MUSIC = Path("/usr/share/asterisk/moh")
_AUDIOBOOK = Path("/usr/share/pocketsphinx/test/data/librivox")
_PRIMING: Final = 1024  # samples by which an AAC encoder begins earlier
_SHORTEST_S, _PAUSE_S = 1.8, (0.35, 1.1)
_ESPEAK_VOICES = ("en-us", "en-us+f3", "de")
_SHOUTED_HZ = (("slt", 280), ("rms", 170), ("awb", 190))  # their own means are about 170, 105 and 120
_SENTENCE = (
    "Could you bring me the big box of apples from the other room? I have been waiting for it all morning, "
    "and nobody came to help me."
)

Samples = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Recording:
    """Mono samples (N,) -1..1 and whose voice they are."""

    name: str
    voice: str
    samples: Samples
    sample_rate: int


def held_out(first: int, count: int) -> list[Recording]:
    """Recordings `first` to before `first + count` of a fixed list, a voice after the other."""
    streams = {voice: _joined(voice) for voice in VOICES}
    found: list[Recording] = []
    if first == 0:
        found.append(_audiobook())
    index = len(found)
    while len(found) < first + count:
        voice = list(VOICES)[index % len(VOICES)]
        found.append(next(streams[voice]))
        index += 1
    return found[first : first + count] if first else found[:count]


def _joined(voice: str) -> Iterator[Recording]:
    """Prompts one after the other, with pauses of noise between, in pieces of SECONDS."""
    generator = np.random.default_rng(0)
    paths = sorted(
        (_SOUNDS / VOICES[voice]).rglob("*.wav"), key=lambda path: hashlib.sha256(path.name.encode()).digest()
    )
    parts: list[Samples] = []
    length = number = 0
    for path in paths:
        samples, rate = read_wave(path)
        if len(samples) < _SHORTEST_S * rate:
            continue
        pause = 1e-4 * generator.standard_normal(int(generator.uniform(*_PAUSE_S) * rate))
        parts += [samples, pause.astype(np.float32)]
        length += len(samples) + len(pause)
        if length >= SECONDS * rate:
            yield Recording(f"{voice} {number}", voice, np.concatenate(parts)[: int(SECONDS * rate)], rate)
            parts, length, number = [], 0, number + 1


def _audiobook() -> Recording:
    files = [read_wave(path) for path in sorted(_AUDIOBOOK.glob("*.wav"))]
    rate = files[0][1]
    samples = np.concatenate([samples for samples, _ in files])[: int(SECONDS * rate)]
    return Recording("audiobook", "audiobook", samples, rate)


def without_voice() -> list[Recording]:
    """Noises and music."""
    generator = np.random.default_rng(3)
    hiss = generator.standard_normal(int(SECONDS * 16_000))
    brown = np.cumsum(hiss)
    brown -= np.convolve(brown, np.ones(1600) / 1600, "same")
    found = [
        Recording("white noise", "noise", (0.1 * hiss).astype(np.float32), 16_000),
        Recording("brown noise", "noise", (0.1 * brown / brown.std()).astype(np.float32), 16_000),
    ]
    for path in sorted(_MUSIC.glob("*.wav")):
        samples, rate = read_wave(path)
        found.append(Recording(path.stem, "music", samples[20 * rate : int((20 + SECONDS) * rate)], rate))
    return found


def coded(recording: Recording) -> Samples:
    """The samples after AAC at 32 kbit/s."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=recording.sample_rate, layout="mono")
        stream.bit_rate = 32_000
        padded = np.pad(recording.samples, (0, _PRIMING))
        frame = av.AudioFrame.from_ndarray(padded[None], format="fltp", layout="mono")
        frame.sample_rate = recording.sample_rate
        container.mux([*stream.encode(frame), *stream.encode(None)])
    file.seek(0)
    with av.open(file) as container:
        decoded = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return decoded[_PRIMING : _PRIMING + len(recording.samples)].astype(np.float32)


def noisy(samples: Samples, snr_db: float = 30.0) -> Samples:
    """With white noise."""
    noise = np.random.default_rng(1).standard_normal(len(samples))
    return (samples + samples.std() * 10 ** (-snr_db / 20) * noise).astype(np.float32)


def whispered() -> list[Recording]:
    """A sentence whispered by espeak-ng."""
    return [
        Recording(voice, voice, *_spoken(["espeak-ng", "-v", voice, _SENTENCE, "-w"]))
        for voice in ("en-us+whisper", "en-us+whisperf", "de+whisper")
    ]


def usual(voices: tuple[str, ...] = ("slt", "rms", "awb")) -> list[Recording]:
    """The sentence as flite says it, and espeak-ng for the whispers' own voices."""
    spoken = [
        Recording(voice, voice, *_spoken(["flite", "-voice", voice, "-t", _SENTENCE, "-o"]))
        for voice in voices
    ]
    return spoken + [
        Recording(voice, voice, *_spoken(["espeak-ng", "-v", voice, _SENTENCE, "-w"]))
        for voice in _ESPEAK_VOICES
    ]


def shouted() -> list[Recording]:
    """The sentence of `usual`, shouted: spoken two thirds of an octave higher, and `raised`."""
    spoken = [
        (voice, ["flite", "-voice", voice, "--setf", f"int_f0_target_mean={hz}", "-t", _SENTENCE, "-o"])
        for voice, hz in _SHOUTED_HZ
    ]
    spoken += [(voice, ["espeak-ng", "-v", voice, "-p", "90", _SENTENCE, "-w"]) for voice in _ESPEAK_VOICES]
    return [raised(Recording(voice, voice, *_spoken(command))) for voice, command in spoken]


def raised(recording: Recording) -> Recording:
    """The recording as if shouted: pitch and formants a fifth of an octave up, 12 dB more above 1.2 kHz.

    A shout raises pitch, first formant and the share of high frequencies (Traunmüller & Eriksson 2000); the
    figures here stand in for recordings of shouting people, which no package holds.
    """
    quicker = resample_poly(recording.samples, 7, 8)
    shelf = _high_shelf(1200.0, 12.0, recording.sample_rate)
    louder = np.asarray(sosfilt(shelf, quicker), np.float64)
    samples = 0.5 * louder / np.abs(louder).max()
    return Recording(
        f"{recording.name} raised", recording.voice, samples.astype(np.float32), recording.sample_rate
    )


def _high_shelf(hz: float, gain_db: float, rate: int) -> NDArray[np.float64]:
    """A second-order shelf (Bristow-Johnson's cookbook) as one section (1, 6)."""
    a, w = 10 ** (gain_db / 40), 2 * np.pi * hz / rate
    cos, alpha = np.cos(w), np.sin(w) / np.sqrt(2)
    root = 2 * np.sqrt(a) * alpha
    b0, b1, b2 = (
        a * (a + 1 + (a - 1) * cos + root),
        -2 * a * (a - 1 + (a + 1) * cos),
        a * (a + 1 + (a - 1) * cos - root),
    )
    a0, a1, a2 = a + 1 - (a - 1) * cos + root, 2 * (a - 1 - (a + 1) * cos), a + 1 - (a - 1) * cos - root
    return np.array([[b0, b1, b2, a0, a1, a2]]) / a0


def _spoken(command: list[str]) -> tuple[Samples, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spoken.wav"
        subprocess.run([*command, str(path)], check=True, capture_output=True)
        return read_wave(path)
