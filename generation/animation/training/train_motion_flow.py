"""Train MotionFlow:  python -m generation.animation.training.train_motion_flow FOLDER

Makes speech and performances (kept in FOLDER), then trains by flow matching. Checkpoints and the curve of the
loss are kept in FOLDER too; started again, it goes on where it stopped. The finished network is
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
    CONDITIONS,
    HEARD_WIDTH,
    PREFIX,
    WINDOW,
    Hearing,
    MotionFlow,
)
from generation.animation.motion.motion_plan import SMOOTH, WIDTH
from generation.animation.motion.planner import edge_curves, silence
from generation.animation.training.examples.captures import captures_in
from generation.animation.training.examples.performances import Take, make_takes
from generation.animation.training.examples.utterance import Utterance, load_utterance
from generation.animation.training.synthesisers.synthesis import synthesise

logger = logging.getLogger(__name__)

_SOURCES = ("flite", "espeak")
_BATCH = 32
_RATE, _WARM_UP = 8e-4, 300
_DROPPED, _ALL_DROPPED = 0.10, 0.05  # how often a condition, and how often every one, is left out
_ENDS_UNKNOWN = 0.4  # share of windows that do not know where the clip ends
_CUT, _CUT_ROWS = 0.4, (-4, 5)  # share of windows that have heard little of what they plan, as in streaming
_PREFIX_NOISE = 0.06  # in standard units: what the network wrote before is not perfect either
_VELOCITY_WEIGHT = 0.5
_AVERAGE = 0.999  # of the weights that are kept, a running mean
_SAVE_EVERY = 500


@dataclass(frozen=True, eq=False)
class Clips:
    """All takes, with rest before and after, as arrays to cut windows from."""

    rows: list[NDArray[np.float32]]  # (T, WIDTH)
    voices: list[NDArray[np.float32]]
    edges: list[NDArray[np.float32]]
    controls: NDArray[np.float32]  # (takes, 16)

    @classmethod
    def of(cls, takes: list[Take]) -> Clips:
        rows, voices, edges, controls = [], [], [], []
        for take in takes:
            voice = np.concatenate([silence(PREFIX), take.voice, silence(WINDOW)])
            after = np.repeat(take.plan[-1:], WINDOW, axis=0)
            after[:, WIDTH - 1] = 0.0
            rows.append(np.concatenate([np.zeros((PREFIX, WIDTH), np.float32), take.plan, after]))
            voices.append(voice)
            edges.append(edge_curves(-PREFIX, len(voice), len(take.plan)))
            asked = take.control_vector
            controls.append(np.concatenate([asked.emotion, asked.style, asked.gaze]))
        return cls(rows, voices, edges, np.stack(controls).astype(np.float32))


def sample_batch(clips: Clips, size: int, generator: np.random.Generator) -> tuple[Tensor, ...]:
    """Windows at random: rows (B, W, 18), heard (B, W, 38), controls (B, 16), kept (B, 4)."""
    rows = np.empty((size, WINDOW, WIDTH), np.float32)
    heard = np.empty((size, WINDOW, HEARD_WIDTH), np.float32)
    kept = np.ones((size, CONDITIONS), np.float32)
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
        if generator.random() < _ENDS_UNKNOWN:
            edges[:, 1] = 0.0
        voice = clips.voices[number][window] * known[:, None]
        heard[i] = Hearing(voice, known, edges).rows()
    kept[generator.random((size, CONDITIONS)) < _DROPPED] = 0.0
    kept[generator.random(size) < _ALL_DROPPED] = 0.0
    controls = clips.controls[chosen]
    return tuple(torch.from_numpy(values) for values in (rows, heard, controls, kept))


def flow_loss(network: MotionFlow, batch: tuple[Tensor, ...], noise: torch.Generator) -> Tensor:
    """How far the network's answers are from the straight way between noise and plan, and how far the
    plan it heads for moves otherwise from row to row."""
    rows, heard, controls, kept = batch
    plan = (rows - network.mean) / network.scale
    start = torch.randn(plan.shape, generator=noise)
    time = torch.rand(len(plan), generator=noise)
    at = time[:, None, None]
    mixed = (1 - at) * start + at * plan
    shaken = plan[:, :PREFIX] + _PREFIX_NOISE * torch.randn(plan[:, :PREFIX].shape, generator=noise)
    mixed = torch.cat([shaken, mixed[:, PREFIX:]], dim=1)
    moves = network(mixed, time, heard, controls, kept)
    error = (moves - (plan - start))[:, PREFIX:]
    loss = (error**2).mean()
    # Where the path would end, were it straight from here: its steps from row to row should be the plan's.
    heading = torch.cat([plan[:, :PREFIX], (mixed + (1 - at) * moves)[:, PREFIX:]], dim=1)
    steps = (heading - plan)[:, PREFIX - 1 :, SMOOTH].diff(dim=1)
    return loss + _VELOCITY_WEIGHT * (at * steps**2).mean()


def train(takes: list[Take], until: int, seed: int, folder: Path, *, of: int) -> MotionFlow:
    """Train up to step `until` of a course of `of` steps, from FOLDER's checkpoint on if there is one."""
    clips = Clips.of(takes)
    torch.manual_seed(seed)
    network, average = MotionFlow(), MotionFlow()
    everything = np.concatenate([take.plan for take in takes])
    network.mean.copy_(torch.from_numpy(everything.mean(0)))
    network.scale.copy_(torch.from_numpy(everything.std(0) + 1e-3))
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
            for kept, new in zip(average.parameters(), network.parameters(), strict=True):
                kept.lerp_(new, 1 - keep)
        losses.append(loss.item())
        if (step + 1) % _SAVE_EVERY == 0 or step + 1 == until:
            _save(checkpoint, network, average, optimiser, step + 1)
            mean = float(np.mean(losses))
            with (folder / "motion_flow_loss.csv").open("a", newline="") as file:
                csv.writer(file).writerow([step + 1, f"{mean:.4f}"])
            logger.info("step %d loss %.4f, %.0f s", step + 1, mean, time.monotonic() - began)
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
    """Utterances of two synthesisers in turn, made where they are missing."""
    files = [synthesise(source, minutes / len(_SOURCES), folder) for source in _SOURCES]
    return [load_utterance(path) for pair in zip(*files, strict=False) for path in pair]


def _takes(folder: Path, minutes: float, takes: int, seed: int) -> list[Take]:
    path = folder / "takes.pickle"
    if not path.exists():
        made = make_takes(read_speech(folder / "speech", minutes), takes, seed)
        path.write_bytes(pickle.dumps(made))
    loaded: list[Take] = pickle.loads(path.read_bytes())  # noqa: S301  (written by this program)
    return loaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=90, help="of speech")
    parser.add_argument("--takes", type=int, default=8, help="performances of each clip")
    parser.add_argument("--captures", type=Path, help="a folder of consented captures to learn from, too")
    parser.add_argument("--steps", type=int, default=16_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.folder.mkdir(parents=True, exist_ok=True)
    takes = _takes(options.folder, options.minutes, options.takes, options.seed)
    if options.captures:
        # As much weight as the performances have, so that people count.
        captures = captures_in(options.captures)
        takes += captures * max(1, len(takes) // max(1, len(captures)))
    network = train(takes, options.steps, options.seed, options.folder, of=options.steps)
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
