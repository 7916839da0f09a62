"""Speech with exact phone times from flite and espeak-ng (Debian packages flite, libespeak-ng1).

Their labels agree with each other to within 10 ms (measured by shifting labels against one network), so they
need no correction. The programs are used for training only; nothing of them is shipped.
"""

from __future__ import annotations

import ctypes
import random
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.animation.audio_features import SAMPLE_RATE
from generation.animation.training.sentences import make_sentence
from generation.animation.visemes import PHONE_INDEX

_DIPHTHONGS = {
    "AY": ("AA", "IH"), "EY": ("EH", "IY"), "OY": ("AO", "IY"), "AW": ("AA", "UH"), "OW": ("AO", "UH"),
}  # fmt: skip
_ALIASES = {
    "AX": "AH", "AXR": "ER", "IX": "IH", "UX": "UW", "PAU": "SIL", "DX": "D", "EL": "L", "EM": "M", "EN": "N",
    "HV": "HH",
}  # fmt: skip
_IPA = {
    "p": "P", "b": "B", "m": "M", "f": "F", "v": "V", "θ": "TH", "ð": "DH", "t": "T", "d": "D", "n": "N",
    "ɾ": "D",
    "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ʧ": "CH", "ʤ": "JH", "k": "K", "ɡ": "G", "g": "G", "ŋ": "NG",
    "h": "HH",
    "l": "L", "ɫ": "L", "ɹ": "R", "r": "R", "w": "W", "j": "Y", "x": "K", "ɑ": "AA", "a": "AA", "ɒ": "AA",
    "æ": "AE",
    "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɔ": "AO", "o": "AO", "ɛ": "EH", "e": "EH", "ɜ": "ER", "ɚ": "ER",
    "ɝ": "ER",
    "ɪ": "IH", "ᵻ": "IH", "i": "IY", "ʊ": "UH", "u": "UW",
}  # fmt: skip

FLITE_VOICES = ("slt", "rms", "awb", "kal16")
ESPEAK_VOICES = ("en-us", "en-gb", "en-us+f2", "en-us+m3", "en-gb+f4", "en-us+f5", "en-us+m7", "en-gb+m1")

Segment = tuple[str, float, float]

_GAP_S = 0.06  # a gap shorter than this between words is no pause: the mouth does not rest in it


@dataclass(frozen=True, eq=False)
class Utterance:
    """16 kHz samples and the (phone, start_s, end_s) spoken in them."""

    samples: NDArray[np.float32]
    segments: tuple[Segment, ...]


def split_phones(segments: list[Segment]) -> tuple[Segment, ...]:
    """Map the synthesisers' names to PHONES; a diphthong becomes two vowels, unknown names SIL."""
    result: list[Segment] = []
    for name, start, end in segments:
        phone = name.upper().rstrip("012")
        phone = _ALIASES.get(phone, phone)
        phone = phone if phone in PHONE_INDEX or phone in _DIPHTHONGS else "SIL"
        if phone in _DIPHTHONGS:
            first, second = _DIPHTHONGS[phone]
            middle = start + 0.6 * (end - start)
            result += [(first, start, middle), (second, middle, end)]
        elif phone == "SIL" and result and end - start < _GAP_S:
            result[-1] = (result[-1][0], result[-1][1], end)
        else:
            result.append((phone, start, end))
    return tuple(result)


def _to_16k(samples: NDArray[np.floating], rate: int) -> NDArray[np.float32]:
    divisor = gcd(SAMPLE_RATE, rate)
    return np.asarray(resample_poly(samples, SAMPLE_RATE // divisor, rate // divisor), np.float32)


def speak_with_flite(text: str, voice: str, stretch: float) -> Utterance:
    """Speak with flite; it prints each phone with its end time."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "speech.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.2f}", "-psdur"]
        printed = subprocess.run(
            [*command, "-t", text, "-o", str(path)], capture_output=True, text=True, check=True
        ).stdout
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / np.float32(32768)
    segments, start = [], 0.0
    for token in printed.split():
        name, end = token.rsplit(":", 1)
        segments.append((name, start, float(end)))
        start = float(end)
    return Utterance(_to_16k(samples, rate), split_phones(segments))


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p), ("id", _EventId),
    ]  # fmt: skip


class Espeak:
    """espeak-ng through its library, which reports every phone with its time in milliseconds."""

    _RETRIEVAL, _PHONEME_EVENTS_AS_IPA = 1, 1 | 2
    _PHONEME_EVENT = 7
    _RATE, _PITCH = 1, 3

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self._sample_rate = self._library.espeak_Initialize(
            self._RETRIEVAL, 0, None, self._PHONEME_EVENTS_AS_IPA
        )
        self._chunks: list[NDArray[np.int16]] = []
        self._events: list[tuple[float, str]] = []
        signature = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
        )
        self._callback = signature(self._receive)  # must outlive the library's use of it
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(
        self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]
    ) -> int:
        if samples and count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != 0:
            if events[index].type == self._PHONEME_EVENT:
                name = events[index].id.string.decode("utf-8", "ignore")
                self._events.append((events[index].audio_position / 1000, name))
            index += 1
        return 0

    def speak(self, text: str, voice: str, words_per_minute: int, pitch: int) -> Utterance:
        """Speak one sentence; affricates and diphthongs are split evenly over their symbols."""
        self._chunks, self._events = [], []
        self._library.espeak_SetVoiceByName(voice.encode())
        self._library.espeak_SetParameter(self._RATE, words_per_minute, 0)
        self._library.espeak_SetParameter(self._PITCH, pitch, 0)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, 1, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._chunks) / np.float32(32768)
        ends = [start for start, _ in self._events[1:]] + [len(samples) / self._sample_rate]
        segments: list[Segment] = []
        for (start, name), end in zip(self._events, ends, strict=True):
            symbols = [_IPA[c] for c in name.replace("tʃ", "ʧ").replace("dʒ", "ʤ") if c in _IPA] or ["SIL"]
            share = (end - start) / len(symbols)
            segments += [(s, start + i * share, start + (i + 1) * share) for i, s in enumerate(symbols)]
        return Utterance(_to_16k(samples, self._sample_rate), split_phones(segments))


def synthesise(minutes: float, seed: int) -> Iterator[Utterance]:
    """About `minutes` of speech, half from each synthesiser; voice, tempo and pitch vary by the seed."""
    generator = random.Random(seed)
    espeak = Espeak()
    speakers: tuple[Callable[[str], Utterance], ...] = (
        lambda text: speak_with_flite(text, generator.choice(FLITE_VOICES), generator.uniform(0.8, 1.25)),
        lambda text: espeak.speak(
            text, generator.choice(ESPEAK_VOICES), generator.randint(130, 220), generator.randint(30, 70)
        ),
    )
    spoken, turn = 0.0, 0
    while spoken < minutes * 60:
        utterance = speakers[turn % 2](make_sentence(generator))
        turn += 1
        spoken += len(utterance.samples) / SAMPLE_RATE
        yield utterance
