"""What a sandboxed process reaches, and what starting one costs: `python -m benchmarks.service.sandbox`.

Walks the file system, asks a sandboxed process to read every file that is none of its libraries (up to
--files of them) and to make something in every folder (up to --folders), and prints how many it could. Then
what starting costs, on the clock and of the processor, as the median and least of --rounds: a process that
reads nothing, the same without a sandbox, and a file's credentials in a reader that is loaded already.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from provenance.common.strict_json import to_plain
from provenance.manifest.trust import TrustStore
from provenance.sandbox.file_access import library_paths
from provenance.sandbox.isolation import confined_environment, run_isolated
from provenance.sandbox.probe import Reach, Targets
from provenance.sandbox.requirement import sandbox_state
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.reader.reader_pool import Readers

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 5_000


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description="Reach and cost of the sandbox.")
    arguments.add_argument("--files", type=int, default=100_000)
    arguments.add_argument("--folders", type=int, default=2_000)
    arguments.add_argument("--rounds", type=int, default=15)
    given = arguments.parse_args()
    print(f"missing: {', '.join(sandbox_state().missing) or 'nothing'}; user {os.getuid()}")
    libraries = library_paths([ROOT / "provenance"])
    reach(list(islice(files_besides(libraries), given.files)), list(islice(folders(), given.folders)))
    trust = TrustStore((ROOT / "tests/vectors/trust-anchors.pem").read_text())
    job = ReadJob(ROOT / "tests/vectors/sealed.mp4", "video", "video/mp4", trust)
    readers = Readers(1)
    readers.read(job)
    cost("a process that reads nothing", lambda: probe(Targets()), given.rounds)
    cost("the same without a sandbox", without_sandbox, given.rounds)
    cost("credentials in a loaded reader", lambda: readers.read(job), given.rounds)
    readers.close()


def reach(files: list[Path], places: list[Path]) -> None:
    """Ask for everything, AT_ONCE files at a time."""
    read: list[str] = []
    for at in range(0, len(files), AT_ONCE):
        read += probe(Targets(read=tuple(files[at : at + AT_ONCE]))).read
    made = probe(Targets(folders=tuple(places)))
    print(f"read {len(read)} of {len(files)} files that are no libraries: {read[:5]}")
    print(f"wrote into {len(made.written)} of {len(places)} folders: {list(made.written[:5])}")


def probe(targets: Targets) -> Reach:
    """What a sandboxed process reaches of the targets."""
    return run_isolated(
        "provenance.sandbox.probe",
        Reach,
        stdin=json.dumps(to_plain(targets)).encode(),
        memory_bytes=512 * 1024**2,
        cpu_s=60,
        wall_s=120.0,
    )


def files_besides(libraries: list[Path]) -> Iterator[Path]:
    """Every file that this account can read and that lies under none of the libraries."""
    apart = {str(path.resolve()) for path in libraries}
    for folder, below, names in os.walk("/"):
        below[:] = [name for name in below if str(Path(folder, name)) not in apart]
        for name in names:
            path = Path(folder, name)
            if str(path) in apart or path.is_symlink():  # the walk follows no links, so this is its only name
                continue
            if path.is_file() and os.access(path, os.R_OK):
                yield path


def folders() -> Iterator[Path]:
    """Every folder outside of the kernel's own, libraries among them, from the top down."""
    for folder, below, _ in os.walk("/"):
        if folder == "/":
            below[:] = [name for name in below if name not in {"proc", "sys"}]
        yield Path(folder)


def without_sandbox() -> None:
    """Start what `probe` starts as an ordinary process."""
    command = [sys.executable, "-s", "-P", "-m", "provenance.sandbox.probe"]
    nothing = json.dumps(to_plain(Targets())).encode()
    subprocess.run(command, input=nothing, env=confined_environment(), capture_output=True, check=True)


def cost(title: str, attempt: Callable[[], object], rounds: int) -> None:
    """Print the milliseconds on the clock and of the processor, of ended processes too, that it takes."""
    times, used = [], []
    for _ in range(rounds):
        begun, begun_used = time.perf_counter(), processor_s()
        attempt()
        times.append(1000 * (time.perf_counter() - begun))
        used.append(1000 * (processor_s() - begun_used))
    print(
        f"{title}: median {statistics.median(times):.0f} ms, least {min(times):.0f} ms; "
        f"of the processor {statistics.median(used):.1f} and {min(used):.1f} ms"
    )
    sys.stdout.flush()


def processor_s() -> float:
    """Seconds that this process and those of its children that have ended have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
