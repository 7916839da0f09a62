"""Measure turned and perturbed portraits: set upright, and rendered or refused with a code.

Run as `python -m benchmarks.service.intake_turned --count 126 --seed 0`. Each picture is one of the sample
portraits, cropped, squeezed, scaled and made noisy at random and turned by a quarter turn or two. It is right
when it comes out upright and is then accepted with its probe frames, or refused with a code of the check;
anything else that is raised is a crash.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.intake.picture.proof import prove_it_renders
from generation.intake.picture.upright import set_upright
from generation.intake.refusals import IntakeRefused

PORTRAITS = Path(__file__).parents[2] / "samples" / "portraits"
NAMES = ("amara", "kenji", "maya", "tomas")


def perturbed(random: np.random.Generator) -> NDArray[np.uint8]:
    """An upright portrait (H, W, 3) uint8 RGB, changed at random."""
    image = cv2.cvtColor(cv2.imread(str(PORTRAITS / f"{random.choice(NAMES)}.jpg")), cv2.COLOR_BGR2RGB)
    left, top = (int(random.integers(0, 140)) for _ in range(2))
    right, bottom = (int(random.integers(884, 1025)) for _ in range(2))
    image = image[top:bottom, left:right]
    scale = random.uniform(0.5, 1.2)
    squeeze = random.uniform(0.9, 1.1)
    image = cv2.resize(image, None, fx=scale * squeeze, fy=scale / squeeze, interpolation=cv2.INTER_AREA)
    noise = random.normal(0, random.uniform(0, 6), image.shape)
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)


def main() -> None:
    """Print what became of the pictures."""
    arguments = argparse.ArgumentParser(description="Turned and perturbed portraits.")
    arguments.add_argument("--count", type=int, default=126)
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    outcome: Counter[str] = Counter()
    upright_count = 0
    for number in range(chosen.count):
        random = np.random.default_rng([chosen.seed, number])
        image = perturbed(random)
        turns = 1 + number % 3
        upright, _ = set_upright(np.ascontiguousarray(np.rot90(image, turns)))
        upright_count += np.array_equal(upright, image)
        try:
            prove_it_renders(upright)
            became = "accepted and rendered"
        except IntakeRefused as refused:
            became = refused.code
        except Exception as error:  # noqa: BLE001 - crashes are what is counted
            became = f"CRASH {error!r}"
        outcome[became] += 1
        sys.stdout.write(f"number {number}: {became}, upright so far {upright_count}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{upright_count} of {chosen.count} set upright\n")
    for what, count in outcome.most_common():
        sys.stdout.write(f"{count} {what}\n")


if __name__ == "__main__":
    main()
