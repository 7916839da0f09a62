"""The command tree: every command has help, exit codes in it, and `--json`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from likeness.commands.tree import main, parser
from provenance.version import VERSION


def leaves(tree: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    groups = [action for action in tree._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield tree
    for group in groups:
        for below in group.choices.values():
            yield from leaves(below)


@pytest.mark.parametrize("command", list(leaves(parser())), ids=lambda command: str(command.prog))
def test_every_command_says_how_it_ends_and_speaks_json(command: argparse.ArgumentParser) -> None:
    assert "exit codes:" in command.format_help()
    assert "--json" in command.format_help()
    assert callable(command.get_default("run"))


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"likeness {VERSION}\n"


@pytest.mark.parametrize("arguments", [[], ["log"], ["nothing"]])
def test_an_incomplete_command_cannot_be_run(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
