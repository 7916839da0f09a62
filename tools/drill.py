"""Breaks the service in every way that it has to bear, and prints what became of it: `make drill`.

Each drill is a command of its own that starts what it breaks: real processes, databases and files. Name some
of them to run only those. Exits 1 if one fails; what it said is then printed below the table.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
LONGEST_S = 1800


@dataclass(frozen=True)
class Drill:
    """What is broken, what has to hold, and the command (arguments of Python) that tries it.

    `alert` is what operators with `deploy/prometheus/alerts.yaml` get of it; empty where there is nothing for
    them to do. tests/deploy/test_drills_raise_alerts.py tries each.
    """

    name: str
    broken: str
    holds: str
    command: tuple[str, ...]
    alert: str = ""


DRILLS: tuple[Drill, ...] = (
    Drill(
        "log",
        "kills between transaction, mark and signature; older databases; two writers; lost marks",
        "no size is signed with two roots",
        ("-m", "benchmarks.service.log_drills", "10"),
        "LikenessCheckpointOld",
    ),
    Drill(
        "log-stands-still",
        "a log behind its high-water mark",
        "no job, upload or answer is taken",
        (*PYTEST, "tests/generation/services/test_log_stands_still.py"),
        "LikenessPartMissing",
    ),
    Drill(
        "published",
        "published checkpoints missing, cut short, of another log",
        "fsck names it, nothing contradicts it",
        (*PYTEST, "tests/provenance/log/commands/test_fsck_command.py"),
        "LikenessCheckpointOld",
    ),
    Drill(
        "cells",
        "garbage in cells of the database",
        "fsck names each that decides something, without a traceback",
        ("-m", "benchmarks.load.log_mutations", "--count", "60"),
        "LikenessRowContradictsLog",
    ),
    Drill(
        "restore",
        "an older database put back after withdrawals and erasures",
        "nothing withdrawn or erased comes back",
        (*PYTEST, "tests/generation/erasure/test_restored_database.py"),
        "LikenessLogRolledBack",
    ),
    Drill(
        "stolen-keys",
        "the keys of signing, log, watermark and contacts in a thief's hands",
        "no stranger's video becomes ours, and each has a way out",
        (*PYTEST, "tests/provenance/keys/test_stolen_keys.py"),
        "LikenessJobsFail",
    ),
    Drill(
        "workers",
        "workers killed at every stage, or asleep past their lease",
        "one video or a coded failure, never two",
        (*PYTEST, "tests/robustness/test_worker_killed.py"),
        "LikenessPartMissing",
    ),
    Drill(
        "races",
        "withdrawal against release and cancelling, two approvals, partners at once; both databases",
        "one order or the other, nothing twice",
        (*PYTEST, "tests/generation/services/test_races.py"),
    ),
    Drill(
        "broker",
        "the broker dies or hangs",
        "jobs are taken and made",
        (*PYTEST, "tests/robustness/test_redis_gone.py", "tests/robustness/test_cache_away.py"),
        "LikenessPartMissing",
    ),
    Drill(
        "database",
        "a database that is gone, hangs, freezes in an answer or is full",
        "coded answers within seconds, /readyz says it",
        (*PYTEST, "tests/config/test_database_away.py"),
        "LikenessPartMissing",
    ),
    Drill(
        "disk",
        "a disk that is full",
        "out_of_space, nothing half written, the next job is made",
        (*PYTEST, "tests/robustness/test_disk_full.py"),
        "LikenessPartMissing",
    ),
    Drill(
        "clock",
        "a machine whose clock is off",
        "/readyz says it",
        (*PYTEST, "tests/config/operations/test_readiness.py", "-k", "clock"),
        "LikenessPartMissing",
    ),
    Drill(
        "slow-clients",
        "more clients that stop half-way than there are threads",
        "everybody else is answered",
        (*PYTEST, "tests/robustness/test_slow_clients.py"),
        "LikenessSlowClients",
    ),
    Drill(
        "requests",
        "hostile requests to every call",
        "described answers alone",
        ("-m", "benchmarks.load.generated_requests", "--requests", "1000"),
        "LikenessRefusals",
    ),
)


def main(names: Sequence[str]) -> int:
    """Run the drills, print the table; the exit status."""
    unknown = set(names) - {drill.name for drill in DRILLS}
    if unknown:
        print(f"There is no drill {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    failed: list[tuple[Drill, str]] = []
    for drill in DRILLS:
        if names and drill.name not in names:
            continue
        begun = time.monotonic()
        holds, said = run(drill)
        seconds = time.monotonic() - begun
        outcome = "holds " if holds else "FAILED"
        told = f" ({drill.alert})" if drill.alert else ""
        print(f"{outcome}  {drill.name:17}{seconds:5.0f} s  {drill.broken}: {drill.holds}{told}")
        sys.stdout.flush()
        if not holds:
            failed.append((drill, said))
    for drill, said in failed:
        print(f"\n--- {drill.name}: python {' '.join(drill.command)}\n{said[-4000:]}")
    return int(bool(failed))


def run(drill: Drill) -> tuple[bool, str]:
    """Whether it held, and everything that the command said."""
    try:
        done = subprocess.run(
            [sys.executable, *drill.command],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"It was not over within {LONGEST_S} s."
    return done.returncode == 0, done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
