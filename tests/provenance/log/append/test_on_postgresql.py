"""Processes that append at once to a real PostgreSQL, which comes as a wheel and listens on a socket only.

That the log behaves there as on SQLite is shown by `make test-postgresql`, which runs its tests there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgresql_server import postgresql_server
from tests.provenance.log.append.test_concurrency import run_writers

ON_THIS_MACHINE = "tests.provenance.log.append.shared_mark.on_this_machine"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The database URL of a server that lives as long as this module's tests."""
    with postgresql_server() as url:
        yield url


def test_processes_on_postgresql_take_turns(postgresql):
    run_writers({"LIKENESS_DATABASE_URL": postgresql, "LIKENESS_LOG_MARK_CALLBACK": ON_THIS_MACHINE})
