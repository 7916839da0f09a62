"""Time-scale and pitch modification of speech with its phone times, by WSOLA (Verhelst & Roelands 1993).

Segments of 30 ms are overlap-added from where they best continue the segment before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.speech.visemes import VOWELS
from generation.animation.training.examples.utterance import Segment, Utterance

_PIECE, _SEARCH = 480, 160  # samples
_HOP = _PIECE // 2


def change_tempo(utterance: Utterance, rate: float) -> Utterance:
    """`rate` times as fast, at the same pitch."""
    end = utterance.duration_s
    return _warp(utterance, np.array([0.0, end]), np.array([0.0, end / rate]))


def hold_vowels(utterance: Utterance, factor: float, generator: np.random.Generator) -> Utterance:
    """Vowels held as in singing: each is stretched by (1 + factor) / 2 to `factor`, at random."""
    old, new = [0.0], [0.0]
    for phone, start, end in utterance.segments:
        stretch = 1 + (factor - 1) * generator.uniform(0.5, 1.0) if phone in VOWELS else 1.0
        if end > start > old[-1] - 1e-6:
            new += [new[-1] + start - old[-1], new[-1] + start - old[-1] + stretch * (end - start)]
            old += [start, end]
    rest = max(0.0, utterance.duration_s - old[-1])
    return _warp(utterance, np.array([*old, old[-1] + rest]), np.array([*new, new[-1] + rest]))


def vary_pitch(utterance: Utterance, depth: float, hz: float, shift: float) -> Utterance:
    """Vibrato of `depth` (relative) at `hz`, and the whole `shift` times as high and as fast."""
    count = int(len(utterance.samples) / shift)
    time = np.arange(count) / SAMPLE_RATE
    read = shift * time + shift * depth * (1 - np.cos(2 * np.pi * hz * time)) / (2 * np.pi * hz)
    samples = np.interp(read * SAMPLE_RATE, np.arange(len(utterance.samples)), utterance.samples)
    return Utterance(samples.astype(np.float32), _moved(utterance.segments, read, time))


def _moved(
    segments: tuple[Segment, ...], old: NDArray[np.floating], new: NDArray[np.floating]
) -> tuple[Segment, ...]:
    return tuple(
        (phone, float(np.interp(start, old, new)), float(np.interp(end, old, new)))
        for phone, start, end in segments
    )


def _warp(utterance: Utterance, old: NDArray[np.floating], new: NDArray[np.floating]) -> Utterance:
    """Resample time so that what is at `old` (N,) seconds comes to `new` (N,) seconds."""
    source = np.pad(utterance.samples, (_PIECE, 2 * _PIECE))
    window = np.hanning(_PIECE + 1)[:_PIECE].astype(np.float32)
    count = int(new[-1] * SAMPLE_RATE)
    out = np.zeros(count + 2 * _PIECE, np.float32)
    last: int | None = None
    starts = np.arange(0, count + _HOP, _HOP)
    wanted = np.interp((starts + _HOP) / SAMPLE_RATE, new, old) * SAMPLE_RATE - _HOP + _PIECE
    for start, middle in zip(starts, wanted.astype(int), strict=True):
        at = min(max(middle, 0), len(source) - _PIECE)
        if last is not None:
            following = source[last + _HOP : last + _HOP + _PIECE]
            first = max(0, at - _SEARCH)
            region = source[first : at + _SEARCH + _PIECE]
            if len(following) == _PIECE and len(region) > _PIECE:
                score = np.correlate(region[::2], following[::2], "valid")
                energy = np.convolve(region[::2] ** 2, np.ones(_PIECE // 2), "valid")
                at = first + 2 * int((score / np.sqrt(energy[: len(score)] + 1e-4)).argmax())
        piece = source[at : at + _PIECE]
        out[start : start + len(piece)] += window[: len(piece)] * piece
        last = at
    return Utterance(out[:count], _moved(utterance.segments, old, new))
