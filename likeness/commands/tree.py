"""The command tree. A group of commands is a module with `add_to`, and is listed in `GROUPS`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from likeness.commands import account, log, make, verify, webhooks
from likeness.commands.outcome import EXIT_CODES, refuse
from provenance.command_output import delivered
from provenance.common.errors import CodedError
from provenance.version import VERSION

GROUPS = (verify, log, account, make, webhooks)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole tree. Each command sets `run`: arguments in, exit code out."""
    tree = argparse.ArgumentParser(
        prog="likeness",
        description="Check videos of Likeness and its public log; as a partner, make videos.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tree.add_argument("--version", action="version", version=f"likeness {VERSION}")
    commands = tree.add_subparsers(metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_to(commands)
    return tree


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    chosen = parser().parse_args(arguments)
    try:
        return delivered(lambda: int(chosen.run(chosen)))
    except CodedError as refusal:
        return refuse(refusal, as_json=chosen.json)
