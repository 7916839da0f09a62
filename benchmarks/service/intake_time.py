"""Measure time and memory of examining portraits of 1 to 50 megapixels, in their sandbox, face included.

Run as `python -m benchmarks.service.intake_time`; `--only WORD` takes the cases with that word. The time is
the processor's, so that what else a machine does counts less, and the median of `--rounds`; the memory is the
largest resident set of a sandboxed process of that case.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.service.intake_pictures import heic, portrait, saved
from generation.intake.examine import examine_portrait
from provenance.manifest import development_ca
from provenance.manifest.trust import TrustStore

CASES: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("1 megapixel JPEG", lambda: saved(portrait(1160, 870), "JPEG", quality=90)),
    ("12 megapixel JPEG", lambda: saved(portrait(4032, 3024), "JPEG", quality=90)),
    ("50 megapixel JPEG", lambda: saved(portrait(8192, 6144), "JPEG", quality=90)),
    ("50 megapixel progressive JPEG", lambda: saved(portrait(8192, 6144), "JPEG", progressive=True)),
    ("48 megapixel HEIC", lambda: heic(portrait(8064, 6048))),
    ("50 megapixel WebP", lambda: saved(portrait(8192, 6144), "WEBP", quality=60, method=0)),
    ("50 megapixel PNG", lambda: saved(portrait(8192, 6144).quantize(64).convert("RGB"), "PNG")),
)


def processor_s() -> float:
    """Seconds of the processor that sandboxed processes of this process have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def make(case: int, path: Path) -> None:
    """Write the file of one case; in a process of its own, since encoders take more memory than decoders."""
    path.write_bytes(CASES[case][1]())


def measure(source: Path, rounds: int) -> tuple[float, float]:
    """Median processor seconds and largest resident set in MB of one file; in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trust = TrustStore(development_ca.create(folder / "authority").root_pem)
        times = []
        for _ in range(rounds):
            begun_s = processor_s()
            examine_portrait(source, name="", content_type="", workspace=folder, trust=trust)
            times.append(processor_s() - begun_s)
    return statistics.median(times), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Print a line for each case."""
    arguments = argparse.ArgumentParser(description="Time and memory of examining portraits.")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default="", help="a word in the names of the cases to take")
    chosen = arguments.parse_args()
    for case, (what, _) in enumerate(CASES):
        if chosen.only in what:
            # The largest resident set is that of all children so far: each case has a parent of its own.
            with tempfile.TemporaryDirectory() as name:
                source = Path(name) / "upload"
                with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                    pool.submit(make, case, source).result()
                with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                    seconds, peak_mb = pool.submit(measure, source, chosen.rounds).result()
            sys.stdout.write(f"{what}: {seconds:.2f} s, {peak_mb:.0f} MB\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
