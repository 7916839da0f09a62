"""How soon a process can search all issued marks: `python -m benchmarks.load.registry_search`.

Fills a database of its own (SQLite, or with `--postgresql` a server that it starts) with `--rows` records,
and starts one process after another. Each opens the registry, which the first has to write, and searches it
with noise, with the trace of a mark and with a clear mark. Prints the seconds until it is open, the
milliseconds of a search with what it asks the database (on the clock and of the processor; median and longest
of twenty) and what the process has of memory for itself, without pages of files, in MiB.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.load.long_lists import database

PROCESSES = 3
TIMES = 20
LEVELS = {"noise": 0.0, "a trace": 0.4, "a clear mark": 1.0}
LEAST = 9.0  # standard deviations; a hit among a million needs 8.9


def main() -> None:
    """Fill, start processes, print; in such a process: open, search, print."""
    arguments = argparse.ArgumentParser(
        description="Time to open and to search the registry of issued marks."
    )
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--postgresql", action="store_true")
    arguments.add_argument("--search", action="store_true", help="be one of the processes")
    given = arguments.parse_args()
    if given.search:
        search()
        return
    with tempfile.TemporaryDirectory(prefix="likeness-marks-") as folder, database(given.postgresql) as url:
        if url:
            os.environ["LIKENESS_DATABASE_URL"] = url
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "LIKENESS_DATA_DIR": folder}
        os.environ["LIKENESS_LOG_LEVEL"] = "ERROR"
        fill(given.rows)
        for number in range(PROCESSES):
            command = [sys.executable, "-m", "benchmarks.load.registry_search", "--search"]
            print(f"process {number + 1}:", flush=True)
            subprocess.run(command, check=True)
        print(f"the file: {(Path(folder) / 'issued-marks').stat().st_size / 2**20:.1f} MiB")


def fill(rows: int) -> None:
    """Make the database, with that many records of one year."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from benchmarks.load.long_lists import multiply, text_of  # noqa: PLC0415
    from provenance.models import Record  # noqa: PLC0415

    call_command("create_keys", verbosity=0, stdout=io.StringIO())
    call_command("migrate", verbosity=0)
    first = Record.objects.create(
        rendition_id="rnd_0",
        watermark_id="f" * 12,
        watermark_year=2026,
        watermark_version=2,
        content_prints=b"",
        file_sha256="f" * 64,
        size_bytes=1,
        duration_s=1.0,
        manifest=b"",
        log_index=0,
        sealed_at=timezone.now(),
    )
    text = text_of(connection.vendor)
    columns = {"rendition_id": text("rnd_x"), "watermark_id": text(""), "file_sha256": text("x")}
    multiply(first, rows, {**columns, "log_index": "n"})


def search() -> None:
    """Open the registry, search it, print what that took."""
    import django  # noqa: PLC0415

    django.setup()
    import numpy as np  # noqa: PLC0415

    from provenance.services.issued_ids import issued_ids  # noqa: PLC0415
    from provenance.watermark import WatermarkPayload  # noqa: PLC0415
    from provenance.watermark.coding import error_correction  # noqa: PLC0415

    begun = time.perf_counter()
    registry = issued_ids.registry(2026)
    found: dict[str, Any] = {"ids": len(registry), "open_s": round(time.perf_counter() - begun, 3)}
    rng = np.random.default_rng(0)
    signs = 2.0 * error_correction.encode(WatermarkPayload(0x123456).to_bits(registry.key)) - 1.0
    for title, level in LEVELS.items():
        took, used, hits = [], [], 0
        for _ in range(TIMES):
            soft_bits = (level * signs + rng.normal(0, 1, 256)) / 16
            least = LEAST * max(1.0, float(np.sqrt((soft_bits**2).sum())))
            begun, begun_used = time.perf_counter(), time.process_time()
            issued_ids.registry(2026)
            hits += bool(registry.ranked(soft_bits, 4, least))
            took.append((time.perf_counter() - begun) * 1000)
            used.append((time.process_time() - begun_used) * 1000)
        found[title] = {
            "ms": [round(statistics.median(took), 1), round(max(took), 1)],
            "processor_ms": [round(statistics.median(used), 1), round(max(used), 1)],
            "hits": f"{hits} of {TIMES}",
        }
    memory = dict(line.split(":") for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    found["own_mib"] = round(int(memory["Private_Dirty"].split()[0]) / 1024, 1)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
