"""Train the phone head:  python -m generation.animation.training.train_phone_head --out FILE

Makes the speech, runs the frozen encoder over a changed copy of each utterance, and fits the head to the
phone of every 20 ms frame. Training is short on purpose: more steps fit synthetic voices better and real
ones worse (MODEL_CARD.md). The same seed gives the same data.
"""

from __future__ import annotations

import argparse
import logging
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch.nn import functional

from generation.animation.audio_features import SAMPLE_RATE, prepare_samples
from generation.animation.phone_head import PhoneHead
from generation.animation.training.augmentation import augment, rest
from generation.animation.training.synthesis import Utterance, synthesise
from generation.animation.visemes import PHONE_INDEX, PHONES
from generation.animation.whisper_encoder import FEATURE_RATE, encode_speech

logger = logging.getLogger(__name__)

_BATCH, _FRAMES = 32, 100
_RESTS_PER_MINUTE = 0.5
_LEARNING_RATE = 2e-3


@dataclass(frozen=True, eq=False)
class Example:
    """Encoder features (T, 384) in half precision and the phone index of each frame (T,)."""

    features: NDArray[np.float16]
    labels: NDArray[np.int64]


def frame_labels(utterance: Utterance, count: int) -> NDArray[np.int64]:
    """The phone index of each 20 ms frame; frames nobody speaks in are SIL."""
    labels = np.zeros(count, np.int64)
    for phone, start, end in utterance.segments:
        first = max(0, round(start * FEATURE_RATE))
        labels[first : max(round(end * FEATURE_RATE), first + 1)] = PHONE_INDEX[phone]
    return labels


def make_examples(minutes: float, seed: int) -> list[Example]:
    """Synthesise, change and encode `minutes` of speech."""
    generator = np.random.default_rng(seed)
    examples = []
    for utterance in synthesise(minutes, seed):
        heard = augment(utterance, generator)
        features = encode_speech(prepare_samples(heard.samples, SAMPLE_RATE))
        examples.append(Example(features.astype(np.float16), frame_labels(heard, len(features))))
        if len(examples) % 100 == 0:
            logger.info("%d utterances encoded", len(examples))
    quiet = np.random.default_rng((seed, 1))
    for _ in range(round(minutes * _RESTS_PER_MINUTE)):
        features = encode_speech(prepare_samples(rest(quiet).samples, SAMPLE_RATE))
        examples.append(Example(features.astype(np.float16), np.zeros(len(features), np.int64)))
    return examples


def train(examples: list[Example], steps: int, seed: int) -> PhoneHead:
    """Fit a head; AdamW with a linearly falling rate, feature dropout and label smoothing."""
    torch.manual_seed(seed)
    generator = random.Random(seed)
    head = PhoneHead()
    everything = np.concatenate([example.features[::10] for example in examples]).astype(np.float32)
    head.mean.copy_(torch.from_numpy(everything.mean(0)))
    head.scale.copy_(torch.from_numpy(everything.std(0) + 1e-3))
    optimiser = torch.optim.AdamW(head.parameters(), _LEARNING_RATE, weight_decay=0.01)
    for step in range(steps):
        features, labels = _batch(examples, generator)
        features = features + 0.15 * head.scale * torch.randn_like(features)
        logits = head(functional.dropout(features, 0.1))
        loss = functional.cross_entropy(
            logits.reshape(-1, len(PHONES)), labels.reshape(-1), ignore_index=-1, label_smoothing=0.03
        )
        for group in optimiser.param_groups:
            group["lr"] = _LEARNING_RATE * max(0.02, 1 - step / steps)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 500 == 0:
            logger.info("step %d loss %.3f", step, loss.item())
    head.requires_grad_(False).eval()
    return head


def _batch(examples: list[Example], generator: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
    features = np.zeros((_BATCH, _FRAMES, examples[0].features.shape[1]), np.float32)
    labels = np.full((_BATCH, _FRAMES), -1, np.int64)
    for row in range(_BATCH):
        example = generator.choice(examples)
        start = generator.randint(0, max(0, len(example.labels) - _FRAMES))
        piece = slice(start, start + _FRAMES)
        features[row, : len(example.labels[piece])] = example.features[piece]
        labels[row, : len(example.labels[piece])] = example.labels[piece]
    return torch.from_numpy(features), torch.from_numpy(labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    head = train(make_examples(options.minutes, options.seed), options.steps, options.seed)
    state = {name: values.contiguous() for name, values in head.state_dict().items()}
    made = f"synthetic speech, {options.minutes:g} min, {options.steps} steps, seed {options.seed}"
    save_file(state, options.out, metadata={"source": made, "licence": "Apache-2.0"})


if __name__ == "__main__":
    main()
