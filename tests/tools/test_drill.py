"""`make drill` runs commands that exist, says what held, and fails when one does not."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.drill import DRILLS, Drill, main

ROOT = Path(__file__).resolve().parents[2]


def test_every_drill_is_of_files_that_exist() -> None:
    names = [drill.name for drill in DRILLS]
    assert len(set(names)) == len(names)
    for drill in DRILLS:
        assert drill.command[0] == "-m"
        assert find_spec(drill.command[1]) is not None
        files = [word for word in drill.command if word.startswith("tests/")]
        assert all((ROOT / file).is_file() for file in files), drill.name


def test_one_that_fails_is_told_with_what_it_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drills = (
        Drill("good", "nothing", "all", ("-c", "print('well')")),
        Drill("bad", "something", "nothing", ("-c", "print('why'); raise SystemExit(1)")),
    )
    monkeypatch.setattr("tools.drill.DRILLS", drills)
    assert main([]) == 1
    said = capsys.readouterr().out
    assert "holds   good" in said
    assert "FAILED  bad" in said
    assert "why" in said
    assert "well" not in said
    assert main(["good"]) == 0
    assert main(["nothing"]) == 2
