"""Measures how often a wrong record is named for files that carry any marks of ours.

    python -m benchmarks.watermark.naming trials [--count N] [--seeds S ...] [--keep FILE]
    python -m benchmarks.watermark.naming files [--draws N] [--keep FILE]

`trials` makes soft bits as the reader normalises them (noise of energy 1) from marks of every strength: of
ids that were never issued, of another key, inverted, spliced, averaged, shuffled by tiles, damaged, several
in one file, alone or beside issued ones, in both versions of the payload. They are decoded, searched among 1
to 10^6 random ids and decided as the service does, with no pilot to help. `files` does so through pixels,
encoder and the whole reader with few clips (`naming_files`).
Each count stands beside its n and the 95 % bound (Clopper and Pearson) of its rate.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import beta

from benchmarks.watermark.naming_files import through_files
from provenance.watermark import WatermarkKey, WatermarkPayload
from provenance.watermark.coding import error_correction
from provenance.watermark.identification.decision import Decision, WatermarkState, decide
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry

KEY = WatermarkKey(bytes(range(32)))
SIZES = {1: 0.25, 10: 0.15, 100: 0.2, 1_000: 0.2, 10_000: 0.15, 100_000: 0.04, 1_000_000: 0.01}
LEAST_SCORE, MOST_SCORE = 4.0, 40.0  # of all marks in a file together, in standard deviations of chance
PILOT = 5.0  # as by chance
ATTEMPTS = 300
BATCH = 250

Counts = dict[str, Counter[str]]
SoftBits = np.ndarray  # (rows, 256)


@dataclass(frozen=True)
class Trial:
    """Soft bits of one file, and whose marks are in it: those that are on record."""

    soft_bits: SoftBits
    issued: frozenset[int]


class Marks:
    """Draws codewords and mixes them."""

    def __init__(self, rng: np.random.Generator, issued: np.ndarray) -> None:
        self.rng = rng
        self._issued = issued

    def unknown(self) -> np.ndarray:
        """The codeword of an id that was not issued, in either version of the payload."""
        return self._codeword(int(self.rng.integers(0, 1 << 48)), int(self.rng.integers(1, 3)))

    def issued(self) -> tuple[int, np.ndarray]:
        """An issued id and its codeword. Those at even places were issued in version 1, the others in 2."""
        place = int(self.rng.integers(len(self._issued)))
        return int(self._issued[place]), self._codeword(int(self._issued[place]), 1 + place % 2)

    def in_other_version(self) -> np.ndarray:
        """The codeword of an issued id in the version in which it was not issued."""
        place = int(self.rng.integers(len(self._issued)))
        return self._codeword(int(self._issued[place]), 2 - place % 2)

    def row(self, signal: np.ndarray) -> np.ndarray:
        """(256,) soft bits of a mixture, brought to a drawn strength, in noise of energy 1.

        Carriers pass unevenly: each coded bit comes with its own strength, spread by 15 %.
        """
        uneven = signal * self.rng.normal(1, 0.15, 256)
        strength = self.rng.uniform(LEAST_SCORE, MOST_SCORE) / 16 / np.linalg.norm(uneven)
        noise = self.rng.normal(0, 1 / 16, 256)
        return np.asarray(uneven * strength + noise, np.float32)

    def _codeword(self, watermark_id: int, version: int) -> np.ndarray:
        payload = WatermarkPayload(watermark_id, version).to_bytes(KEY)
        packed = error_correction.encode_packed(np.frombuffer(payload, np.uint8).reshape(1, 8))
        return 2.0 * np.unpackbits(packed) - 1


def _unknown(marks: Marks) -> Trial:
    return Trial(marks.row(marks.unknown())[None], frozenset())


def _other_version(marks: Marks) -> Trial:
    return Trial(marks.row(marks.in_other_version())[None], frozenset())


def _other_key(marks: Marks) -> Trial:
    """Under our signs the bits of another key's mark are fair coins, whatever they code."""
    return Trial(marks.row(marks.rng.choice([-1.0, 1.0], 256))[None], frozenset())


def _inverted(marks: Marks) -> Trial:
    row = -marks.row(marks.unknown())
    return Trial(np.stack([row, -row]), frozenset())


def _spliced(marks: Marks) -> Trial:
    share = marks.rng.uniform(0.05, 0.5)
    return Trial(marks.row(share * marks.unknown() + (1 - share) * marks.unknown())[None], frozenset())


def _averaged(marks: Marks) -> Trial:
    count = marks.rng.integers(2, 17)
    return Trial(marks.row(np.sum([marks.unknown() for _ in range(count)], 0))[None], frozenset())


def _shuffled(marks: Marks) -> Trial:
    """Some tiles lie as they were marked; the others give bits of their words in other places."""
    share = marks.rng.integers(1, 16) / 16
    word = marks.unknown()
    moved = marks.rng.permutation(word) * marks.rng.choice([-1.0, 1.0], 256)
    return Trial(marks.row(share * word + (1 - share) * moved)[None], frozenset())


def _damaged(marks: Marks) -> Trial:
    """A part of the coded bits is lost, as in a band that a filter took."""
    kept = marks.rng.random(256) < marks.rng.uniform(0.2, 0.9)
    return Trial(marks.row(marks.unknown() * kept)[None], frozenset())


def _several(marks: Marks) -> Trial:
    return Trial(np.stack([marks.row(marks.unknown()) for _ in range(3)]), frozenset())


def _beside_issued(marks: Marks) -> Trial:
    watermark_id, word = marks.issued()
    count, share = marks.rng.integers(1, 5), marks.rng.uniform(0.1, 0.9)
    others = np.sum([marks.unknown() for _ in range(count)], 0) / count
    return Trial(marks.row(share * word + (1 - share) * others)[None], frozenset({watermark_id}))


def _issued_averaged(marks: Marks) -> Trial:
    drawn = [marks.issued() for _ in range(marks.rng.integers(2, 17))]
    return Trial(marks.row(np.sum([word for _, word in drawn], 0))[None], frozenset(one for one, _ in drawn))


def _issued(marks: Marks) -> Trial:
    watermark_id, word = marks.issued()
    return Trial(marks.row(word)[None], frozenset({watermark_id}))


def _issued_inverted(marks: Marks) -> Trial:
    watermark_id, word = marks.issued()
    row = -marks.row(word)
    return Trial(np.stack([row, -row]), frozenset({watermark_id}))


KINDS: dict[str, Callable[[Marks], Trial]] = {
    "one mark, not on record": _unknown,
    "of a record, in the other version": _other_version,
    "of another key": _other_key,
    "inverted, not on record": _inverted,
    "two spliced, neither on record": _spliced,
    "2 to 16 averaged, none on record": _averaged,
    "tiles shuffled, not on record": _shuffled,
    "part of the bits lost, not on record": _damaged,
    "three marks, none on record": _several,
    "one on record averaged with 1 to 4 that are not": _beside_issued,
    "2 to 16 on record averaged": _issued_averaged,
    "one mark on record": _issued,
    "inverted, on record": _issued_inverted,
}


def decided(trials: list[Trial], registry: Registry) -> Iterator[tuple[Trial, Decision]]:
    """What the service would say to each trial."""
    rows = np.concatenate([trial.soft_bits for trial in trials])
    words = iter(zip(rows, error_correction.decode(rows), strict=True))
    for trial in trials:
        found = Extraction(frames_read=8, is_judged=True, pilot=PILOT, attempts=ATTEMPTS)
        for row, bits in (next(words) for _ in trial.soft_bits):
            payload = WatermarkPayload.from_bits(bits, KEY)
            found.keep(WatermarkReading(0, PILOT, payload, row, np.eye(3)))
        yield trial, decide(found, [registry])


def outcome(decision: Decision, issued: frozenset[int]) -> str:
    """right, wrong, unknown (ours, no record) or none."""
    names = {decision.watermark_id, *dict(decision.others)} - {None}
    if names:
        return "right" if names <= issued else "wrong"
    return "unknown" if decision.state is WatermarkState.FOUND else "none"


def bound(count: int, trials: int) -> float:
    """The upper end of the two-sided 95 % interval of a rate."""
    return 1.0 if count == trials else float(beta.ppf(0.975, count + 1, trials - count))


def run_trials(count: int, seed: int) -> tuple[Counts, Counts]:
    """The outcomes of all kinds over all sizes of the registry: by kind, and by size."""
    rng = np.random.default_rng(seed)
    outcomes: Counts = {kind: Counter() for kind in KINDS}
    by_size: Counts = {f"{size:,}": Counter() for size in SIZES}
    for size, share in SIZES.items():
        issued = rng.integers(0, 1 << 48, size)
        registry = Registry(KEY)
        for version in (1, 2):
            registry.add(issued[version - 1 :: 2].tolist(), version)
        marks = Marks(rng, issued)
        for kind, make in KINDS.items():
            left = round(count * share / len(KINDS))
            while left:
                trials = [make(marks) for _ in range(min(left, BATCH))]
                left -= len(trials)
                for trial, decision in decided(trials, registry):
                    said = outcome(decision, trial.issued)
                    outcomes[kind][said] += 1
                    by_size[f"{size:,}"][said] += 1
    return outcomes, by_size


def kept_trials(count: int, seeds: list[int], path: Path | None) -> tuple[Counts, Counts]:
    """The outcomes of all seeds, a process each, and of those in the file to which they are added."""
    kept = [json.loads(line) for line in path.read_text().splitlines()] if path and path.exists() else []
    missing = [seed for seed in seeds if [seed, count] not in [[one["seed"], one["count"]] for one in kept]]
    with ProcessPoolExecutor(1 if path else max(1, len(missing))) as processes:
        found = processes.map(run_trials, [count] * len(missing), missing)
        for seed, (kinds, sizes) in zip(missing, found, strict=True):
            kept.append({"seed": seed, "count": count, "kinds": kinds, "sizes": sizes})
            if path:
                with path.open("a") as file:
                    file.write(json.dumps(kept[-1]) + "\n")
    kinds, sizes = (
        summed([{name: Counter(cells) for name, cells in one[by].items()} for one in kept])
        for by in ("kinds", "sizes")
    )
    return kinds, sizes


def summed(parts: list[Counts]) -> Counts:
    """The outcomes of several runs together."""
    return {name: sum((part[name] for part in parts), Counter()) for name in parts[0]}


def print_table(title: str, rows: Counts) -> None:
    """Counts by outcome, and the 95 % bound of the rate of wrong names."""
    print(
        f"| {title} | n | right record | ours, record unknown | no id read | wrong record | at most, 95 % |"
    )
    print("|---|---|---|---|---|---|---|")
    rows = rows | {"**all**": sum(rows.values(), Counter())}
    for name, counts in rows.items():
        trials = counts.total()
        cells = [counts[said] for said in ("right", "unknown", "none", "wrong")]
        numbers = " | ".join(f"{cell:,}" for cell in cells)
        print(f"| {name} | {trials:,} | {numbers} | {bound(counts['wrong'], trials):.1e} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=["trials", "files"])
    parser.add_argument("--count", type=int, default=50_000, help="trials for each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2], help="one process for each")
    parser.add_argument("--draws", type=int, default=1, help="other ids and moments of each portrait's clip")
    parser.add_argument("--keep", type=Path, help="a file with results, to which those missing are added")
    arguments = parser.parse_args()
    if arguments.task == "trials":
        kinds, sizes = kept_trials(arguments.count, arguments.seeds, arguments.keep)
        print_table("marks in the file", kinds)
        print()
        print_table("ids on record", sizes)
    else:
        print_table("file", through_files(arguments.draws, arguments.keep))


if __name__ == "__main__":
    main()
