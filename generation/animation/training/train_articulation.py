"""Train ArticulationNet:  python -m generation.animation.training.train_articulation --work DIRECTORY

Synthesises speech, makes examples, fits the net; each stage keeps what it made in the work directory, so that
a second call goes on. The net is tried on a voice it never learns from, and the average of its weights that
did best there is kept: synthetic voices can be learned by heart, which real ones then suffer from.
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from generation.animation.speech.articulation_net import ArticulationNet
from generation.animation.speech.visemes import PHONES, VISEME_OF_PHONE
from generation.animation.training.examples.lip_examples import Examples, load_shards, make_shards
from generation.animation.training.synthesisers.synthesis import synthesise

logger = logging.getLogger(__name__)

_BATCH = 32
_LEARNING_RATE = 1.5e-3
_NOISE = 0.15  # of the encoder's features, in their standard deviations
_SILENT_SPEECH, _SILENT_SOUND = 0.08, 0.25  # how often a branch hears nothing
_SHAPES_WEIGHT, _CONTACT_WEIGHT = 8.0, 1.0
# Phones that everybody sees on the lips count for more: f and v are rare and sound much like th, s and b.
_WORTH = {"F": 5.0, "V": 5.0, "P": 1.15, "B": 1.15, "M": 1.15}
_AVERAGING = 0.99
_TRY_EVERY = 100
_CLOSURE = -2  # column of the curves


@dataclass(frozen=True)
class Plan:
    """How much of everything; the defaults made the weights that are shipped."""

    minutes: dict[str, float]
    held_out: str = "kokoro-held-out"
    held_out_minutes: float = 3
    copies: int = 2
    steps: int = 1500
    seed: int = 0


FULL = Plan({"flite": 28, "espeak": 34, "festival": 32, "kokoro": 20})


def make_data(plan: Plan, work: Path) -> tuple[Examples, Examples]:
    """Examples to learn from and examples of the held-out voice. Raises ImportError without Kokoro."""
    unseen = synthesise(plan.held_out, plan.held_out_minutes, work / "speech")
    files = [
        path
        for source, minutes in plan.minutes.items()
        for path in synthesise(source, minutes, work / "speech")
    ]
    learned = load_shards(make_shards(files, plan.copies, plan.seed, work / "examples"))
    return learned, load_shards(make_shards(unseen, 1, plan.seed + 1, work / "held_out"))


def train(plan: Plan, learned: Examples, held_out: Examples, work: Path) -> ArticulationNet:
    """Fit the net; AdamW with a linearly falling rate. Curves go to `work`/curves.jsonl."""
    torch.manual_seed(plan.seed)
    generator = np.random.default_rng(plan.seed)
    net, averaged, best = ArticulationNet(), ArticulationNet(), ArticulationNet()
    some = learned.speech[::7].reshape(-1, learned.speech.shape[-1]).astype(np.float32)
    net.speech_mean.copy_(torch.from_numpy(some.mean(0)))
    net.speech_scale.copy_(torch.from_numpy(some.std(0) + 1e-2))
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), _LEARNING_RATE, weight_decay=0.02)
    start, best_score = 0, -np.inf
    checkpoint = work / "articulation_checkpoint.pt"
    if checkpoint.exists():
        stored = torch.load(checkpoint)
        start, best_score = stored["step"], stored["score"]
        for module, name in ((net, "net"), (averaged, "averaged"), (best, "best"), (optimiser, "optimiser")):
            module.load_state_dict(stored[name])
        generator = np.random.default_rng((plan.seed, start))
    for step in range(start, plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = _LEARNING_RATE * min(1.0, (step + 1) / 50) * max(0.02, 1 - step / plan.steps)
        net.train()
        losses = _losses(net, _batch(learned, generator.integers(0, len(learned.phones), _BATCH)))
        optimiser.zero_grad()
        sum(losses.values(), torch.zeros(())).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            for kept, now in zip(averaged.parameters(), net.parameters(), strict=True):
                kept.lerp_(now, 1 - min(_AVERAGING, step / (step + 10)))
        averaged.speech_mean.copy_(net.speech_mean)
        averaged.speech_scale.copy_(net.speech_scale)
        if (step + 1) % _TRY_EVERY == 0 or step + 1 == plan.steps:
            measured = try_out(averaged, held_out)
            score = measured["viseme"] + measured["closure_f1"]
            if score > best_score:
                best_score = score
                best.load_state_dict(averaged.state_dict())
            line = {"step": step + 1, **{k: round(v.item(), 4) for k, v in losses.items()}, **measured}
            logger.info("%s", line)
            with (work / "curves.jsonl").open("a") as file:
                file.write(json.dumps(line) + "\n")
            torch.save(
                {
                    "step": step + 1, "score": best_score, "net": net.state_dict(), "best": best.state_dict(),
                    "averaged": averaged.state_dict(), "optimiser": optimiser.state_dict(),
                },
                checkpoint,
            )  # fmt: skip
    best.requires_grad_(False).eval()
    return best


@dataclass(frozen=True, eq=False)
class _Batch:
    speech: Tensor
    mel: Tensor
    sound: Tensor
    phones: Tensor
    curves: Tensor
    weight: Tensor


def _batch(examples: Examples, rows: np.ndarray) -> _Batch:
    def floats(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values[rows].astype(np.float32))

    return _Batch(
        floats(examples.speech),
        floats(examples.mel),
        floats(examples.sound),
        torch.from_numpy(examples.phones[rows].astype(np.int64)),
        floats(examples.curves),
        floats(examples.weight),
    )


def _losses(net: ArticulationNet, batch: _Batch) -> dict[str, Tensor]:
    count = len(batch.phones)
    quiet = torch.rand(count, 1, 1)
    kept = ((quiet > _SILENT_SPEECH).float(), (quiet < 1 - _SILENT_SOUND).float())
    speech = batch.speech + _NOISE * net.speech_scale * torch.randn_like(batch.speech)
    logits, curves = net(speech, batch.mel, batch.sound, kept)
    worth = torch.tensor([_WORTH.get(phone, 1.0) for phone in PHONES])
    phone = functional.cross_entropy(
        logits.transpose(1, 2), batch.phones, weight=worth, label_smoothing=0.05, reduction="none"
    )
    shapes = ((curves[..., :_CLOSURE] - batch.curves[..., :_CLOSURE]) ** 2).sum(-1)
    contacts = functional.binary_cross_entropy_with_logits(
        curves[..., _CLOSURE:], batch.curves[..., _CLOSURE:], reduction="none"
    ).sum(-1)
    total = batch.weight.sum()
    return {
        "phones": (phone * batch.weight).sum() / total,
        "shapes": _SHAPES_WEIGHT * (shapes * batch.weight).sum() / total,
        "contacts": _CONTACT_WEIGHT * (contacts * batch.weight).sum() / total,
    }


def try_out(net: ArticulationNet, examples: Examples) -> dict[str, float]:
    """Accuracy of visemes on speech frames, F1 of closed frames, and error of the shapes."""
    net.eval()
    viseme_of = torch.from_numpy(VISEME_OF_PHONE)
    right = spoken = shape_error = frames = 0.0
    hits = guessed = true = 0.0
    with torch.inference_mode():
        for first in range(0, len(examples.phones), 64):
            batch = _batch(examples, np.arange(first, min(first + 64, len(examples.phones))))
            logits, curves = net(batch.speech, batch.mel, batch.sound)
            counted = batch.weight > 0
            speech = counted & (batch.phones > 0)
            right += float((viseme_of[logits.argmax(-1)] == viseme_of[batch.phones])[speech].sum())
            spoken += float(speech.sum())
            shape_error += float(
                (curves[..., :_CLOSURE] - batch.curves[..., :_CLOSURE])[counted].abs().mean(-1).sum()
            )
            frames += float(counted.sum())
            shut, should = curves[..., _CLOSURE] > 0, batch.curves[..., _CLOSURE] > 0.5
            hits += float((shut & should & counted).sum())
            guessed += float((shut & counted).sum())
            true += float((should & counted).sum())
    return {
        "viseme": round(right / max(spoken, 1), 4),
        "closure_f1": round(2 * hits / max(guessed + true, 1), 4),
        "shape_error": round(shape_error / max(frames, 1), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, required=True, help="where speech, examples and checkpoints are kept"
    )
    parser.add_argument(
        "--out", type=Path, help="weights file; default: articulation_net.safetensors in --work"
    )
    parser.add_argument("--smoke", action="store_true", help="seconds of everything, to see that it runs")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    plan = FULL
    if options.smoke:
        plan = Plan({"flite": 0.1, "espeak": 0.1}, held_out="flite", held_out_minutes=0.1, copies=1, steps=4)
    options.work.mkdir(parents=True, exist_ok=True)
    net = train(plan, *make_data(plan, options.work), options.work)
    save(net, options.out or options.work / "articulation_net.safetensors", plan)


def save(net: ArticulationNet, path: Path, plan: Plan) -> None:
    """Weights in half precision."""
    state = {name: values.half().contiguous() for name, values in net.state_dict().items()}
    save_file(state, path, metadata={"source": f"synthetic speech, {plan}", "licence": "Apache-2.0"})


if __name__ == "__main__":
    main()
