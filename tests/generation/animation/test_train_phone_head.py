"""The head learns from speech with known phones; the data are made the same way twice."""

from __future__ import annotations

import random
import shutil

import numpy as np
import pytest
import torch

from generation.animation.training.augmentation import augment, rest
from generation.animation.training.sentences import make_sentence
from generation.animation.training.synthesis import Utterance, split_phones
from generation.animation.training.train_phone_head import Example, frame_labels, make_examples, train
from generation.animation.visemes import PHONE_INDEX


def _utterance() -> Utterance:
    time = np.arange(16_000) / 16_000
    return Utterance(
        np.sin(900 * time).astype(np.float32), (("SIL", 0.0, 0.2), ("M", 0.2, 0.5), ("AA", 0.5, 1.0))
    )


def test_sentences_are_seeded_and_leave_no_slot_open() -> None:
    first, second = (random.Random(3) for _ in range(2))
    sentences = [make_sentence(first) for _ in range(200)]
    assert sentences == [make_sentence(second) for _ in range(200)]
    assert len(set(sentences)) > 190
    assert not any("{" in sentence for sentence in sentences)


def test_diphthongs_split_and_short_gaps_are_no_pauses() -> None:
    segments = split_phones(
        [("pau", 0.0, 0.2), ("ay1", 0.2, 0.4), ("pau", 0.4, 0.43), ("b", 0.43, 0.5), ("?", 0.5, 0.7)]
    )
    assert [name for name, _, _ in segments] == ["SIL", "AA", "IH", "B", "SIL"]
    assert segments[1][2] == pytest.approx(0.32)
    assert segments[2][2] == 0.43


def test_labels_move_with_the_changed_sound() -> None:
    heard = augment(_utterance(), np.random.default_rng(2))
    labels = frame_labels(heard, len(heard.samples) // 320)
    assert set(labels) == {PHONE_INDEX[p] for p in ("SIL", "M", "AA")}
    start = heard.segments[1][1]
    assert labels[int(start * 50) + 2] == PHONE_INDEX["M"]
    assert labels[0] == labels[int(start * 50) - 2] == PHONE_INDEX["SIL"]
    assert np.isfinite(heard.samples).all()
    assert np.abs(rest(np.random.default_rng(0)).samples).max() < 2


@pytest.mark.slow
def test_a_head_learns_what_can_be_learned() -> None:
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(3, 384))
    examples = []
    for _ in range(8):
        labels = np.repeat(generator.integers(0, 3, 30), 5)
        features = 3 * directions[labels] + generator.normal(size=(len(labels), 384))
        examples.append(Example(features.astype(np.float16), labels.astype(np.int64)))
    head = train(examples, steps=60, seed=0)
    with torch.inference_mode():
        guessed = head(torch.from_numpy(examples[0].features.astype(np.float32))[None])[0].argmax(-1).numpy()
    assert (guessed == examples[0].labels).mean() > 0.9


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("flite") is None, reason="needs the speech synthesisers flite and espeak-ng")
def test_speech_can_be_made_and_encoded() -> None:
    examples = make_examples(minutes=0.2, seed=5)
    assert sum(len(example.labels) for example in examples) > 500
    assert all(example.features.shape == (len(example.labels), 384) for example in examples)
    assert len({int(label) for example in examples for label in example.labels}) > 15
