"""Train ArticulationNet:  python -m generation.animation.training.train_articulation --work DIRECTORY

Synthesises speech, makes examples and trains the net. Each stage keeps its output in the work directory, so
that an interrupted run resumes. The running average of the weights that does best on a held-out voice is kept
(early stopping): overfitting to the synthetic voices costs accuracy on real ones.
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
_DROP_ENCODER, _DROP_SOUND = 0.08, 0.25  # probability that a branch is dropped
_SHAPES_WEIGHT, _CONTACT_WEIGHT = 8.0, 1.0
# Loss weights of the phones whose lip contacts are visible: f and v are rare and sound much like th, s and b.
_PHONE_WEIGHT = {"F": 5.0, "V": 5.0, "P": 1.15, "B": 1.15, "M": 1.15}
_AVERAGING = 0.99  # decay of the running average of the weights
_EVALUATE_EVERY = 100  # steps
_CLOSURE = -2  # column of the curves


@dataclass(frozen=True)
class TrainingSettings:
    """Amounts of speech, steps and seed; the defaults made the weights that are shipped."""

    minutes: dict[str, float]
    held_out: str = "kokoro-held-out"
    held_out_minutes: float = 3
    copies: int = 2
    steps: int = 1500
    seed: int = 0


FULL = TrainingSettings({"flite": 28, "espeak": 34, "festival": 32, "kokoro": 20})


def make_data(settings: TrainingSettings, work: Path) -> tuple[Examples, Examples]:
    """Training examples, and examples of the held-out voice. Raises ImportError without Kokoro."""
    unseen = synthesise(settings.held_out, settings.held_out_minutes, work / "speech")
    files = [
        path
        for source, minutes in settings.minutes.items()
        for path in synthesise(source, minutes, work / "speech")
    ]
    examples = load_shards(make_shards(files, settings.copies, settings.seed, work / "examples"))
    return examples, load_shards(make_shards(unseen, 1, settings.seed + 1, work / "held_out"))


def train(settings: TrainingSettings, examples: Examples, held_out: Examples, work: Path) -> ArticulationNet:
    """Fit the net; AdamW with a linearly falling rate. Curves go to `work`/curves.jsonl."""
    torch.manual_seed(settings.seed)
    generator = np.random.default_rng(settings.seed)
    net, averaged, best = ArticulationNet(), ArticulationNet(), ArticulationNet()
    some = examples.speech[::7].reshape(-1, examples.speech.shape[-1]).astype(np.float32)
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
        generator = np.random.default_rng((settings.seed, start))
    for step in range(start, settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = _LEARNING_RATE * min(1.0, (step + 1) / 50) * max(0.02, 1 - step / settings.steps)
        net.train()
        losses = _losses(net, _batch(examples, generator.integers(0, len(examples.phones), _BATCH)))
        optimiser.zero_grad()
        sum(losses.values(), torch.zeros(())).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            for average, current in zip(averaged.parameters(), net.parameters(), strict=True):
                average.lerp_(current, 1 - min(_AVERAGING, step / (step + 10)))
        averaged.speech_mean.copy_(net.speech_mean)
        averaged.speech_scale.copy_(net.speech_scale)
        if (step + 1) % _EVALUATE_EVERY == 0 or step + 1 == settings.steps:
            measured = evaluate(averaged, held_out)
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
    drawn = torch.rand(count, 1, 1)
    branch_mask = ((drawn > _DROP_ENCODER).float(), (drawn < 1 - _DROP_SOUND).float())
    speech = batch.speech + _NOISE * net.speech_scale * torch.randn_like(batch.speech)
    logits, curves = net(speech, batch.mel, batch.sound, branch_mask)
    phone_weight = torch.tensor([_PHONE_WEIGHT.get(phone, 1.0) for phone in PHONES])
    phone = functional.cross_entropy(
        logits.transpose(1, 2), batch.phones, weight=phone_weight, label_smoothing=0.05, reduction="none"
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


def evaluate(net: ArticulationNet, examples: Examples) -> dict[str, float]:
    """Viseme accuracy on speech frames, F1 of lip closures, and mean absolute error of the shapes."""
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
    parser.add_argument(
        "--smoke",
        action="store_true",
        help="a few seconds of speech and four steps, to check that training runs",
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = FULL
    if options.smoke:
        settings = TrainingSettings(
            {"flite": 0.1, "espeak": 0.1}, held_out="flite", held_out_minutes=0.1, copies=1, steps=4
        )
    options.work.mkdir(parents=True, exist_ok=True)
    net = train(settings, *make_data(settings, options.work), options.work)
    save(net, options.out or options.work / "articulation_net.safetensors", settings)


def save(net: ArticulationNet, path: Path, settings: TrainingSettings) -> None:
    """Weights in half precision."""
    state = {name: values.half().contiguous() for name, values in net.state_dict().items()}
    save_file(state, path, metadata={"source": f"synthetic speech, {settings}", "licence": "Apache-2.0"})


if __name__ == "__main__":
    main()
