"""Training examples of ArticulationNet: acoustic features of augmented speech, with target phones and curves.

An example is a window of 1.28 s. Half of them are analysed as in a recording, with context on both sides; the
others alone, and at a level that may be off. That is harder than what a stream does, where the encoder sees
the last 2 s and silence after them. Examples are kept in shards on disk, so that an interrupted run resumes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from generation.animation.speech.acoustic_features import (
    AcousticFeatures,
    encoder_features,
    extract_features,
    prosody_features,
)
from generation.animation.speech.articulation_net import FRAME_RATE, FRAMES_PER_POSITION
from generation.animation.speech.audio_input import SAMPLE_RATE, Samples, prepare_samples
from generation.animation.speech.coarticulation import articulate
from generation.animation.speech.mel_spectrogram import log_mel
from generation.animation.speech.phone_segment import PhoneSegment
from generation.animation.speech.prosody import measure_prosody
from generation.animation.speech.visemes import LIP_CLOSURES, LIP_TEETH, PHONE_INDEX
from generation.animation.training.examples.augmentation import augment, background_only
from generation.animation.training.examples.utterance import Utterance, load_utterance

logger = logging.getLogger(__name__)

POSITIONS = 64
FRAMES = POSITIONS * FRAMES_PER_POSITION
_WINDOW = FRAMES * SAMPLE_RATE // FRAME_RATE
_FILES_PER_SHARD = 40
_SILENCES_PER_SHARD = 3
_EDGE = 6  # positions at the end of a streamed window that are never committed
_LEVEL_ERROR_DB = 5.0


@dataclass(frozen=True, eq=False)
class Examples:
    """N windows: encoder layers `speech` (N, 64, 768), `mel` (N, 128, 80) and prosody `sound` (N, 128, 3) in
    half precision, target `phones` (N, 128) and `curves` (N, 128, 10), `weight` (N, 128), 0 where the loss
    does not count. Field names are keys of the shards on disk."""

    speech: NDArray[np.float16]
    mel: NDArray[np.float16]
    sound: NDArray[np.float16]
    phones: NDArray[np.uint8]
    curves: NDArray[np.float16]
    weight: NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class FrameTargets:
    """Targets of a clip, per frame of 10 ms: phone (T,) and curves (T, 10)."""

    phones: NDArray[np.uint8]
    curves: NDArray[np.float16]


def frame_targets(utterance: Utterance, levels_db: NDArray[np.float32]) -> FrameTargets:
    """The targets of an utterance with levels (T,): phones, mouth shapes, and 1 where lips, or lower lip and
    teeth, touch."""
    count = len(levels_db)
    phones = np.zeros(count, np.uint8)
    contacts = np.zeros((count, 2))
    spoken = []
    for phone, start, end in utterance.segments:
        frames = _frames(start, end, count)
        phones[frames] = PHONE_INDEX[phone]
        if phone in LIP_CLOSURES:
            # The closure of a plosive ends at its burst, before the end of the phone.
            contacts[
                _frames(start, end if phone == "M" else end - 0.3 * min(end - start, 0.08), count), 0
            ] = 1
        elif phone in LIP_TEETH:
            contacts[frames, 1] = 1
        level = float(levels_db[frames].max()) if frames.start < frames.stop else -60.0
        spoken.append(PhoneSegment(phone, start, end, level))
    shapes = articulate(spoken, count / FRAME_RATE).shapes
    return FrameTargets(phones, np.concatenate([shapes, contacts], 1).astype(np.float16))


def _frames(start_s: float, end_s: float, count: int) -> slice:
    first = min(count, max(0, round(start_s * FRAME_RATE)))
    return slice(first, min(count, max(first + 1, round(end_s * FRAME_RATE))))


def make_examples(utterance: Utterance, generator: np.random.Generator) -> Examples:
    """Windows of one augmented utterance, analysed in their context and alone."""
    samples = prepare_samples(utterance.samples, SAMPLE_RATE)
    samples = np.pad(samples, (0, max(0, _WINDOW - len(samples))))[: 30 * SAMPLE_RATE]
    whole = extract_features(samples)
    frames = len(whole.mel)
    targets = frame_targets(utterance, measure_prosody(samples).level_db[:frames])
    last = frames // FRAMES_PER_POSITION - POSITIONS
    starts = np.unique(np.append(np.arange(0, last, 40), last))
    recorded = _cut(whole, starts)
    shifted = np.unique(np.clip(starts + generator.integers(-20, 20, len(starts)), 0, last))
    streamed = _isolated_windows(samples, shifted, generator)
    weight = np.ones((len(starts) + len(shifted), FRAMES), np.float16)
    weight[len(starts) :, -_EDGE * FRAMES_PER_POSITION :] = 0
    places = np.append(starts, shifted) * FRAMES_PER_POSITION
    speech, mel, sound = (np.concatenate(pair) for pair in zip(recorded, streamed, strict=True))
    return Examples(
        speech,
        mel,
        sound,
        np.stack([targets.phones[at : at + FRAMES] for at in places]),
        np.stack([targets.curves[at : at + FRAMES] for at in places]),
        weight,
    )


def _cut(features: AcousticFeatures, starts: NDArray[np.integer]) -> list[NDArray[np.float16]]:
    def pieces(values: torch.Tensor, per_position: int) -> NDArray[np.float16]:
        array = values.numpy().astype(np.float16)
        span = POSITIONS * per_position
        return np.stack([array[at * per_position :][:span] for at in starts])

    return [
        pieces(features.encoder, 1),
        pieces(features.mel, FRAMES_PER_POSITION),
        pieces(features.prosody, FRAMES_PER_POSITION),
    ]


def _isolated_windows(
    samples: Samples, starts: NDArray[np.integer], generator: np.random.Generator
) -> list[NDArray[np.float16]]:
    mels, sounds = [], []
    for start in starts:
        at = start * FRAMES_PER_POSITION * SAMPLE_RATE // FRAME_RATE
        gain = np.float32(10 ** (generator.normal(0, _LEVEL_ERROR_DB) / 20))
        window = samples[at : at + _WINDOW] * gain
        mels.append(log_mel(window))
        sounds.append(prosody_features(measure_prosody(window)))
    mel = np.stack(mels)
    speech = encoder_features(torch.from_numpy(mel)).numpy()
    return [
        speech.astype(np.float16),
        mel.transpose(0, 2, 1).astype(np.float16),
        np.stack(sounds).astype(np.float16),
    ]


def make_shards(files: Sequence[Path], copies: int, seed: int, directory: Path) -> list[Path]:
    """Write the examples of `copies` augmented copies of each file to `directory`; existing shards are
    kept."""
    directory.mkdir(parents=True, exist_ok=True)
    order = [(path, copy) for copy in range(copies) for path in files]
    shuffled = np.random.default_rng(seed).permutation(len(order))
    shards = []
    for index, first in enumerate(range(0, len(order), _FILES_PER_SHARD)):
        shard = directory / f"{seed}_{index:04d}.npz"
        shards.append(shard)
        if shard.exists():
            continue
        generator = np.random.default_rng((seed, index))
        utterances = [load_utterance(order[k][0]) for k in shuffled[first : first + _FILES_PER_SHARD]]
        parts = [make_examples(augment(utterance, generator), generator) for utterance in utterances]
        parts += [make_examples(background_only(generator), generator) for _ in range(_SILENCES_PER_SHARD)]
        joined = concatenate_examples(parts)
        temporary = shard.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(file, **{field.name: getattr(joined, field.name) for field in fields(Examples)})
        temporary.replace(shard)
        logger.info(
            "shard %d of %d: %d windows", index + 1, -(-len(order) // _FILES_PER_SHARD), len(joined.phones)
        )
    return shards


def load_shards(shards: Sequence[Path]) -> Examples:
    """All examples of some shards."""
    parts = []
    for shard in shards:
        with np.load(shard) as stored:
            parts.append(Examples(**{field.name: stored[field.name] for field in fields(Examples)}))
    return concatenate_examples(parts)


def concatenate_examples(parts: Sequence[Examples]) -> Examples:
    """The examples of several parts."""
    return Examples(
        **{field.name: np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Examples)}
    )
