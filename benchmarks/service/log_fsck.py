"""What a long log costs: `python -m benchmarks.service.log_fsck [--entries 1000000] [--new 1000]`.

Fills a database of its own (SQLite, or with `--postgresql` a server that it starts) with a log of that many
entries as the service writes them, then runs `auditlog_fsck` on one core: for everything, and with `--new`
after so many more. Prints seconds of the processor and on the clock, and the most memory that the command
had; then the milliseconds of answers with proofs, of random entries and sizes. The rows are written in bulk,
with the triggers off, since appending a million takes hours. The processor's figures are those of our own
processes, without the database server's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.load.long_lists import database

ROOT = Path(__file__).resolve().parents[2]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 20_000
PROOFS = 50


def main() -> None:
    """Fill, check, print."""
    arguments = argparse.ArgumentParser(description="Time of the log's check.")
    arguments.add_argument("--entries", type=int, default=1_000_000)
    arguments.add_argument("--new", type=int, default=1_000)
    arguments.add_argument("--postgresql", action="store_true")
    arguments.add_argument("--fill", nargs=2, type=int, metavar=("FROM", "TO"), help=argparse.SUPPRESS)
    arguments.add_argument("--prove", type=int, metavar="SIZE", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.fill:
        fill(*given.fill)
        return
    if given.prove:
        prove(given.prove)
        return
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="likeness-fsck-") as name, database(given.postgresql) as url:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "LIKENESS_DATA_DIR": name,
            "LIKENESS_PUBLIC_CALLS_PER_MINUTE": "100000",
            "LIKENESS_LOG_LEVEL": "ERROR",
        }
        if url:
            environment["LIKENESS_DATABASE_URL"] = url
            environment["LIKENESS_LOG_MARK_CALLBACK"] = (
                "tests.provenance.log.append.shared_mark.on_this_machine"
            )

        def run(*command: str) -> tuple[str, resource.struct_rusage]:
            with subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout is not None
                output = process.stdout.read()
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, output
            return output, used

        run("manage.py", "create_keys")
        run("manage.py", "migrate", "--noinput")
        for title, begin, end, options in (
            (f"all of {given.entries}", 0, given.entries, ()),
            (f"{given.new} new ones", given.entries, given.entries + given.new, ("--new",)),
        ):
            run("-m", __spec__.name, "--fill", str(begin), str(end))
            begun = time.perf_counter()
            output, used = run("manage.py", "auditlog_fsck", "--json", *options)
            found = json.loads(output)
            assert found["ok"], found
            assert found["begin"] == begin, found
            print(
                f"{title}: {used.ru_utime + used.ru_stime:.1f} s of one core, "
                f"{time.perf_counter() - begun:.1f} s, {used.ru_maxrss / 1024:.0f} MiB",
                flush=True,
            )
        print(run("-m", __spec__.name, "--prove", str(given.entries))[0], end="")


def prove(size: int) -> None:
    """Ask for proofs in the environment's log of `size` entries and more, and print what they took."""
    import django  # noqa: PLC0415

    django.setup()
    from django.test import Client  # noqa: PLC0415

    client, chosen = Client(SERVER_NAME="localhost"), random.Random(0)
    client.get("/v1/log/checkpoint")  # the first request of a process loads what all need
    paths = {
        "inclusion": lambda: f"inclusion?index={chosen.randrange(size)}&tree_size={size}",
        "consistency": lambda: f"consistency?first={chosen.randrange(1, size)}&second={size}",
    }
    for name, path in paths.items():
        took, used = [], []
        for _ in range(PROOFS):
            begun, begun_used = time.perf_counter(), time.process_time()
            answer = client.get(f"/v1/log/proof/{path()}")
            assert answer.status_code == 200, answer.content
            took.append(1000 * (time.perf_counter() - begun))
            used.append(1000 * (time.process_time() - begun_used))
        print(
            f"proofs of {name}: median {statistics.median(took):.1f} ms, longest {max(took):.1f} ms; of the "
            f"processor {statistics.median(used):.1f} and {max(used):.1f} ms"
        )


def fill(begin: int, end: int) -> None:
    """Append the entries `begin` to `end` - 1, in the environment's database."""
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection, transaction  # noqa: PLC0415

    from provenance.models.log_triggers import APPEND_ONLY, install_triggers, remove_triggers  # noqa: PLC0415
    from provenance.selectors.signed_head import advance_mark  # noqa: PLC0415

    for model in APPEND_ONLY:
        remove_triggers(model)
    with connection.cursor() as cursor:
        for batch in rows(begin, end):
            with transaction.atomic():
                for table, columns, values in batch:
                    marks = ", ".join(["%s"] * len(columns.split(", ")))
                    cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608
    install_triggers()
    advance_mark()


def rows(begin: int, end: int) -> Iterator[list[tuple[str, str, list[tuple[object, ...]]]]]:
    """The rows of the four tables, AT_ONCE entries at a time."""
    from provenance.keys.service_keys import log_signing_key  # noqa: PLC0415
    from provenance.log.checkpoint import Checkpoint  # noqa: PLC0415
    from provenance.log.draft import draft_checkpoint  # noqa: PLC0415
    from provenance.log.entries import Entry, LogEvent  # noqa: PLC0415
    from provenance.log.hashing import leaf_hash  # noqa: PLC0415
    from provenance.log.merkle import Frontier, cover  # noqa: PLC0415
    from provenance.selectors.log import stored_hashes  # noqa: PLC0415

    key = log_signing_key()
    edge = cover(0, begin)
    stored = stored_hashes(edge)
    tree = Frontier(begin, [stored[subtree] for subtree in edge])
    entries: list[tuple[object, ...]] = []
    references: list[tuple[object, ...]] = []
    nodes: list[tuple[object, ...]] = []
    heads: list[tuple[object, ...]] = []
    for index in range(begin, end):
        data = {"job_id": f"job_{index:022d}", "portrait_id": f"por_{index:022d}", "frames": index % 3000}
        moment = BEGIN + timedelta(seconds=index)
        entry = Entry(index=index, time=moment, event=LogEvent.JOB_SUBMITTED, actor="prt_bench", data=data)
        text = moment.replace(tzinfo=None).isoformat(sep=" ")
        entries.append((index, text, entry.event.value, entry.actor, entry.body.decode()))
        references += [(index, value) for value in sorted(entry.references)]
        nodes += [(subtree.position, value) for subtree, value in tree.append(leaf_hash(entry.body))]
        head = Checkpoint(key.name, index + 1, tree.root())
        heads.append((head.size, head.root, draft_checkpoint(head, key)))
        if len(entries) == AT_ONCE or index == end - 1:
            yield [
                ("provenance_logentry", '"index", time, event, actor, body', entries),
                ("provenance_logreference", "entry_id, value", references),
                ("provenance_lognode", "position, hash", nodes),
                ("provenance_logcheckpoint", "size, root, note", heads),
            ]
            entries, references, nodes, heads = [], [], [], []


if __name__ == "__main__":
    main()
