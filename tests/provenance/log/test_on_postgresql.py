"""The same tests against a real PostgreSQL server, which comes as a wheel and listens on a socket only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.postgresql_server import postgresql_server
from tests.provenance.log.test_concurrency import run_writers

FOLDER = "tests/provenance/log"

ON_THIS_MACHINE = "tests.provenance.log.shared_mark.on_this_machine"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The database URL of a server that lives as long as this module's tests."""
    with postgresql_server() as url:
        yield url


def test_the_log_behaves_the_same_on_postgresql(postgresql):
    files = [
        "test_append.py",
        "test_triggers.py",
        "test_fsck_command.py",
        "test_proofs.py",
        "test_no_fork.py",
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
            "-m",
            "not slow",
            *(f"{FOLDER}/{name}" for name in files),
        ],
        env={**os.environ, "LIKENESS_DATABASE_URL": postgresql, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_processes_on_postgresql_take_turns(postgresql):
    run_writers({"LIKENESS_DATABASE_URL": postgresql, "LIKENESS_LOG_MARK_CALLBACK": ON_THIS_MACHINE})
