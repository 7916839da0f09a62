"""Train MotionFlow:  python -m generation.animation.training.train_motion_flow FOLDER

Makes speech and motion examples (kept in FOLDER), then trains by flow matching. Checkpoints and the loss
curve are kept in FOLDER too, so that an interrupted run resumes. The trained network is
FOLDER/motion_flow.safetensors.
"""

from __future__ import annotations

import argparse
import csv
import logging
import math
import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from generation.animation.motion.motion_flow import (
    AUDIO_WIDTH,
    CONDITIONS,
    PREFIX,
    WINDOW,
    AudioConditioning,
    MotionFlow,
)
from generation.animation.motion.motion_plan import SMOOTH, WIDTH
from generation.animation.motion.planner import edge_curves, silence
from generation.animation.training.examples.captures import load_captures
from generation.animation.training.examples.motion_examples import MotionExample, make_motion_examples
from generation.animation.training.examples.utterance import Utterance, load_utterance
from generation.animation.training.synthesisers.synthesis import synthesise

logger = logging.getLogger(__name__)

_SOURCES = ("flite", "espeak")
_BATCH = 32
_RATE, _WARM_UP = 8e-4, 300
_DROPPED, _ALL_DROPPED = 0.10, 0.05  # probability that one condition, and that every condition, is masked
_END_UNKNOWN = 0.4  # share of windows without the proximity to the clip's end
_CUT, _CUT_ROWS = 0.4, (-4, 5)  # share of windows whose voice is known up to a few rows only, as in streaming
_PREFIX_NOISE = 0.06  # standard deviations: at inference the prefix is a prediction, too
_VELOCITY_WEIGHT = 0.5
_AVERAGE = 0.999  # decay of the running average of the weights, which is what is kept
_SAVE_EVERY = 500


@dataclass(frozen=True, eq=False)
class Clips:
    """All examples, with rest before and after, as arrays to cut windows from."""

    rows: list[NDArray[np.float32]]  # (T, WIDTH)
    voices: list[NDArray[np.float32]]
    edges: list[NDArray[np.float32]]
    controls: NDArray[np.float32]  # (examples, 16)

    @classmethod
    def of(cls, examples: list[MotionExample]) -> Clips:
        rows, voices, edges, controls = [], [], [], []
        for example in examples:
            voice = np.concatenate([silence(PREFIX), example.voice, silence(WINDOW)])
            after = np.repeat(example.plan[-1:], WINDOW, axis=0)
            after[:, WIDTH - 1] = 0.0
            rows.append(np.concatenate([np.zeros((PREFIX, WIDTH), np.float32), example.plan, after]))
            voices.append(voice)
            edges.append(edge_curves(-PREFIX, len(voice), len(example.plan)))
            vector = example.control_vector
            controls.append(np.concatenate([vector.emotion, vector.style, vector.gaze]))
        return cls(rows, voices, edges, np.stack(controls).astype(np.float32))


def sample_batch(clips: Clips, size: int, generator: np.random.Generator) -> tuple[Tensor, ...]:
    """Random windows: rows (B, W, 18), audio (B, W, 38), controls (B, 16), condition masks (B, 4)."""
    rows = np.empty((size, WINDOW, WIDTH), np.float32)
    audio = np.empty((size, WINDOW, AUDIO_WIDTH), np.float32)
    condition_mask = np.ones((size, CONDITIONS), np.float32)
    chosen = generator.integers(len(clips.rows), size=size)
    for i, number in enumerate(chosen):
        # A tenth of the windows begin where clips do.
        latest = len(clips.rows[number]) - WINDOW
        first = 0 if generator.random() < 0.1 else int(generator.integers(latest + 1))
        window = slice(first, first + WINDOW)
        rows[i] = clips.rows[number][window]
        known = np.ones(WINDOW, np.float32)
        edges = clips.edges[number][window].copy()
        if generator.random() < _CUT:
            known[PREFIX + int(generator.integers(*_CUT_ROWS)) :] = 0.0
        if generator.random() < _END_UNKNOWN:
            edges[:, 1] = 0.0
        voice = clips.voices[number][window] * known[:, None]
        audio[i] = AudioConditioning(voice, known, edges).rows()
    condition_mask[generator.random((size, CONDITIONS)) < _DROPPED] = 0.0
    condition_mask[generator.random(size) < _ALL_DROPPED] = 0.0
    controls = clips.controls[chosen]
    return tuple(torch.from_numpy(values) for values in (rows, audio, controls, condition_mask))


def flow_loss(network: MotionFlow, batch: tuple[Tensor, ...], noise: torch.Generator) -> Tensor:
    """The flow-matching loss: mean squared error of the velocity field, plus that of the row-to-row
    differences of the plan which it points to. The prefix does not count."""
    rows, audio, controls, condition_mask = batch
    plan = (rows - network.mean) / network.scale
    start = torch.randn(plan.shape, generator=noise)
    time = torch.rand(len(plan), generator=noise)
    at = time[:, None, None]
    mixed = (1 - at) * start + at * plan
    noisy_prefix = plan[:, :PREFIX] + _PREFIX_NOISE * torch.randn(plan[:, :PREFIX].shape, generator=noise)
    mixed = torch.cat([noisy_prefix, mixed[:, PREFIX:]], dim=1)
    velocity = network(mixed, time, audio, controls, condition_mask)
    error = (velocity - (plan - start))[:, PREFIX:]
    loss = (error**2).mean()
    # The end point of a straight path from here: its row-to-row differences should be those of the plan.
    predicted = torch.cat([plan[:, :PREFIX], (mixed + (1 - at) * velocity)[:, PREFIX:]], dim=1)
    steps = (predicted - plan)[:, PREFIX - 1 :, SMOOTH].diff(dim=1)
    return loss + _VELOCITY_WEIGHT * (at * steps**2).mean()


def train(examples: list[MotionExample], until: int, seed: int, folder: Path, *, of: int) -> MotionFlow:
    """Train up to step `until` of a schedule of `of` steps, from the checkpoint in `folder` if there is
    one."""
    clips = Clips.of(examples)
    torch.manual_seed(seed)
    network, average = MotionFlow(), MotionFlow()
    plans = np.concatenate([example.plan for example in examples])
    network.mean.copy_(torch.from_numpy(plans.mean(0)))
    network.scale.copy_(torch.from_numpy(plans.std(0) + 1e-3))
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(network.parameters(), _RATE, betas=(0.9, 0.98), weight_decay=0.01)
    checkpoint, done = folder / "motion_flow.pt", 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        done = int(saved["done"])
        logger.info("going on from step %d", done)
    losses: list[float] = []
    began = time.monotonic()
    for step in range(done, until):
        generator = np.random.default_rng((seed, step))
        noise = torch.Generator().manual_seed(seed * 1_000_003 + step)
        loss = flow_loss(network, sample_batch(clips, _BATCH, generator), noise)
        rate = _RATE * min(1.0, (step + 1) / _WARM_UP) * max(0.02, 0.5 + 0.5 * math.cos(math.pi * step / of))
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        keep = min(_AVERAGE, (step + 1) / (step + 10))
        with torch.no_grad():
            for mean, current in zip(average.parameters(), network.parameters(), strict=True):
                mean.lerp_(current, 1 - keep)
        losses.append(loss.item())
        if (step + 1) % _SAVE_EVERY == 0 or step + 1 == until:
            _save(checkpoint, network, average, optimiser, step + 1)
            mean_loss = float(np.mean(losses))
            with (folder / "motion_flow_loss.csv").open("a", newline="") as file:
                csv.writer(file).writerow([step + 1, f"{mean_loss:.4f}"])
            logger.info("step %d loss %.4f, %.0f s", step + 1, mean_loss, time.monotonic() - began)
            losses = []
    average.eval()
    return average


def _save(
    path: Path, network: MotionFlow, average: MotionFlow, optimiser: torch.optim.Optimizer, done: int
) -> None:
    state = {
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
        "done": done,
    }
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def read_speech(folder: Path, minutes: float) -> list[Utterance]:
    """Utterances of two synthesisers in turn; missing ones are synthesised."""
    files = [synthesise(source, minutes / len(_SOURCES), folder) for source in _SOURCES]
    return [load_utterance(path) for pair in zip(*files, strict=False) for path in pair]


def _examples(folder: Path, minutes: float, takes: int, seed: int) -> list[MotionExample]:
    path = folder / "examples.pickle"
    if not path.exists():
        made = make_motion_examples(read_speech(folder / "speech", minutes), takes, seed)
        path.write_bytes(pickle.dumps(made))
    loaded: list[MotionExample] = pickle.loads(path.read_bytes())  # noqa: S301  (written by this program)
    return loaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=90, help="of speech")
    parser.add_argument("--takes", type=int, default=8, help="examples of each clip")
    parser.add_argument("--captures", type=Path, help="a folder of consented captures to learn from, too")
    parser.add_argument("--steps", type=int, default=16_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.folder.mkdir(parents=True, exist_ok=True)
    examples = _examples(options.folder, options.minutes, options.takes, options.seed)
    if options.captures:
        # Repeated so that captures weigh as much as the generated examples.
        captures = load_captures(options.captures)
        examples += captures * max(1, len(examples) // max(1, len(captures)))
    network = train(examples, options.steps, options.seed, options.folder, of=options.steps)
    state = {name: values.contiguous() for name, values in network.state_dict().items()}
    made = (
        f"performances to {options.minutes:g} min of synthetic speech, {options.takes} each, "
        f"{options.steps} steps, seed {options.seed}"
    )
    save_file(
        state, options.folder / "motion_flow.safetensors", metadata={"source": made, "licence": "Apache-2.0"}
    )


if __name__ == "__main__":
    main()
