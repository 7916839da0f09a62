"""`likeness log ...`: the public log, from a folder or an address."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from likeness.commands.outcome import EXIT_CODES, ExitCode, say
from likeness.errors import FileUnreadable, ServiceUnreachable
from likeness.log.checking import LogReport, check_log
from likeness.log.keys import pinned_key
from likeness.log.monitoring import MonitorReport, monitor_log
from likeness.log.reading import read_log
from provenance.log.export_file import ExportRejected, check_export
from provenance.log.quarterly import Count, counted_as, quarterly

DESCRIPTION = """Check a whole log from its files: the signature on its checkpoint, every entry, every hash.

PLACE is a folder that `manage.py auditlog_export` wrote, or an address at which the files are; that of a
service's log ends in /v1/log."""


COUNTS_DESCRIPTION = """Count what happened in each quarter (UTC), from the entries of a log.

Every entry is checked against the signed checkpoint. PLACE as for `check`. A service shows the same numbers
at /log/counts/."""


MONITOR_DESCRIPTION = """Follow a log as it grows: read what is new, check that it continues what was read.

PLACE is an address of a log, as for `check`. The first look reads all of it."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group."""
    group = commands.add_parser("log", help="read and check the public log")
    below = group.add_subparsers(metavar="COMMAND", required=True)
    _add_monitor(below)
    _add_check_export(below)
    _add_counts(below)
    check = below.add_parser(
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


def _add_monitor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    monitor = commands.add_parser(
        "monitor",
        help="follow a log as it grows",
        description=MONITOR_DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    monitor.add_argument("place", metavar="PLACE")
    monitor.add_argument(
        "--state", type=Path, required=True, help="what was read so far is kept in this file"
    )
    monitor.add_argument("--keys", type=Path, help="the service's public keys or the log's, kept earlier")
    monitor.add_argument(
        "--witnesses", type=Path, help="who has to have signed: a line at_least K, then their keys"
    )
    monitor.add_argument(
        "--every", type=float, metavar="SECONDS", help="look again and again, until something is wrong"
    )
    monitor.add_argument("--json", action="store_true", help="print a JSON object for each look")
    monitor.set_defaults(run=run_monitor)


def _add_check_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = commands.add_parser(
        "check-export",
        help="check entries that an auditor exported",
        description="Check that an export of log entries is as the service signed it, whole and unchanged.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("file", metavar="FILE", type=Path)
    export.add_argument("--keys", type=Path, required=True, help="the service's public keys or the log's")
    export.add_argument("--json", action="store_true", help="print one JSON object")
    export.set_defaults(run=run_check_export)


def run_check_export(chosen: argparse.Namespace) -> ExitCode:
    """Print what the export holds, or what is wrong with it. Raises `CodedError`."""
    key = pinned_key(chosen.keys)
    try:
        found = check_export(chosen.file, key)
    except ExportRejected as error:
        say(json.dumps({"is_sound": False, "problem": str(error)}) if chosen.json else str(error))
        return ExitCode.DOES_NOT_HOLD
    except OSError as error:
        raise FileUnreadable(f"The file cannot be read: {error.strerror}.") from error
    if chosen.json:
        say(json.dumps({"is_sound": True, "entries": found.count, "about": found.about}))
    else:
        say(f"{found.count} entries of {key.name}, as they were signed.")
    return ExitCode.HOLDS


def _add_counts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    counts = commands.add_parser(
        "counts",
        help="count videos, refusals, withdrawals, takedowns and reports of each quarter",
        description=COUNTS_DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    counts.add_argument("place", metavar="PLACE")
    counts.add_argument("--keys", type=Path, help="the service's public keys or the log's, kept earlier")
    counts.add_argument("--json", action="store_true", help="print one JSON array")
    counts.set_defaults(run=run_counts)


def run_counts(chosen: argparse.Namespace) -> ExitCode:
    """Print what the entries of a log add up to. Raises `CodedError`."""
    entries = read_log(chosen.place, keys=chosen.keys)
    quarters = quarterly(
        (entry.time, counted_as(entry.event, entry.data.get("reason_code")), 1) for entry in entries
    )
    if chosen.json:
        say(json.dumps([quarter.to_json() for quarter in quarters], indent=2))
        return ExitCode.HOLDS
    for quarter in quarters:
        counted = (f"{count.value.replace('_', ' ')} {quarter.counts[count]}" for count in Count)
        say(f"{quarter.name}: {', '.join(counted)}")
    return ExitCode.HOLDS


def run_monitor(chosen: argparse.Namespace) -> ExitCode:
    """Print what each look found. Raises `CodedError`; with --every a log out of reach is tried again."""
    while True:
        try:
            report = monitor_log(
                chosen.place, state=chosen.state, keys=chosen.keys, witnesses=chosen.witnesses
            )
        except ServiceUnreachable as error:
            if chosen.every is None:
                raise
            say(json.dumps(error.to_problem()) if chosen.json else error.message)
        else:
            say(json.dumps(report.to_json()) if chosen.json else _look(report))
            if not report.goes_on:
                return ExitCode.DOES_NOT_HOLD
        if chosen.every is None:
            return ExitCode.HOLDS
        time.sleep(chosen.every)


def _look(report: MonitorReport) -> str:
    if report.problem is not None:
        return f"{report.damage}: {report.problem}"
    signed = ""
    if report.witnessed is not None:
        part = "" if report.witnessed == report.end else f"the first {report.witnessed} of them "
        signed = f", {part}signed by {', '.join(report.witnesses)}"
    return f"{report.end} entries of {report.origin}, {report.end - report.begin} of them new{signed}."


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
