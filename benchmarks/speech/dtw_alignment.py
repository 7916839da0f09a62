"""Aligns phones to recordings by dynamic time warping to synthesised readings, and measures the accuracy.

    python -m benchmarks.speech.dtw_alignment [--speech FOLDER]

For languages without a forced aligner. A text is synthesised by five voices of espeak-ng, each reading is
warped onto the recording, and the time of a phone is the median of the five. The program prints the error on
telephone speech of Kokoro, whose phone times are known (needs what `make train` needs). Voices, encoder
layers and the stretching cost were chosen there, not on the recordings that are labelled.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import resample_poly

from generation.animation.geometry.jit import jit_kernel
from generation.animation.speech.acoustic_features import encoder_features
from generation.animation.speech.audio_input import SAMPLE_RATE, Samples, prepare_samples
from generation.animation.speech.mel_spectrogram import log_mel
from generation.animation.speech.visemes import LIP_CLOSURES
from generation.animation.speech.whisper_encoder import FEATURE_RATE
from generation.animation.training.examples.sentences import make_phrase
from generation.animation.training.examples.utterance import Segment
from generation.animation.training.synthesisers.espeak import Espeak
from generation.animation.training.synthesisers.kokoro import KOKORO_VOICES, Kokoro

# Voice and words a minute.
_READINGS = (("", 160), ("+f2", 160), ("+f4", 150), ("+m3", 150), ("+m7", 170))
_PITCH = 50
_SPANISH = "es-419"  # Latin American, as the recordings are
_STRETCHING = 0.02  # cost of a step in only one of the two sequences, in cosine distance
_NEAR_S = 0.04
_TRIALS = 25  # sentences of each language


@dataclass(frozen=True)
class Labels:
    """Phones with times, and the misfit: the median over the readings of the mean cosine distance."""

    segments: tuple[Segment, ...]
    misfit: float


def align_by_dtw(espeak: Espeak, text: str, language: str, samples: Samples, sample_rate: int) -> Labels:
    """Phone times of `text` in a recording (N,) in -1..1 of at most 30 s."""
    recording = _features(prepare_samples(samples, sample_rate))
    voice = _SPANISH if language == "es" else language
    phones: list[str] = []
    starts, ends, misfits = [], [], []
    for variant, words_per_minute in _READINGS:
        reading = espeak.speak(text, voice + variant, words_per_minute, _PITCH)
        spoken = [phone for phone, _, _ in reading.segments]
        phones = phones or spoken
        if spoken != phones:
            continue
        of_reading, of_recording, misfit = _warp(
            _features(prepare_samples(reading.samples, SAMPLE_RATE)), recording
        )
        times = np.interp([time for _, *span in reading.segments for time in span], of_reading, of_recording)
        starts.append(times[::2])
        ends.append(times[1::2])
        misfits.append(misfit)
    if language == "es":
        phones = _nasals_as_spoken(phones)
    start, end = np.median(starts, axis=0), np.median(ends, axis=0)
    return Labels(
        tuple(zip(phones, start.tolist(), end.tolist(), strict=True)),
        float(np.median(misfits)),
    )


def _nasals_as_spoken(phones: list[str]) -> list[str]:
    """Replace M before F, as espeak-ng reads conferencia, by V: speakers say [ɱ], with the lip on the teeth
    (Martínez-Celdrán et al., Castilian Spanish, JIPA 33, 2003)."""
    return [
        "V" if (phone, following) == ("M", "F") else phone
        for phone, following in zip(phones, [*phones[1:], "SIL"], strict=True)
    ]


def _features(samples: Samples) -> NDArray[np.float64]:
    """The encoder layers that separate phones best, normalised to unit length: (T, 768)."""
    layers = encoder_features(torch.from_numpy(log_mel(samples))[None])[0].numpy().astype(np.float64)
    layers -= layers.mean(0)
    return np.asarray(layers / np.linalg.norm(layers, axis=1, keepdims=True), np.float64)


def _warp(
    reading: NDArray[np.float64], recording: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Dynamic time warping: times in the reading, the corresponding times in the recording (both in seconds),
    and the mean distance."""
    total = _total_costs(1 - reading @ recording.T, _STRETCHING)
    i, j = len(reading), len(recording)
    path = []
    while i > 0 and j > 0:
        path.append((i - 0.5, j - 0.5))
        step = int(np.argmin((total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])))
        i, j = i - (step != 2), j - (step != 1)
    from_positions, to_positions = np.array(path[::-1]).T
    known, first = np.unique(from_positions, return_index=True)
    mean_to = np.array([group.mean() for group in np.split(to_positions, first[1:])])
    return known / FEATURE_RATE, mean_to / FEATURE_RATE, float(total[-1, -1] / len(path))


@jit_kernel
def _total_costs(distance: NDArray[np.float64], stretching: float) -> NDArray[np.float64]:
    """Least cost (R + 1, C + 1) of a path to each pair of positions."""
    rows, columns = distance.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            stretched = min(total[i - 1, j], total[i, j - 1]) + stretching
            total[i, j] = distance[i - 1, j - 1] + min(total[i - 1, j - 1], stretched)
    return total


def measure_labels(language: str, kokoro: Kokoro, espeak: Espeak) -> tuple[int, float, float, float]:
    """For the lip closures in Kokoro's speech: their number, median and 90th percentile of the error of their
    centres in seconds, and the share of labels within 40 ms of their closure."""
    distances, near = [], []
    for index in range(_TRIALS):
        generator = random.Random(f"labels {language} {index}")
        text = make_phrase(language, generator)
        voice = generator.choice(KOKORO_VOICES)
        spoken = kokoro.speak(text, language, voice, voice, 0.0, generator.uniform(0.9, 1.1))
        telephone = np.asarray(resample_poly(spoken.samples, 1, 2), np.float32)
        labels = align_by_dtw(espeak, text, language, telephone, SAMPLE_RATE // 2)
        true, found = (
            [(start, end) for phone, start, end in segments if phone in LIP_CLOSURES]
            for segments in (spoken.segments, labels.segments)
        )
        if len(true) != len(found):
            continue  # the two synthesisers read the text differently
        for (start, end), (first, last) in zip(true, found, strict=True):
            distances.append(abs(first + last - start - end) / 2)
            near.append(first - _NEAR_S < end and last + _NEAR_S > start)
    return len(near), float(np.median(distances)), float(np.percentile(distances, 90)), float(np.mean(near))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, default=Path("var/training/articulation/speech"))
    options = parser.parse_args()
    options.speech.mkdir(parents=True, exist_ok=True)
    kokoro, espeak = Kokoro(options.speech / "kokoro.onnx"), Espeak()
    print("| language | closures | off by, median | off by, 90 % | within 40 ms of their closure |")
    print("|---|---|---|---|---|")
    for language in ("fr", "it", "es", "ru"):
        count, median, most, near = measure_labels(language, kokoro, espeak)
        print(f"| {language} | {count} | {median * 1000:.0f} ms | {most * 1000:.0f} ms | {near:.3f} |")


if __name__ == "__main__":
    main()
