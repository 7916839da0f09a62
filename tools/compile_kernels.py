"""Compile the renderer's kernels at set-up, so that intake's trial frames need not wait for a compiler.

Run by `make setup` as `python -m tools.compile_kernels`. The machine code is cached beside the sources (see
`generation.animation.geometry.jit`), where the sandboxed readers find it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from generation.animation.capture.bounded_least_squares import solve_bounded
from generation.intake.picture.proof import prove_it_renders

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "portraits" / "maya.jpg"


def main() -> None:
    """Render the trial frames of a sample portrait, and solve once what capture solves: every kernel is
    called."""
    with Image.open(SAMPLE) as image:
        prove_it_renders(np.asarray(image.convert("RGB")))
    one = np.ones(1)
    solve_bounded(np.eye(1), one, -one, one, one)


if __name__ == "__main__":
    main()
