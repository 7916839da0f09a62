"""On PostgreSQL runs what may use the database, and nothing of that is forgotten."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.on_postgresql import PATHS, may_use_the_database

ROOT = Path(__file__).resolve().parents[2]


def a_test(*fixtures: str, markers: tuple[str, ...] = ()) -> Any:
    """What a plugin sees of a test."""
    found = {name: getattr(pytest.mark, name).mark for name in markers}
    return SimpleNamespace(fixturenames=["_django_setup_unittest", *fixtures], get_closest_marker=found.get)


@pytest.mark.parametrize("fixture", ["db", "transactional_db", "live_server", "django_db_setup"])
def test_a_test_runs_there_that_has_the_database_itself_or_through_what_it_asks_for(fixture: str) -> None:
    assert may_use_the_database(a_test("client", fixture))
    assert may_use_the_database(a_test("client", markers=("django_db",)))


def test_a_test_without_the_database_does_not_run_twice() -> None:
    assert not may_use_the_database(a_test("client", "settings", markers=("parametrize",)))


def test_this_very_test_is_known_by_what_pytest_says_of_it(request: pytest.FixtureRequest) -> None:
    assert not may_use_the_database(request.node)


def test_one_with_a_row_is_known_by_it(request: pytest.FixtureRequest, partner_a: object) -> None:
    assert may_use_the_database(request.node)


def test_nobody_asks_for_the_database_when_it_is_too_late_to_see() -> None:
    asks = re.compile(r"""getfixturevalue\(["'](db|transactional_db|live_server)["']""")
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert [str(path) for path in files if asks.search(path.read_text())] == []


def test_the_places_are_there() -> None:
    assert [place for place in PATHS if not (ROOT / place.partition("::")[0]).exists()] == []
