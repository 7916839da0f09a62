"""Several processes append at once to one database file: no gap, no clash, no lost entry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provenance.log.entries import parse_entry
from tests.migrated import copy_migrated_database

WRITERS = 4
COUNT = 25
LASTING = [number for number in range(COUNT) if number % 5 != 4]


def run_writers(environment: dict[str, str]) -> None:
    """Migrate the database that the environment names, let all writers loose, and check the log with fsck."""
    names = [f"w{number}" for number in range(WRITERS)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.provenance.log.append.concurrent_writer", str(COUNT), *names],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{WRITERS * len(LASTING)} entries")


@pytest.mark.slow
def test_processes_on_one_sqlite_file_take_turns(tmp_path):
    database = tmp_path / "log.sqlite3"
    copy_migrated_database(database)
    run_writers({"LIKENESS_DATABASE_URL": f"sqlite:///{database}"})
    jobs = [str(parse_entry(body).data["job_id"]) for body in bodies(database)]
    assert sorted(jobs) == sorted(
        f"job_w{writer}_{number}" for writer in range(WRITERS) for number in LASTING
    )


def bodies(database: Path) -> list[bytes]:
    import sqlite3

    with sqlite3.connect(database) as connection:
        return [body.encode() for (body,) in connection.execute("SELECT body FROM provenance_logentry")]
