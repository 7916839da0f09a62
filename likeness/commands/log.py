"""`likeness log ...`: the public log, from a folder or an address."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from likeness.commands.outcome import EXIT_CODES, ExitCode, say
from likeness.log.checking import LogReport, check_log

DESCRIPTION = """Check a whole log from its files: the signature on its checkpoint, every entry, every hash.

PLACE is a folder that `manage.py auditlog_export` wrote, or an address at which the files are; that of a
service's log ends in /v1/log."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group."""
    group = commands.add_parser("log", help="read and check the public log")
    check = group.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "check",
        help="check a whole log",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("place", metavar="PLACE")
    check.add_argument(
        "--keys",
        type=Path,
        help="the service's public keys (/v1/verification-keys) or the log's (/v1/log/key), kept earlier",
    )
    check.add_argument(
        "--remember",
        type=Path,
        metavar="FILE",
        help="the log must go on from the checkpoint in FILE; a good check keeps the new one there",
    )
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.set_defaults(run=run_check)


def run_check(chosen: argparse.Namespace) -> ExitCode:
    """Print what was found. Raises `CodedError`."""
    report = check_log(chosen.place, keys=chosen.keys, remember=chosen.remember)
    say(json.dumps(report.to_json(), indent=2) if chosen.json else _sentences(report))
    return ExitCode.HOLDS if report.is_sound else ExitCode.DOES_NOT_HOLD


def _sentences(report: LogReport) -> str:
    lines = [f"{found.damage.value}: {found.message}" for found in report.findings]
    if report.is_sound and report.checkpoint is not None:
        lines.append(f"{report.checkpoint.size} entries of {report.key.name}, all as they were signed.")
        if report.remembered is not None:
            lines.append(f"They go on from the {report.remembered.size} entries that were remembered.")
    if not report.is_key_pinned:
        lines.append(
            "The key was taken from the log itself: it agrees with itself, and whose it is was not checked. "
            f"Keep the key and give it with --keys: {report.key.vkey}"
        )
    return "\n".join(lines)
