"""Weighs other pilots: what somebody without the key learns of them, and what searching for them costs.

    python -m benchmarks.watermark.designs.pilots [--renditions N]

Residuals at the level of carriers: complex noise of power 1 at each of the band's frequencies, and the mark
as strong as in a clip of eight seconds as it is delivered. A design has `lines` carriers of its pilot (at
places of the lattice that the code gives away, or keyed ones all over the band), `patterns` of which each
rendition uses one, and an energy, from which the score follows that the key's owner sees at the right place.

The attacker has N renditions, none of whose words he knows, and no key. What he can do:

- one file: the power at the lattice's places, or, where places are keyed, how many frequencies have more
  power than noise would (squares of power, each counted for 9 at most).
- mean of all renditions, and directions of most energy (as many as there are patterns, at least 256).

Each detector tells 60 other marked files from 60 of noise; the statistic is the difference of the means in
standard deviations of the latter. Then comes what the owner pays: the time in which one geometry is looked at
under all patterns of one year, at every shift, and how many geometries fit into a second of processor time.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from benchmarks.watermark.keyless import KEY, OWN_SCORE
from provenance.watermark.carrier.pattern import carriers_of, lattice

TESTED = 60
CODED_BITS = 256
GRID = 128  # shifts to a side, over the pattern's period of 512: four pixels
COARSE = 0.075  # cycles a pixel: coarse carriers forgive a geometry that is a little off
STEP = 0.0125  # of the logarithm of scales, at which coarse carriers are still found
TURN = np.deg2rad(1.15)

Lines = NDArray[np.complex64]


@dataclass(frozen=True)
class Design:
    """One pilot, and whether the payload's chips lie otherwise under each of its patterns as well."""

    title: str
    lines: int
    patterns: int
    energy: float
    is_on_lattice: bool = False
    has_own_chips: bool = False


DESIGNS = (
    Design("today: 120 of the lattice, one pattern", 120, 1, 300, is_on_lattice=True),
    Design("120 of the lattice, 64 patterns", 120, 64, 300, is_on_lattice=True, has_own_chips=True),
    Design("120 keyed places, 64 patterns", 120, 64, 300, has_own_chips=True),
    Design("1,000 keyed places, 64 patterns", 1000, 64, 150, has_own_chips=True),
    Design("all places, 64 patterns, today's energy", 0, 64, 300, has_own_chips=True),
    Design("all places, 64 patterns, today's score", 0, 64, 88, has_own_chips=True),
    Design("all places, 16 patterns, today's score", 0, 16, 88, has_own_chips=True),
    Design("no pilot, one pattern", 0, 1, 0),
    Design("no pilot, 64 patterns", 0, 64, 0, has_own_chips=True),
)


class Marks:
    """Residuals of files that are marked after a design."""

    def __init__(self, design: Design, seed: int = 5) -> None:
        self.rng = np.random.default_rng(seed)
        self.design = design
        own = carriers_of(KEY)
        self.band = np.concatenate([lattice(), own.data])
        size = len(self.band)
        self.on_lattice = slice(0, len(lattice()))
        places = len(lattice()) if design.is_on_lattice else size
        self.pilots = np.zeros((design.patterns, size), np.complex64)
        for row in self.pilots:
            chosen = self.rng.permutation(places)[: design.lines or places]
            phases = 1j ** self.rng.integers(0, 4, len(chosen))
            row[chosen] = phases * np.sqrt(design.energy / len(chosen))
        share = OWN_SCORE**2 / (2 * len(own.data))
        total = 300 + len(own.data) * share / (1 - share)  # of pilot and payload, today
        self.payload_power = (total - design.energy) / size
        words = design.patterns if design.has_own_chips else 1
        self.slots = self.rng.integers(0, CODED_BITS, (words, 2 * size)).astype(np.int16)
        self.signs = self.rng.choice(np.array([-1, 1], np.int8), (words, 2 * size))

    def files(self, count: int, *, is_marked: bool = True) -> Lines:
        size = len(self.band)
        noise = self.rng.normal(size=(count, 2 * size)).astype(np.float32)
        values = (noise[:, :size] + 1j * noise[:, size:]).astype(np.complex64) / np.float32(np.sqrt(2))
        if is_marked:
            for file, pattern in enumerate(self.rng.integers(0, self.design.patterns, count)):
                own = pattern if self.design.has_own_chips else 0
                word = self.rng.choice(np.array([-1.0, 1.0], np.float32), CODED_BITS)
                chips = word[self.slots[own]] * self.signs[own] * np.float32(np.sqrt(self.payload_power / 2))
                values[file] += self.pilots[pattern] + chips[:size] + 1j * chips[size:]
        return values

    def score(self) -> float:
        """The pilot's at the right place, as the reader counts it: the mark's own power is noise, too."""
        pilot = self.pilots[0]
        measured = (np.abs(pilot) ** 2 * (np.abs(pilot) ** 2 + 1 + self.payload_power)).sum()
        return float((np.abs(pilot) ** 2).sum() / np.sqrt(measured / 2 + 1e-9))

    def payload_score(self) -> float:
        """The word's score at the right place."""
        share = self.payload_power / (1 + self.payload_power)
        return float(np.sqrt(2 * len(self.band) * share))


def pulled(marked: NDArray[np.floating], noise: NDArray[np.floating]) -> float:
    return float((marked.mean() - noise.mean()) / noise.std())


def real(values: Lines) -> NDArray[np.float32]:
    return np.concatenate([values.real, values.imag], axis=1)


def one_file(marks: Marks, values: Lines) -> NDArray[np.float64]:
    power = np.minimum(np.abs(values) ** 2, 9.0)
    if marks.design.is_on_lattice:
        return np.asarray(power[:, marks.on_lattice].mean(1) - power.mean(1), np.float64)
    return np.asarray((power**2).mean(1) - 2 * power.mean(1) ** 2, np.float64)


def detected(marks: Marks, renditions: int) -> tuple[float, float, float]:
    """The statistics: from one file, by the mean, by directions."""
    learning = real(marks.files(renditions))
    marked, noise = marks.files(TESTED), marks.files(TESTED, is_marked=False)
    alone = pulled(one_file(marks, marked), one_file(marks, noise))
    marked, noise = real(marked), real(noise)
    mean = learning.mean(0)
    by_mean = pulled(marked @ mean, noise @ mean)
    values, vectors = np.linalg.eigh(learning @ learning.T)
    most = 0.0
    for kept in sorted({1, marks.design.patterns, CODED_BITS}):
        chosen = slice(-min(kept, renditions), None)
        directions = (vectors[:, chosen] / np.sqrt(values[chosen] + 1e-6)).T @ learning
        seen, chance = (marked @ directions.T) ** 2, (noise @ directions.T) ** 2
        most = max(most, pulled(seen.sum(1), chance.sum(1)), pulled(seen.max(1), chance.max(1)))
    return alone, by_mean, most


def milliseconds(marks: Marks) -> float:
    """For one geometry: each pattern at all shifts, coarse carriers only."""
    radius = np.hypot(*marks.band.T) / 512
    # Without a pilot the payload's energy: 128 coded bits, two to a transform.
    transforms = 1 if marks.design.energy else CODED_BITS // 4
    used = np.flatnonzero((radius <= COARSE) & ((np.abs(marks.pilots[0]) > 0) | (not marks.design.energy)))
    x, y = marks.band[used].T
    sheet = np.zeros((GRID, GRID), np.complex64)
    values = marks.files(1)[0]
    begun = time.process_time()
    rounds = 0
    while time.process_time() - begun < 0.3:
        for _ in range(transforms):
            sheet[y % GRID, x % GRID] = values[used] * marks.pilots[0][used].conj()
            surface = scipy.fft.fft2(sheet).real
            surface.max(), surface.min()
        rounds += 1
    return (time.process_time() - begun) / rounds * 1000 * marks.design.patterns


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--renditions", type=int, default=1000)
    parser.add_argument("--designs", nargs="*", type=int, default=list(range(len(DESIGNS))))
    arguments = parser.parse_args()
    scales = np.ceil(np.log(2.7 / 0.4) / STEP)
    print(f"Scales 0.4 to 2.7: {scales:.0f} steps; with turns of 10 degrees either way: ", end="")
    print(f"{scales * (2 * np.ceil(np.deg2rad(10) / TURN) + 1):.0f}.\n")
    heads = ["design", "pilot's score", "word's score", "one file", f"mean of {arguments.renditions:,}"]
    heads += ["directions", "ms a geometry", "geometries a second"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for number in arguments.designs:
        marks = Marks(DESIGNS[number])
        alone, by_mean, most = detected(marks, arguments.renditions)
        cost = milliseconds(marks)
        row = [DESIGNS[number].title, f"{marks.score():.1f}", f"{marks.payload_score():.1f}"]
        row += [f"{alone:.1f}", f"{by_mean:.1f}", f"{most:.1f}", f"{cost:.1f}", f"{1000 / cost:,.0f}"]
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
