"""Synthesises speech with phone times by espeak-ng, through its library (Debian package libespeak-ng1)."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from generation.animation.training.examples.utterance import Segment, Utterance, split_phones, to_16k
from generation.animation.training.synthesisers.ipa import phones_of_ipa

# By language; the second part of a name changes pitch and vocal tract.
ESPEAK_VOICES = {
    "en": ("en-us", "en-gb", "en-us+f2", "en-us+m3", "en-gb+f4", "en-us+f5", "en-us+m7", "en-gb+m1"),
    **{
        language: (language, *(f"{language}+{variant}" for variant in ("f2", "f4", "m3", "m7")))
        for language in ("fr", "it", "es", "ru", "de")
    },
}


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

    _SYNCHRONOUS = 2  # with a thread of its own the library waits forever once in some hundred sentences
    _PHONEME_EVENTS_AS_IPA = 1 | 2
    _PHONEME_EVENT = 7
    _RATE, _PITCH = 1, 3

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        self._sample_rate = self._library.espeak_Initialize(
            self._SYNCHRONOUS, 0, None, self._PHONEME_EVENTS_AS_IPA
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
        samples = np.concatenate(self._chunks) / np.float32(32768)
        ends = [start for start, _ in self._events[1:]] + [len(samples) / self._sample_rate]
        segments: list[Segment] = []
        for (start, name), end in zip(self._events, ends, strict=True):
            symbols = phones_of_ipa(name) or ["SIL"]
            share = (end - start) / len(symbols)
            segments += [(s, start + i * share, start + (i + 1) * share) for i, s in enumerate(symbols)]
        return Utterance(to_16k(samples, self._sample_rate), split_phones(segments))
