"""`likeness log monitor`: a log is followed as it grows, and one that tells another history is found out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from likeness import MonitorReport, monitor_log
from likeness.commands.tree import main
from likeness.errors import CheckpointUnusable
from provenance.log.cosignature import WitnessSigningKey
from provenance.log.keys import create_log_key
from tests.likeness.test_log_check import bodies_of, write_log
from tests.provenance.log.store import entry


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def grow(tmp_path: Path):
    """The log's files once it has so many entries."""

    def _grow(size: int, *, forked_at: int | None = None) -> Path:
        bodies = bodies_of(size)
        if forked_at is not None:
            bodies[forked_at] = entry(forked_at, "rewritten").body
        return write_log(tmp_path / f"log-{size}-{forked_at}", bodies)

    return _grow


def test_it_reads_what_is_new_and_nothing_again(grow, state):
    sizes = [(monitor_log(grow(size), state=state)) for size in (1, 255, 256, 300, 300, 520)]
    assert [(report.begin, report.end) for report in sizes] == [
        (0, 1), (1, 255), (255, 256), (256, 300), (300, 300), (300, 520),
    ]  # fmt: skip
    assert all(report.goes_on for report in sizes)
    whole = grow(600)
    (whole / "tile/entries/000").unlink()  # what was read before is not asked for again
    assert monitor_log(whole, state=state).goes_on


@pytest.mark.parametrize(
    ("size", "damage"), [(200, "rolled_back"), (300, "history_rewritten"), (400, "history_rewritten")]
)
def test_another_history_is_found_out_and_the_proof_is_kept(grow, state, size, damage):
    monitor_log(grow(300), state=state)
    before = state.read_bytes()
    report = monitor_log(grow(size, forked_at=100), state=state)
    assert (report.damage, report.goes_on, report.end) == (damage, False, 300)
    assert state.read_bytes() == before
    assert monitor_log(grow(400), state=state).goes_on


def test_a_missing_file_is_named(grow, state):
    monitor_log(grow(10), state=state)
    place = grow(300)
    (place / "tile/entries/000").unlink()
    assert monitor_log(place, state=state).damage == "entry_removed"


def test_a_state_of_another_log_is_not_used(grow, state):
    state.write_text('{"format": "likeness-log-monitor/1", "checkpoint": "x", "edge": []}')
    with pytest.raises(CheckpointUnusable):
        monitor_log(grow(3), state=state)


@pytest.fixture
def witness(tmp_path: Path) -> WitnessSigningKey:
    create_log_key(tmp_path / "w.pem")
    return WitnessSigningKey.load(tmp_path / "w.pem", "w1.example")


@pytest.fixture
def policy(tmp_path: Path, witness: WitnessSigningKey) -> Path:
    """One witness counts, and has to have signed."""
    path = tmp_path / "witnesses.txt"
    path.write_text(f"at_least 1\n{witness.verify_key.vkey}\n")
    return path


@pytest.fixture
def cosigned(witness: WitnessSigningKey):
    """The checkpoint of a log with the witness's signature."""

    def _cosigned(place: Path) -> str:
        note = (place / "checkpoint").read_text()
        return note + witness.cosign(note.partition("\n\n")[0] + "\n", seconds=1)

    return _cosigned


@pytest.fixture
def look(state: Path, policy: Path, cosigned):
    """Follow a log as far as the witness signed it: up to the checkpoint of the log in `signed`."""

    def _look(place: Path, signed: Path) -> MonitorReport:
        (place / "witnessed").write_text(cosigned(signed))
        return monitor_log(place, state=state, witnesses=policy)

    return _look


def test_too_few_witnesses_are_a_problem(grow, state, policy, look):
    place = grow(3)
    (place / "witnessed").write_text((place / "checkpoint").read_text())
    assert monitor_log(place, state=state, witnesses=policy).damage == "witnesses_missing"
    report = look(place, place)
    assert (report.goes_on, report.witnesses, report.witnessed) == (True, ("w1.example",), 3)


@pytest.mark.parametrize("signed", [1, 200, 256, 299])
@pytest.mark.parametrize("sizes", [(300, 300), (513, 520)])
def test_witnesses_behind_what_was_read_without_them_are_no_rollback(grow, state, look, signed, sizes):
    read, now = sizes
    monitor_log(grow(read), state=state)
    before = state.read_bytes()
    place = grow(now)
    report = look(place, grow(signed))
    assert (report.problem, report.end, report.witnessed) == (None, read, signed)
    assert state.read_bytes() == before
    report = look(place, place)
    assert (report.problem, report.end, report.witnessed) == (None, now, now)


@pytest.mark.parametrize(
    ("forks", "damage"),
    [
        (((200, None), (299, None)), "rolled_back"),  # the log is shorter too
        (((200, 100), (300, None)), "history_rewritten"),  # witnesses were shown another log
        (((200, None), (400, 100)), "history_rewritten"),  # this is another log now
        (((200, 100), (400, 100)), "history_rewritten"),
    ],
)
def test_witnesses_that_are_behind_hide_no_other_history(grow, state, look, forks, damage):
    monitor_log(grow(300), state=state)
    signed, now = (grow(size, forked_at=at) for size, at in forks)
    report = look(now, signed)
    assert (report.damage, report.goes_on, report.end) == (damage, False, 300)


def test_the_command_says_how_far_the_witnesses_are(grow, state, policy, cosigned, capsys):
    place = grow(300)
    monitor_log(place, state=state)
    (place / "witnessed").write_text(cosigned(grow(200)))
    assert main(["log", "monitor", str(place), "--state", str(state), "--witnesses", str(policy)]) == 0
    assert "the first 200 of them signed by w1.example" in capsys.readouterr().out


def test_the_command_says_the_same(grow, state, capsys):
    assert main(["log", "monitor", str(grow(300)), "--state", str(state)]) == 0
    assert "300 entries" in capsys.readouterr().out
    assert main(["log", "monitor", str(grow(200)), "--state", str(state), "--json", "--every", "9"]) == 3
    assert json.loads(capsys.readouterr().out)["damage"] == "rolled_back"
