"""Renders turned heads of every portrait, for visual inspection, and measures how far they are turned.

    python -m benchmarks.rendering.turned_heads [SHEETS] [FOLDER of more portraits ...]

Saves `turned_NAME.jpg` for each portrait into SHEETS (default var/benchmarks). Prints how far the fit lets
the head turn (left, right, up, down), and for each pose the angle that the landmarks of the frame show, in
degrees: less than commanded where the portrait does not bear the turn.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.rendering.face_measurements import head_angles
from benchmarks.rendering.portraits import portraits, posed, save_sheet
from generation.animation import Animator
from generation.animation.face.landmarks import detect_faces
from generation.animation.rendering.renderer import Renderer

POSES: Final[dict[str, tuple[float, ...]]] = {
    "yaw 15": (15,),
    "yaw -15": (-15,),
    "yaw 25": (25,),
    "yaw -25": (-25,),
    "pitch 12": (0, 12),
    "pitch -12": (0, -12),
    "roll 15": (0, 0, 15),
    "20 -10 8": (20, -10, 8),
}


def main() -> None:
    sheets = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("var/benchmarks")
    animator = Animator.load("cpu")
    print(f"| portrait | limits | {' | '.join(POSES)} |\n|{'---|' * (2 + len(POSES))}")
    for name, picture in portraits(Path(f) for f in sys.argv[2:]):
        fitted = animator.fit(picture)
        renderer = Renderer(fitted, 512)
        rest = detect_faces(renderer.frame(*posed(), 0.0))[0].points
        cells, seen = [], []
        for label, head in POSES.items():
            row, pose, gaze = posed(head=head, gaze=(head[0], 0))
            frame = renderer.frame(row, pose, gaze, 0.0)
            cells.append((label, frame))
            faces = detect_faces(frame)
            axis = int(np.argmax(np.abs(pose[:3])))
            seen.append(f"{head_angles(rest, faces[0].points)[axis]:.0f}" if faces else "no face")
        save_sheet(sheets / f"turned_{name}.jpg", cells, 4)
        limits = fitted.turn_limits
        told = ", ".join(f"{v:.0f}" for v in (limits.left, limits.right, limits.up, limits.down))
        print(f"| {name} | {told} | {' | '.join(seen)} |", flush=True)


if __name__ == "__main__":
    main()
