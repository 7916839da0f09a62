"""Measures what somebody without the key can tell, who has collected renditions of one year.

    python -m benchmarks.watermark.keyless simulated
    python -m benchmarks.watermark.keyless clips FOLDER

`simulated`: residuals at the level of carriers, each with a word of its own under one key and noise, as
strong as a clip of eight seconds as it is delivered. From up to a thousand the attacker learns what can be
learnt, and tells others from noise by it. Detectors:

- known ids: the id in public metadata is taken for what the frames carry. It says 160 of 256 coded bits;
  each chip goes with that coded bit with which it agrees best, and the bits of the file that is tested are
  known as well.
- second order: nothing is known of the words. Chips of one coded bit always agree, so that 256 directions
  hold more energy than others.
- pilot: it is the same in all videos of a year, so that the mean holds it.
- lattice: nothing is learnt. The code says at which 452 frequencies all pilots are; their power is compared
  with that of all others.

`clips`: the detectors that need few renditions, on marked and unmarked clips of FOLDER. Learnt from the first
half of them, each with several words, tested on the others.

The statistic is the mean over marked files less that over files of noise (unmarked ones for clips), in
standard deviations of the latter. The key's own score is beside it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.watermark.clips import load_clips
from benchmarks.watermark.moving import NOT_TALKING
from benchmarks.watermark.removal import grey_of
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.carrier.pattern import PERIOD, Carriers, carriers_of, lattice
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import measured
from provenance.watermark.coding import error_correction

KEY = WatermarkKey(bytes(range(7, 39)))
COUNTS = (1, 20, 60, 240, 1000)
TESTED = 60
ID_BITS = 160  # coded bits that the 48 bits of an id decide by themselves
OWN_SCORE, OWN_PILOT = 30.6, 13.1  # of a clip of eight seconds as it is delivered

Chips = NDArray[np.float32]


def words(ids: Sequence[int], version: int) -> NDArray[np.float32]:
    """(n, 256): the signs of the codewords of ids."""
    coded = [error_correction.encode(WatermarkPayload(one, version).to_bits(KEY)) for one in ids]
    return (2.0 * np.stack(coded) - 1).astype(np.float32)


def known_signs(ids: Sequence[int]) -> NDArray[np.float32]:
    """(n, 160): the coded bits that an id says by itself, if it is taken for what is carried."""
    # A coded bit hangs on its payload bit and the eight before it; the first ones hang on the check too.
    return words(ids, 1)[:, 32 : 32 + ID_BITS]


def learnt_from_ids(chips: Chips, ids: Sequence[int]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """(c,) the known coded bit with which each chip agrees best, and (c,) how well, with its sign."""
    agreement = chips.T @ known_signs(ids) / np.float32(len(ids))
    best = np.abs(agreement).argmax(1)
    return best, agreement[np.arange(len(best)), best]


def by_ids(chips: Chips, ids: Sequence[int], learnt: tuple[NDArray[np.intp], NDArray[np.float32]]) -> Chips:
    """(n,) the statistic of files whose ids are known."""
    slots, weights = learnt
    expected = known_signs(ids)[:, slots] * weights
    return np.asarray((chips * expected).sum(1) / np.sqrt((weights**2).sum()), np.float32)


def directions(chips: Chips) -> Chips:
    """(k, c) the directions of most energy, 256 at most, from the Gram matrix."""
    values, vectors = np.linalg.eigh(chips @ chips.T)
    kept = slice(-min(256, len(chips)), None)
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept] + 1e-6)).T @ chips, np.float32)


def pulled(marked: Chips, noise: Chips) -> str:
    """The statistic."""
    return f"{(marked.mean() - noise.mean()) / noise.std():.1f}"


class Simulation:
    """Residuals of marked files at the level of carriers."""

    def __init__(self, carriers: Carriers) -> None:
        self.carriers = carriers
        self.rng = np.random.default_rng(5)
        weights = np.repeat(carriers.data_weights, 2)
        # The key's score: the chips under their signs, weighted, over the root of what they sum to by chance.
        self.weights = weights / np.float32(np.sqrt((weights**2).sum()))
        self.strength = self.found_strength()
        phases, share = carriers.pilot_phases, carriers.pilot_weights
        self.pilot = phases * share / np.sqrt((share**2).mean())
        share = OWN_PILOT**2 / (2 * len(phases))  # of all power at the pilot's carriers, that is the pilot's
        self.pilot_strength = np.sqrt(share / (1 - share))

    def found_strength(self) -> float:
        """How much of a standard deviation of its noise the mean chip carries.

        A score divides by all that was measured, the mark's own power as well.
        """
        chips = len(self.weights)
        share = OWN_SCORE**2 / chips
        return float(np.sqrt(share / (1 - share)))

    def chips(self, signs: NDArray[np.float32] | None, count: int) -> Chips:
        noise = self.rng.normal(size=(count, len(self.weights))).astype(np.float32)
        if signs is None:
            return noise
        relative = self.weights * np.float32(len(self.weights) ** 0.5)
        return noise + self.strength * relative * signs[:, self.carriers.slots] * self.carriers.signs

    def pilots(self, count: int, *, is_marked: bool) -> NDArray[np.complex64]:
        noise = self.rng.normal(size=(count, len(self.pilot), 2)) @ np.array([1, 1j]) / np.sqrt(2)
        return np.asarray(noise + self.pilot_strength * self.pilot * is_marked, np.complex64)

    def ids(self, count: int) -> list[int]:
        return [int(one) for one in self.rng.integers(0, 1 << 48, count)]


def simulated() -> None:
    carriers = carriers_of(KEY)
    print(
        f"The key's own score {OWN_SCORE}, its pilot's {OWN_PILOT}; {TESTED} marked files, {TESTED} of noise."
    )
    print("| renditions | version 1, known ids | version 2, known ids | second order | pilot |")
    print("|---|---|---|---|---|")
    for count in COUNTS:
        row = [f"{count:,}"]
        simulation = Simulation(carriers)
        noise = simulation.chips(None, TESTED)
        for version in (1, 2):
            known, others = simulation.ids(count), simulation.ids(TESTED)
            learning = simulation.chips(words(known, version), count)
            tested = simulation.chips(words(others, version), TESTED)
            learnt = learnt_from_ids(learning, known)
            row.append(pulled(by_ids(tested, others, learnt), by_ids(noise, others, learnt)))
        found = directions(learning)
        row.append(pulled(((tested @ found.T) ** 2).sum(1), ((noise @ found.T) ** 2).sum(1)))
        mean = simulation.pilots(count, is_marked=True).mean(0).conj()
        pilots = [
            (simulation.pilots(TESTED, is_marked=marked) * mean).real.sum(1) for marked in (True, False)
        ]
        row.append(pulled(*pilots))
        print(f"| {' | '.join(row)} |", flush=True)


def spectrum_of(frames: np.ndarray, payload: WatermarkPayload | None) -> NDArray[np.complex64]:
    """The whitened spectrum of a second of a clip."""
    embedder = Embedder(payload, KEY, 71) if payload else None
    total = ResidualSum(PERIOD, PERIOD)
    for frame in frames[:25:2]:
        luma = grey_of(frame)
        total.add(embedder.mark(luma) if embedder else luma, 0)
    return measured(total.total())


def by_lattice(values: NDArray[np.complex64]) -> float:
    """The power at the lattice's frequencies less that at all others, in standard deviations of chance."""
    x, y = lattice().T
    level = np.minimum(np.abs(values) ** 2, 9.0)
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(PERIOD), np.arange(len(values)) / PERIOD))
    low, high = np.hypot(x, y).min() / PERIOD, np.hypot(x, y).max() / PERIOD
    others = level[(radius >= low) & (radius <= high)]
    return float((level[y, x % PERIOD].mean() - others.mean()) / others.std() * np.sqrt(len(x)))


def on_clips(folder: Path) -> None:
    cv2.setNumThreads(1)
    clips = [path for name, path in load_clips(folder / "clips", []).items() if name not in NOT_TALKING]
    rng = np.random.default_rng(3)
    learning, tested = clips[: len(clips) // 2], clips[len(clips) // 2 :]
    carriers = carriers_of(KEY)
    x, y = carriers.pilot.T

    def values(path: Path, *, is_marked: bool) -> NDArray[np.complex64]:
        payload = WatermarkPayload(int(rng.integers(0, 1 << 48))) if is_marked else None
        return spectrum_of(np.load(path, mmap_mode="r"), payload)

    learnt = [values(path, is_marked=True)[y, x % PERIOD] for path in learning for _ in range(5)]
    marked = [values(path, is_marked=True) for path in tested for _ in range(3)]
    plain = [values(path, is_marked=False) for path in tested]
    print(f"{len(tested)} clips, {len(marked)} marked files of a second, not encoded.")
    print("| detector | statistic | of unmarked clips, greatest |\n|---|---|---|")
    lattices = [np.array([by_lattice(one) for one in group]) for group in (marked, plain)]
    print(f"| lattice, nothing learnt | {lattices[0].mean():.1f} | {lattices[1].max():.1f} |")
    known = carriers.pilot_phases * carriers.pilot_weights
    for count in (1, 5, len(learnt), None):
        mean = (known if count is None else np.mean(learnt[:count], axis=0)).conj()
        scores = [
            np.array([(one[y, x % PERIOD] * mean).real.sum() for one in group])
            / np.sqrt((np.abs(mean) ** 2).sum() / 2)
            for group in (marked, plain)
        ]
        title = "the key's own pilot" if count is None else f"pilot from {count}"
        print(f"| {title} | {scores[0].mean():.1f} | {scores[1].max():.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("simulated", "clips"))
    parser.add_argument("folder", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.action == "simulated":
        simulated()
    elif arguments.folder is None:
        parser.error("FOLDER is needed")
    else:
        on_clips(arguments.folder)


if __name__ == "__main__":
    main()
