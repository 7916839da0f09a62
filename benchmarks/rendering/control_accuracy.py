"""Measures commanded against observed head angles, gaze, jaw opening, smiles and blinks in rendered frames.

    python -m benchmarks.rendering.control_accuracy [SHEETS] [FOLDER of more portraits ...]

Every figure is measured on rendered frames by `face_measurements`, without knowledge of the rig. Prints a
table, a row for each portrait; saves the outermost frames of each into SHEETS (default var/benchmarks).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.rendering.face_measurements import CORNERS, REACH, FaceMeasurements, head_angles
from benchmarks.rendering.portraits import Image, both, portraits, posed, save_sheet
from generation.animation import Animator
from generation.animation.rendering.renderer import Renderer

ANGLES = (-12.0, -8.0, -4.0, 4.0, 8.0, 12.0)
GAZES = (-15.0, -10.0, -5.0, 5.0, 10.0, 15.0)
JAWS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
COLUMNS = (
    "yaw °", "pitch °", "roll °", "gaze yaw °", "gaze pitch °", "gaze signs", "jaw r", "closed gap %",
    "smile r", "blink: eye open %",
)  # fmt: skip


class Commands:
    """One portrait's renderer, its resting frame, and the labelled frames."""

    def __init__(self, animator: Animator, picture: Image) -> None:
        self._renderer = Renderer(animator.fit(picture), 512)
        self.cells: list[tuple[str, Image]] = []
        self.rest = self.measure("rest")

    def measure(
        self,
        label: str,
        actions: dict[str, float] | None = None,
        head: tuple[float, ...] = (),
        gaze: tuple[float, float] = (0, 0),
    ) -> FaceMeasurements:
        """Render one frame and measure it; frames with a label are kept."""
        frame = self._renderer.frame(*posed(actions, head, gaze), 0.0)
        if label:
            self.cells.append((label, frame))
        return FaceMeasurements.of(frame)

    def head_errors(self) -> list[float]:
        """Mean absolute error in degrees of yaw, pitch and roll."""
        errors = []
        for axis, name in enumerate(("yaw", "pitch", "roll")):
            off = []
            for angle in ANGLES:
                head = tuple(angle if k == axis else 0.0 for k in range(3))
                # The eyes go along, as those of a person who looks straight ahead.
                now = self.measure(f"{name} {angle:g}" if abs(angle) == 12 else "", head=head, gaze=head[:2])
                off.append(abs(head_angles(self.rest.points, now.points)[axis] - angle))
            errors.append(float(np.mean(off)))
        return errors

    def gaze_errors(self) -> list[float]:
        """Mean absolute error in degrees of gaze yaw and pitch, and the share of right signs."""
        errors, signs = [], []
        for axis, name in enumerate(("gaze yaw", "gaze pitch")):
            off = []
            for angle in GAZES:
                gaze = (angle, 0.0) if axis == 0 else (0.0, angle)
                now = self.measure(f"{name} {angle:g}" if abs(angle) == 15 else "", gaze=gaze)
                found = self._gaze(now)[axis]
                off.append(abs(found - angle))
                signs.append(np.sign(found) == np.sign(angle))
            errors.append(float(np.mean(off)))
        return [*errors, float(np.mean(signs))]

    def _gaze(self, now: FaceMeasurements) -> tuple[float, float]:
        """Degrees by which both irises have head_angles since rest, of a head that has not moved.

        Not relative to the corners of the eyes: where the mesh sees them depends on the lids."""
        found = []
        for iris in CORNERS:
            (was, radius), (at, _) = self.rest.iris(iris), now.iris(iris)
            found.append(np.degrees(np.arcsin(np.clip((at - was) / (REACH * radius), -1, 1))))
        yaw, pitch = np.mean(found, axis=0)
        return float(yaw), float(pitch)

    def mouth(self) -> list[float]:
        """Correlation of jaw and gap, gap of closed lips over an open jaw (% of the face), and of smiles."""
        gaps = [self.measure("jaw 0.8" if jaw == 0.8 else "", {"jawOpen": jaw}).lip_gap for jaw in JAWS]
        # Lips that are apart in the portrait are its rest: closed means no further apart than there.
        shut = [
            self.measure("closed 0.6" if jaw == 0.6 else "", {"jawOpen": jaw, "mouthClose": jaw}).lip_gap
            for jaw in (0.2, 0.4, 0.6)
        ]
        smiles = [
            self.measure("smile 1" if s == 1 else "", both("mouthSmile", s)).smile
            for s in (0, 0.25, 0.5, 0.75, 1)
        ]
        return [
            float(np.corrcoef(JAWS, gaps)[0, 1]),
            100 * (max(shut) - self.rest.lip_gap),
            float(np.corrcoef((0, 0.25, 0.5, 0.75, 1), smiles)[0, 1]),
        ]

    def blink(self) -> float:
        """How far the eyes are open at a full blink, in % of how far they are at rest."""
        return 100 * self.measure("blink", both("eyeBlink", 1.0)).eye_opening / self.rest.eye_opening


def main() -> None:
    sheets = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("var/benchmarks")
    animator = Animator.load()
    print(f"| portrait | {' | '.join(COLUMNS)} |\n|{'---|' * (1 + len(COLUMNS))}")
    rows = []
    for name, picture in portraits(Path(f) for f in sys.argv[2:]):
        commands = Commands(animator, picture)
        rows.append([*commands.head_errors(), *commands.gaze_errors(), *commands.mouth(), commands.blink()])
        print(f"| {name} | {' | '.join(f'{v:.2f}' for v in rows[-1])} |", flush=True)
        save_sheet(sheets / f"control_accuracy_{name}.jpg", commands.cells, 5)
    print(f"| **mean** | {' | '.join(f'{v:.2f}' for v in np.mean(rows, axis=0))} |")


if __name__ == "__main__":
    main()
