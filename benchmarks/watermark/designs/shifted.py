"""Weighs marks of which each rendition has its own, secret shift: one pattern a year instead of many.

    python -m benchmarks.watermark.designs.shifted [--renditions N] [--energies E ...]

A reader tries all shifts anyway, so that a pattern that lies otherwise in each rendition costs it nothing;
whoever has no key cannot lay renditions onto each other before he knows the pattern. The simulation is that
of `pilots`, whose designs with one pattern at all places of the band are taken, and one without any pilot.

The attacker has the mean of all renditions, directions of most energy, and a third way, which is made for
this: he takes one rendition for the pattern, lays all others onto it where they agree best, takes their mean
for the pattern, and so on (as cryo-microscopy averages particles), from several renditions; the best counts.
He does not look at what no shift changes (products of three frequencies), of which so weak a signal needs
more renditions, by the theory of such alignment in proportion to the cube of noise over signal.

Then comes what the owner sees and pays: the pilot's score, and the score of the energy of 256 coded bits, on
those coarse carriers that forgive a geometry that is a little off; and what it takes to look at one geometry,
and at all of `pilots`.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from benchmarks.watermark.designs.pilots import (
    COARSE,
    CODED_BITS,
    STEP,
    TESTED,
    TURN,
    Design,
    Lines,
    Marks,
    pulled,
    real,
)
from benchmarks.watermark.keyless import KEY
from provenance.watermark.carrier.pattern import PERIOD, carriers_of
from provenance.watermark.synchronisation.payload_search import _energies

GRID = 192  # shifts to a side at which renditions are laid onto each other
BATCH = 50
STARTS, ROUNDS = 2, 8
COARSE_GRID = 96
SYMMETRIES = 4


class ShiftedMarks(Marks):
    """Residuals of marked files, each shifted by its own amount over the pattern's period."""

    def files(self, count: int, *, is_marked: bool = True) -> Lines:
        values = super().files(count, is_marked=is_marked)
        return shifted(values, self.rng.uniform(0, PERIOD, (count, 2)), self.band) if is_marked else values


def shifted(values: Lines, by: NDArray[np.float64], band: NDArray[np.intp]) -> Lines:
    return values * np.exp(2j * np.pi * (by @ band.T) / PERIOD).astype(np.complex64)


def laid_onto(
    pattern: Lines, values: Lines, band: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, 2) the shifts at which files agree best with a pattern, and (n,) how well."""
    x, y = band.T
    shifts, scores = [], []
    for begin in range(0, len(values), BATCH):
        part = values[begin : begin + BATCH]
        sheets = np.zeros((len(part), GRID, GRID), np.complex64)
        sheets[:, y % GRID, x % GRID] = part * pattern.conj()
        surfaces = scipy.fft.fft2(sheets, axes=(1, 2), overwrite_x=True).real.reshape(len(part), -1)
        best = surfaces.argmax(1)
        shifts.append(np.stack([best % GRID, best // GRID], axis=1) * (PERIOD / GRID))
        scores.append(surfaces[np.arange(len(part)), best])
    return np.concatenate(shifts), np.concatenate(scores)


def aligned(marks: ShiftedMarks, learning: Lines, marked: Lines, noise: Lines) -> float:
    """The statistic of a pattern that was averaged from renditions laid onto each other."""
    most = -np.inf
    for start in range(STARTS):
        pattern = learning[start]
        for _ in range(ROUNDS):
            by, _ = laid_onto(pattern, learning, marks.band)
            pattern = shifted(learning, -by, marks.band).mean(0)
        seen, chance = (laid_onto(pattern, files, marks.band)[1] for files in (marked, noise))
        most = max(most, pulled(seen, chance))
    return most


def detected(marks: ShiftedMarks, renditions: int) -> tuple[float, float, float]:
    """The statistics: by the mean, by directions, by renditions laid onto each other."""
    files = marks.files(renditions)
    marked, noise = marks.files(TESTED), marks.files(TESTED, is_marked=False)
    by_alignment = aligned(marks, files, marked, noise)
    learning, seen, chance = real(files), real(marked), real(noise)
    mean = learning.mean(0)
    values, vectors = np.linalg.eigh(learning @ learning.T)
    chosen = slice(-min(CODED_BITS, renditions), None)
    directions = (vectors[:, chosen] / np.sqrt(values[chosen] + 1e-6)).T @ learning
    energies = [(one @ directions.T) ** 2 for one in (seen, chance)]
    by_direction = max(pulled(*(one.sum(1) for one in energies)), pulled(*(one.max(1) for one in energies)))
    return pulled(seen @ mean, chance @ mean), by_direction, by_alignment


def coarse_scores(marks: ShiftedMarks) -> tuple[float, float]:
    """The pilot's score on coarse carriers, and that of the energy of all coded bits there, in standard
    deviations of chance.
    """
    share = float((np.hypot(*marks.band.T) <= COARSE * PERIOD).mean())
    chips = 2 * len(marks.band) * share / CODED_BITS
    of_a_bit = marks.payload_power / (1 + marks.payload_power) * chips
    return marks.score() * share**0.5, of_a_bit * (CODED_BITS / 2) ** 0.5


def milliseconds(work: str) -> float:
    """For one geometry at all shifts, with what takes its carriers from the frame's spectrum."""
    marks = ShiftedMarks(Design("", 0, 1, 150))
    used = marks.band[np.hypot(*marks.band.T) <= COARSE * PERIOD]
    rng = np.random.default_rng(0)
    spectrum = (rng.normal(size=(1024, 1024)) + 1j * rng.normal(size=(1024, 1024))).astype(np.complex64)
    pattern = np.exp(2j * np.pi * rng.random(len(used))).astype(np.complex64)
    carriers, sheet = carriers_of(KEY), np.zeros((COARSE_GRID, COARSE_GRID), np.complex64)
    x, y = used.T
    rounds, begun = 0, time.process_time()
    while time.process_time() - begun < 0.4:
        at = np.rint(used * (2 + 1e-3 * rounds)).astype(np.intp) % 1024
        values = spectrum[at[:, 1], at[:, 0]]
        if work == "pilot":
            sheet[y % COARSE_GRID, x % COARSE_GRID] = values * pattern
            np.abs(scipy.fft.fft2(sheet).real).max()
        else:
            whole = np.zeros((PERIOD // 4, PERIOD // 2), np.complex64)
            whole[y, x % (PERIOD // 2)] = values
            _energies(whole, carriers, CODED_BITS, COARSE_GRID, COARSE).max()
        rounds += 1
    return (time.process_time() - begun) / rounds * 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--renditions", type=int, default=1000)
    parser.add_argument("--energies", type=float, nargs="*", default=[0, 88, 150, 200, 300])
    arguments = parser.parse_args()
    geometries = SYMMETRIES * np.ceil(np.log(2.7 / 0.4) / STEP) * (2 * np.ceil(np.deg2rad(10) / TURN) + 1)
    heads = ["pilot's energy", "pilot's score", "on coarse carriers", "word's score", "its energy, coarse"]
    heads += [f"mean of {arguments.renditions:,}", "directions", "laid onto each other"]
    heads += ["ms a geometry", f"s for {geometries:,.0f}"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for energy in arguments.energies:
        marks = ShiftedMarks(Design("", 0, 1, energy))
        coarse, of_payload = coarse_scores(marks)
        statistics = detected(marks, arguments.renditions)
        cost = milliseconds("pilot" if energy else "payload")
        row = [f"{energy:.0f}", f"{marks.score():.1f}", f"{coarse:.1f}", f"{marks.payload_score():.1f}"]
        row += [f"{of_payload:.1f}", *(f"{one:.1f}" for one in statistics)]
        row += [f"{cost:.2f}", f"{cost * geometries / 1000:.1f}"]
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
