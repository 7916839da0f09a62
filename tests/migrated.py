"""A SQLite file as all migrations leave it: made once for a run of the tests, and copied by who needs one.

Migrating takes seconds of processor time in each test process and each service that a test starts. Who
copies still migrates, which finds nothing left to do; that migrations work from nothing is shown by the one
who makes the file, and on PostgreSQL.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

ROOT = Path(__file__).resolve().parents[1]
# Not waiting for the disk after each of some hundred migrations: a file that is cut off is made anew.
MIGRATE = """
from django.core.management import execute_from_command_line
from django.db.backends.signals import connection_created

def do_not_wait(connection, **more):
    if connection.vendor == "sqlite":
        connection.connection.execute("PRAGMA synchronous = OFF")

connection_created.connect(do_not_wait)
execute_from_command_line("manage.py migrate --noinput --skip-checks --verbosity 0".split())
"""


def copy_migrated_database(place: Path) -> None:
    """Put a copy at `place`, for a service or program that has no database yet."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy(_migrated_database(), place)


def fill_the_first_database_of_this_process() -> None:
    """Let the tests' own database in memory begin as a copy, when it is opened to be migrated."""

    def fill(connection: BaseDatabaseWrapper, **more: Any) -> None:
        if connection.vendor != "sqlite" or not connection.is_in_memory_db():  # type: ignore[attr-defined]
            return
        connection_created.disconnect(fill)
        with closing(sqlite3.connect(_migrated_database())) as file:
            file.backup(connection.connection)

    connection_created.connect(fill, weak=False)


def _migrated_database() -> Path:
    """The file; whoever comes first makes it, and the others wait for it."""
    folder = Path(os.environ["LIKENESS_TEST_DIR"]) / "migrated"
    folder.mkdir(exist_ok=True)
    done = folder / "done.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _migrate(folder)
            (folder / "likeness.sqlite3").rename(done)
    return done


def _migrate(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.base", "LIKENESS_DATA_DIR": str(folder)}
    migrated = subprocess.run(
        [sys.executable, "-c", MIGRATE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    # A copy of the file alone has to be whole, also in memory, where there is no write-ahead log.
    with closing(sqlite3.connect(folder / "likeness.sqlite3")) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
