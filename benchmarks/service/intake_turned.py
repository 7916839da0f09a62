"""Measure turned and perturbed portraits: set upright, and rendered or refused with a code.

Run as `python -m benchmarks.service.intake_turned --count 2000 --seed 0 --results FILE`. Each picture is one
of the sample portraits, cropped, squeezed, scaled and made noisy at random; three of four are turned by a
right angle or by two. FILE gets a line of JSON for each picture; what stands in it already is not done
again, so that a long run can be stopped and go on. A picture is right when it comes out upright and is then
accepted with its probe frames, or refused with a code of the check; anything else that is raised is a crash.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.intake.picture.proof import prove_it_renders
from generation.intake.picture.upright import set_upright
from generation.intake.refusals import IntakeRefused

PORTRAITS = Path(__file__).parents[2] / "samples" / "portraits"
NAMES = ("amara", "kenji", "maya", "tomas")
ACCEPTED = "accepted and rendered"


class Outcome(TypedDict):
    """What became of one picture; `turns` are quarter turns, `became` is ACCEPTED, a code or a crash."""

    seed: int
    number: int
    turns: int
    is_upright: bool
    became: str


def perturbed(random: np.random.Generator) -> NDArray[np.uint8]:
    """An upright portrait (H, W, 3) uint8 RGB, changed at random."""
    image = cv2.cvtColor(cv2.imread(str(PORTRAITS / f"{random.choice(NAMES)}.jpg")), cv2.COLOR_BGR2RGB)
    left, top = (int(random.integers(0, 200)) for _ in range(2))
    right, bottom = (int(random.integers(824, 1025)) for _ in range(2))
    image = image[top:bottom, left:right]
    scale = random.uniform(0.35, 1.3)
    squeeze = random.uniform(0.85, 1.18)
    image = cv2.resize(image, None, fx=scale * squeeze, fy=scale / squeeze, interpolation=cv2.INTER_AREA)
    noise = random.normal(0, random.uniform(0, 10), image.shape)
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)


def examined(seed: int, number: int) -> Outcome:
    """Picture `number` of a seed, made, turned, set upright and proved."""
    image = perturbed(np.random.default_rng([seed, number]))
    turns = number % 4
    upright, _ = set_upright(np.ascontiguousarray(np.rot90(image, turns)))
    try:
        prove_it_renders(upright)
        became = ACCEPTED
    except IntakeRefused as refused:
        became = refused.code
    except Exception as error:  # noqa: BLE001 - crashes are what is counted
        became = f"CRASH {error!r}"
    is_upright = np.array_equal(upright, image)
    return Outcome(seed=seed, number=number, turns=turns, is_upright=is_upright, became=became)


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """Lines for people: what was set upright, and what became of all."""
    turned = [outcome for outcome in outcomes if outcome["turns"]]
    upright = sum(outcome["is_upright"] for outcome in turned)
    sideways = sum(outcome["became"] == ACCEPTED and not outcome["is_upright"] for outcome in outcomes)
    crashes = sum(outcome["became"].startswith("CRASH") for outcome in outcomes)
    yield f"{len(outcomes)} pictures; {upright} of {len(turned)} turned ones were set upright"
    yield f"{sideways} accepted while not upright, {crashes} exceptions"
    for what, count in Counter(outcome["became"] for outcome in outcomes).most_common():
        yield f"{count} {what}"


def main() -> None:
    """Examine what FILE does not hold yet and print what became of the pictures."""
    arguments = argparse.ArgumentParser(description="Turned and perturbed portraits.")
    arguments.add_argument("--count", type=int, default=2_000)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--results", type=Path, required=True)
    chosen = arguments.parse_args()
    known: list[Outcome] = []
    if chosen.results.exists():
        known = [json.loads(line) for line in chosen.results.read_text().splitlines()]
    outcomes = {one["number"]: one for one in known if one["seed"] == chosen.seed}
    with chosen.results.open("a") as file:
        for number in range(chosen.count):
            if number not in outcomes:
                outcomes[number] = examined(chosen.seed, number)
                file.write(json.dumps(outcomes[number]) + "\n")
                file.flush()
    for line in summary([outcomes[number] for number in range(chosen.count)]):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
