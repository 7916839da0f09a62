"""Utterance: one synthesised sentence with exact phone times, and its file format."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.speech.visemes import PHONE_INDEX, PHONES

Segment = tuple[str, float, float]

_DIPHTHONGS = {
    "AY": ("AA", "IH"), "EY": ("EH", "IY"), "OY": ("AO", "IY"), "AW": ("AA", "UH"), "OW": ("AO", "UH"),
}  # fmt: skip
_ALIASES = {
    "AX": "AH", "AXR": "ER", "IX": "IH", "UX": "UW", "PAU": "SIL", "DX": "D", "EL": "L", "EM": "M", "EN": "N",
    "HV": "HH",
}  # fmt: skip
_GAP_S = 0.06  # a gap shorter than this between words is no pause: the mouth does not rest in it


@dataclass(frozen=True, eq=False)
class Utterance:
    """16 kHz samples and the (phone, start_s, end_s) spoken in them."""

    samples: NDArray[np.float32]
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def split_phones(segments: list[Segment]) -> tuple[Segment, ...]:
    """Map the synthesisers' phone names to PHONES; a diphthong becomes two vowels, an unknown name SIL."""
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


def to_16k(samples: NDArray[np.floating], rate: int) -> NDArray[np.float32]:
    """Resample (N,) from `rate` Hz to 16 kHz."""
    divisor = gcd(SAMPLE_RATE, rate)
    return np.asarray(resample_poly(samples, SAMPLE_RATE // divisor, rate // divisor), np.float32)


def save_utterance(path: Path, utterance: Utterance) -> None:
    """Write atomically, so that an interrupted run leaves no partial file."""
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        np.savez(
            file,
            samples=(np.clip(utterance.samples, -1, 1) * 32767).astype(np.int16),
            phones=np.array([PHONE_INDEX[phone] for phone, _, _ in utterance.segments], np.uint8),
            times=np.array([times for _, *times in utterance.segments], np.float32).reshape(-1, 2),
        )
    temporary.replace(path)


def load_utterance(path: Path) -> Utterance:
    """Read what `save_utterance` wrote."""
    with np.load(path) as stored:
        segments = tuple(
            (PHONES[phone], float(start), float(end))
            for phone, (start, end) in zip(stored["phones"], stored["times"], strict=True)
        )
        return Utterance(stored["samples"] / np.float32(32768), segments)
