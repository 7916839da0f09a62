"""Several actors at the same moment, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.migrated import copy_migrated_database
from tests.provenance.log.append.test_on_postgresql import postgresql as postgresql_server  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def races(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """What became of each race on one of the databases."""
    data_dir = tmp_path_factory.mktemp("races")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")},
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "LIKENESS_DATA_DIR": str(data_dir),
    }
    if request.param == "postgresql":
        environment["LIKENESS_DATABASE_URL"] = request.getfixturevalue("postgresql_server")
        environment["LIKENESS_LOG_MARK_CALLBACK"] = "tests.provenance.log.append.shared_mark.on_this_machine"

    if request.param == "sqlite":
        copy_migrated_database(data_dir / "likeness.sqlite3")
    done = subprocess.run(
        [sys.executable, "-m", "tests.generation.services.races", str(data_dir)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, list[dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_withdrawn_consent_never_leaves_a_released_video(races: dict[str, list[dict[str, Any]]]) -> None:
    for outcome in races["withdraw while it is approved"]:
        assert (outcome["job"], outcome["record"]) == ("revoked", "withdrawn"), outcome
        assert outcome["outcomes"][0] == "done"
        assert outcome["outcomes"][1] in {"done", "consent_withdrawn", "not_in_review"}


def test_a_job_is_stopped_once_and_gives_its_video_back_once(races: dict[str, list[dict[str, Any]]]) -> None:
    for outcome in races["withdraw while it is cancelled"]:
        assert (outcome["job"], outcome["used_videos"]) == ("cancelled", 0), outcome
        assert set(outcome["outcomes"]) == {"done"}, outcome


def test_two_approvals_release_once(races: dict[str, list[dict[str, Any]]]) -> None:
    for outcome in races["approve twice"]:
        assert outcome == {"outcomes": ["done", "done"], "entries": 1}


def test_of_four_workers_one_claims(races: dict[str, list[dict[str, Any]]]) -> None:
    for outcome in races["claim"]:
        assert outcome == {"outcomes": ["done", "nothing", "nothing", "nothing"], "attempts": 1}


def test_a_suspension_and_cancellations_never_wait_for_each_other(
    races: dict[str, list[dict[str, Any]]],
) -> None:
    for outcome in races["suspend while jobs are cancelled"]:
        assert outcome == {"outcomes": ["done"] * 5, "states": ["cancelled"] * 4}, outcome


def test_the_last_video_is_given_once(races: dict[str, list[dict[str, Any]]]) -> None:
    for outcome in races["submit for the last video"]:
        assert outcome["jobs"] == 1, outcome
        assert outcome["outcomes"] == ["consent_used_up"] * 3 + ["done"], outcome


def test_partners_that_submit_at_once_do_not_overfill_the_promised_time(
    races: dict[str, list[dict[str, Any]]],
) -> None:
    for outcome in races["partners submit at once"]:
        assert outcome == {"outcomes": ["busy"] * 3 + ["done"] * 3, "jobs": 3}


def test_all_consents_are_withdrawn_while_their_jobs_are_cancelled(
    races: dict[str, list[dict[str, Any]]],
) -> None:
    for outcome in races["withdraw everything while jobs are cancelled"]:
        assert outcome == {"outcomes": ["done"] * 5, "states": ["cancelled"] * 4}, outcome


def test_a_withdrawal_and_first_approvals_never_wait_for_each_other(
    races: dict[str, list[dict[str, Any]]],
) -> None:
    for outcome in races["withdraw while the first of two approves"]:
        assert outcome["states"] == ["revoked"] * 4, outcome
        assert outcome["outcomes"][0] == "done", outcome
        assert set(outcome["outcomes"][1:]) <= {"done", "not_in_review"}, outcome


def test_who_holds_rows_and_waits_for_the_log_never_waits_for_who_has_it(
    races: dict[str, list[dict[str, Any]]],
) -> None:
    (outcomes,) = races["one holds its rows"]
    in_between = dict.fromkeys(outcomes, "done") | {
        "erase_a_video_while_it_is_approved": "not_in_review",
        "withdraw_a_face_while_another_is_registered": "nothing",
    }
    assert outcomes == {race: ["done", other] for race, other in in_between.items()}
