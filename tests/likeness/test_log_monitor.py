"""`likeness log monitor`: a log is followed as it grows, and one that tells another history is found out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from likeness import monitor_log
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


def test_too_few_witnesses_are_a_problem(grow, state, tmp_path):
    create_log_key(tmp_path / "w.pem")
    witness = WitnessSigningKey.load(tmp_path / "w.pem", "w1.example")
    policy = tmp_path / "witnesses.txt"
    policy.write_text(f"at_least 1\n{witness.verify_key.vkey}\n")
    place = grow(3)
    note = (place / "checkpoint").read_text()
    (place / "witnessed").write_text(note)
    report = monitor_log(place, state=state, witnesses=policy)
    assert report.damage == "witnesses_missing"
    (place / "witnessed").write_text(note + witness.cosign(note.partition("\n\n")[0] + "\n", seconds=1))
    report = monitor_log(place, state=state, witnesses=policy)
    assert (report.goes_on, report.witnesses) == (True, ("w1.example",))


def test_the_command_says_the_same(grow, state, capsys):
    assert main(["log", "monitor", str(grow(300)), "--state", str(state)]) == 0
    assert "300 entries" in capsys.readouterr().out
    assert main(["log", "monitor", str(grow(200)), "--state", str(state), "--json", "--every", "9"]) == 3
    assert json.loads(capsys.readouterr().out)["damage"] == "rolled_back"
