"""Measures what is left of the watermark once its pilot has been taken off, alone and after a crop or turn.

    python -m benchmarks.watermark.removal FOLDER [--draws N] [--clips NAME ...] [--changes NAME ...]

The pilot is the same for all videos of a year, so that it can be averaged from many of them without the key.
The attacker of this benchmark knows it exactly, which no average does better, and subtracts it under the
public mask as strongly as leaves least of it. Then the frames are changed, encoded again and read as
verification does. Clips are those of `moving`, in whose FOLDER they are kept; each of N draws marks them with
another word, under another key.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.watermark.attacks.changes import Frames, cropped, encoded, scaled, turned
from benchmarks.watermark.clips import load_clips
from benchmarks.watermark.moving import NOT_TALKING, delivered, measured
from benchmarks.watermark.quality import luma_psnr
from benchmarks.watermark.robustness import KEYS
from benchmarks.watermark.tables import lower_end
from provenance.watermark.carrier import masking
from provenance.watermark.carrier.pattern import PERIOD, PILOT_PERIOD, PILOT_SHARE, Carriers, carriers_of
from provenance.watermark.carrier.rectification import folded
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import pilot_score

GAINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of the strength of the mark as it was made; the encoder took some
CHANGES: dict[str, Callable[[Frames], Frames]] = {
    "nothing more": lambda frames: frames,
    "crop 5 %": lambda frames: cropped(frames, 0.05),
    "crop 2 %": lambda frames: cropped(frames, 0.02, 0.7, 0.3),
    "crop 5 %, back to 512": lambda frames: scaled(cropped(frames, 0.05), 512, 512),
    "turned 2 degrees": lambda frames: turned(frames, 2),
    "turned -1 degree": lambda frames: turned(frames, -1),
    "mirrored, crop 5 %": lambda frames: cropped(frames[:, :, ::-1], 0.05),
    "crop 20 %": lambda frames: cropped(frames, 0.2),
    "turned 5 degrees": lambda frames: turned(frames, 5),
}


def pilot_of(carriers: Carriers) -> NDArray[np.float32]:
    """The (512, 512) pilot by itself, as strong as it is in the whole pattern of standard deviation 1."""
    spectrum = np.zeros((PERIOD, PERIOD), np.complex128)
    x, y = carriers.pilot.T
    values = carriers.pilot_phases * carriers.pilot_weights
    spectrum[y % PERIOD, x % PERIOD], spectrum[-y % PERIOD, -x % PERIOD] = values, values.conj()
    shape = np.fft.ifft2(spectrum).real
    return np.asarray(shape * np.sqrt(PILOT_SHARE) / shape.std(), np.float32)


def without_pilot(frames: Frames, carriers: Carriers, strength: int) -> tuple[Frames, float]:
    """(T, 512, 512, 3) RGB frames without the pilot, and what that cost, in dB of luma."""
    tried = [subtracted(frames[::5], carriers, strength, gain) for gain in GAINS]
    left = [abs(pilot_score(folded(mean_residual(one), (0, 0), PILOT_PERIOD), carriers)) for one in tried]
    cleaned = subtracted(frames, carriers, strength, GAINS[int(np.argmin(left))])
    return cleaned, luma_psnr([grey_of(one) for one in frames], [grey_of(one) for one in cleaned])


def subtracted(frames: Frames, carriers: Carriers, strength: int, gain: float) -> Frames:
    pilot, before, cleaned = pilot_of(carriers), None, []
    for frame in frames:
        luma = grey_of(frame)
        half = masking.halved(luma)
        allowed = cv2.resize(masking.strengths(half, before, strength), luma.shape[::-1]).astype(np.float32)
        before = half
        change = gain * pilot * allowed / masking.UNIT * (255 / 219)
        cleaned.append(np.clip(np.rint(frame - change[..., None]), 0, 255).astype(np.uint8))
    return np.stack(cleaned)


def grey_of(frame: np.ndarray) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY), np.uint8)


def mean_residual(frames: Frames) -> NDArray[np.float32]:
    total = ResidualSum(*frames.shape[1:3])
    for frame in frames:
        total.add(grey_of(frame), 0)
    return total.total()


def of_clip(label: str, number: int, source: Path, folder: Path, changes: list[str]) -> dict[str, Any]:
    """What the removal costs and what is read after each change, from FOLDER if it was measured before."""
    target = folder / f"removal-{label}.json"
    kept: dict[str, Any] = json.loads(target.read_text()) if target.exists() else {"cells": {}}
    missing = [change for change in changes if change not in kept["cells"]]
    if not missing:
        return kept
    frames, prints, strength = delivered(label, number, source, folder / "delivered")
    cleaned, kept["cost"] = without_pilot(frames, carriers_of(KEYS[number % len(KEYS)]), strength)
    for change in missing:
        kept["cells"][change] = measured(encoded(CHANGES[change](cleaned), 23), number, prints)
        target.write_text(json.dumps(kept))
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--clips", nargs="*", default=[])
    parser.add_argument("--changes", nargs="*", default=list(CHANGES))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    cells: dict[str, list[dict[str, object]]] = {change: [] for change in arguments.changes}
    costs = []
    for number, (name, source) in enumerate(load_clips(arguments.folder / "clips", []).items()):
        if name in NOT_TALKING or (arguments.clips and name not in arguments.clips):
            continue
        for draw in range(arguments.draws):
            label = f"{name}-draw-{draw}" if draw else name
            kept = of_clip(label, number + 101 * draw, source, arguments.folder, arguments.changes)
            costs.append(kept["cost"])
            for title in arguments.changes:
                cells[title].append(kept["cells"][title])
    print(f"The pilot taken off costs {min(costs):.1f} to {max(costs):.1f} dB.")
    heads = ["afterwards", "n", "right record", "at least, 95 %", "not found", "wrong record"]
    heads += ["content another", "CPU s: median / worst"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for title, column in cells.items():
        right = sum(bool(cell["is_right"]) for cell in column)
        spent = np.array([cell["read_s"] for cell in column], float)
        print(
            f"| {title} | {len(column)} | {right} ({right / len(column):.0%}) "
            f"| {lower_end(right, len(column)):.0%} "
            f"| {sum(cell['state'] == 'not_found' for cell in column)} "
            f"| {sum(bool(cell['is_wrong']) for cell in column)} "
            f"| {sum(cell['content'] is False for cell in column)} "
            f"| {np.median(spent):.1f} / {spent.max():.1f} |"
        )


if __name__ == "__main__":
    main()
