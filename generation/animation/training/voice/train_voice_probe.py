"""Train the probes that tell a voice from music and noise, and laughter from speech:

    python -m generation.animation.training.voice.train_voice_probe FOLDER

Speech is flite's and espeak-ng's, changed as recordings are, with music under some of it; what is no voice is
played by fluidsynth or is noise; laughter is made of bursts, see `laughter`. The probes are
FOLDER/voice_probe.safetensors. Takes five minutes on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch.nn import functional

from generation.animation.speech.acoustic_features import encoder_features
from generation.animation.speech.audio_input import SAMPLE_RATE, prepare_samples
from generation.animation.speech.mel_spectrogram import log_mel
from generation.animation.speech.voice_quality import PROBE_POSITIONS
from generation.animation.training.examples.augmentation import (
    augment,
    background_only,
    music_of_tones,
    noise,
)
from generation.animation.training.examples.utterance import Utterance, load_utterance
from generation.animation.training.synthesisers.synthesis import synthesise
from generation.animation.training.voice.laughter import laugh
from generation.animation.training.voice.music import play

_WINDOW: Final = 20_480  # samples, as a stream is listened to
_SOFTEST_DB: Final = -42.0
_MINUTES: Final = {"flite": 5.0, "espeak": 8.0}
_PIECES, _NOISES = 220, 60
_LAUGHS: Final = 160
OTHER, SPEECH, LAUGHTER = range(3)
_RIDGE: Final = 0.3


def windows(
    samples: NDArray[np.float32], count: int, generator: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Pooled features (1536,) of up to `count` windows of a recording in which something sounds."""
    levelled = prepare_samples(samples, SAMPLE_RATE)
    pooled = []
    for _ in range(count if len(levelled) >= _WINDOW else 0):
        first = int(generator.integers(0, len(levelled) - _WINDOW + 1))
        window = levelled[first : first + _WINDOW]
        if 10 * np.log10((window[-PROBE_POSITIONS * 320 :] ** 2).mean() + 1e-10) > _SOFTEST_DB:
            features = encoder_features(torch.from_numpy(log_mel(window))[None], PROBE_POSITIONS)[0].numpy()
            pooled.append(np.concatenate([features.mean(0), features.std(0)]))
    return pooled


def make_examples(folder: Path, seed: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Pooled features (N, 1536), and for each OTHER, SPEECH or LAUGHTER (N,)."""
    generator = np.random.default_rng(seed)
    pooled: dict[int, list[NDArray[np.float32]]] = {OTHER: [], SPEECH: [], LAUGHTER: []}
    for source, minutes in _MINUTES.items():
        for path in synthesise(source, minutes, folder / "speech"):
            samples = augment(load_utterance(path), generator).samples
            if generator.random() < 0.3:
                under = music_of_tones(len(samples), generator)
                samples = samples + under * 0.06 * 10 ** (-generator.uniform(3, 12) / 20)
            pooled[SPEECH] += windows(samples.astype(np.float32), 4, generator)
    for _ in range(_PIECES):
        pooled[OTHER] += windows(play(8.0, generator), 6, generator)
    for _ in range(_NOISES):
        level = 10 ** (-generator.uniform(10, 40) / 20)
        hiss = noise(6 * SAMPLE_RATE, generator) * level
        pooled[OTHER] += windows(hiss.astype(np.float32), 3, generator)
        pooled[OTHER] += windows(background_only(generator).samples, 3, generator)
    for _ in range(_LAUGHS):
        bouts = augment(Utterance(laugh(generator), ()), generator).samples
        pooled[LAUGHTER] += windows(bouts, 4, generator)
    labels = np.concatenate([np.full(len(found), label) for label, found in pooled.items()])
    return np.concatenate([np.stack(found) for found in pooled.values()]).astype(np.float32), labels


def fit(features: NDArray[np.float32], labels: NDArray[np.intp]) -> dict[str, NDArray[np.float32]]:
    """Two logistic regressions with a ridge over features in standard units, all three classes of equal
    weight: is it a voice, and is it laughter?"""
    mean, scale = features.mean(0), features.std(0) + 1e-3
    x = torch.from_numpy((features - mean) / scale)
    share = np.bincount(labels) / len(labels)
    each = torch.from_numpy((1 / (len(share) * share[labels])).astype(np.float32))
    targets = np.stack([labels != OTHER, labels == LAUGHTER], axis=1).astype(np.float32)
    y = torch.from_numpy(targets)
    weight = torch.zeros(x.shape[1], 2, requires_grad=True)
    bias = torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = functional.binary_cross_entropy_with_logits(x @ weight + bias, y, each[:, None])
        value = value + _RIDGE * (weight**2).sum() / 2
        value.backward()
        return value

    optimiser.step(loss)
    found = {"mean": mean, "scale": scale, "weight": weight.detach().numpy(), "bias": bias.detach().numpy()}
    return {name: np.ascontiguousarray(values, np.float32) for name, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    features, labels = make_examples(options.folder, options.seed)
    counts = np.bincount(labels)
    made = (
        f"windows of synthetic speech ({counts[SPEECH]}), music and noise ({counts[OTHER]}), "
        f"synthetic laughter ({counts[LAUGHTER]})"
    )
    save_file(
        fit(features, labels),
        options.folder / "voice_probe.safetensors",
        metadata={"source": made, "licence": "Apache-2.0"},
    )


if __name__ == "__main__":
    main()
