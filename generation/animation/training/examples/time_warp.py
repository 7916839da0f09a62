"""Speech sped up, slowed down or with held vowels, at its own pitch: overlap-add of similar waves (WSOLA).

Verhelst & Roelands 1993. Pieces of 30 ms are taken where they continue best what was laid down before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.audio_features import SAMPLE_RATE
from generation.animation.speech.visemes import VOWELS
from generation.animation.training.examples.utterance import Segment, Utterance

_PIECE, _SEARCH = 480, 160  # samples
_HOP = _PIECE // 2


def change_tempo(utterance: Utterance, rate: float) -> Utterance:
    """`rate` times as fast."""
    end = utterance.duration_s
    return _warp(utterance, np.array([0.0, end]), np.array([0.0, end / rate]))


def hold_vowels(utterance: Utterance, factor: float, generator: np.random.Generator) -> Utterance:
    """Sung: every vowel lasts up to `factor` times as long, at least half of the way there."""
    old, new = [0.0], [0.0]
    for phone, start, end in utterance.segments:
        stretch = 1 + (factor - 1) * generator.uniform(0.5, 1.0) if phone in VOWELS else 1.0
        if end > start > old[-1] - 1e-6:
            new += [new[-1] + start - old[-1], new[-1] + start - old[-1] + stretch * (end - start)]
            old += [start, end]
    rest = max(0.0, utterance.duration_s - old[-1])
    return _warp(utterance, np.array([*old, old[-1] + rest]), np.array([*new, new[-1] + rest]))


def sway_pitch(utterance: Utterance, depth: float, hz: float, shift: float) -> Utterance:
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
    """Move what is at `old` seconds to `new` seconds."""
    source = np.pad(utterance.samples, (_PIECE, 2 * _PIECE))
    window = np.hanning(_PIECE + 1)[:_PIECE].astype(np.float32)
    count = int(new[-1] * SAMPLE_RATE)
    out = np.zeros(count + 2 * _PIECE, np.float32)
    taken: int | None = None
    starts = np.arange(0, count + _HOP, _HOP)
    wanted = np.interp((starts + _HOP) / SAMPLE_RATE, new, old) * SAMPLE_RATE - _HOP + _PIECE
    for start, middle in zip(starts, wanted.astype(int), strict=True):
        at = min(max(middle, 0), len(source) - _PIECE)
        if taken is not None:
            following = source[taken + _HOP : taken + _HOP + _PIECE]
            first = max(0, at - _SEARCH)
            region = source[first : at + _SEARCH + _PIECE]
            if len(following) == _PIECE and len(region) > _PIECE:
                score = np.correlate(region[::2], following[::2], "valid")
                energy = np.convolve(region[::2] ** 2, np.ones(_PIECE // 2), "valid")
                at = first + 2 * int((score / np.sqrt(energy[: len(score)] + 1e-4)).argmax())
        piece = source[at : at + _PIECE]
        out[start : start + len(piece)] += window[: len(piece)] * piece
        taken = at
    return Utterance(out[:count], _moved(utterance.segments, old, new))
