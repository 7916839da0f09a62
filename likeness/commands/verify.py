"""`likeness verify FILE`: where a file comes from, found here with pinned keys or asked of a service."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from likeness.client.client import Client
from likeness.commands.outcome import EXIT_CODES, ExitCode, say
from likeness.verification import VerificationResult, verify_file

DESCRIPTION = """Say where a file comes from, and whether it is as it left.

With --keys it is checked here and nobody is asked; what evidence bundles are given decides how far that
reaches. With --server the file is sent to the service, which also looks for the watermark, whose key only it
has, and deletes the file afterwards."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    verify = commands.add_parser(
        "verify",
        help="say where a file comes from",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument("file", type=Path, metavar="FILE")
    way = verify.add_mutually_exclusive_group(required=True)
    way.add_argument("--keys", type=Path, help="the service's public keys (/v1/verification-keys)")
    way.add_argument("--server", metavar="URL", help="ask the service at this address, as https://your.host")
    verify.add_argument(
        "--bundle",
        type=Path,
        action="append",
        default=[],
        help="evidence (/v1/evidence/ID); may be repeated",
    )
    verify.add_argument(
        "--witnesses",
        type=Path,
        help="who has to have signed the log of the evidence: a line at_least K, then their keys",
    )
    verify.add_argument("--json", action="store_true", help="print the verdict as the API gives it")
    verify.set_defaults(run=run, parser=verify)


def run(chosen: argparse.Namespace) -> ExitCode:
    """Print the verdict. Raises `CodedError`."""
    if chosen.server is not None:
        if chosen.bundle:
            chosen.parser.error("argument --bundle: not allowed with argument --server")
        if chosen.witnesses:
            chosen.parser.error("argument --witnesses: not allowed with argument --server")
        with Client(chosen.server) as client:
            found = client.verify(chosen.file)
    else:
        found = verify_file(chosen.file, keys=chosen.keys, bundles=chosen.bundle, witnesses=chosen.witnesses)
    say(json.dumps(found.to_json(), indent=2) if chosen.json else _sentences(found))
    return ExitCode.HOLDS if found.is_intact else ExitCode.DOES_NOT_HOLD


def _sentences(found: VerificationResult) -> str:
    lines = [found.headline, found.sentence, "", *(f"  {reason}" for reason in found.reasons)]
    lines += ["", "Not checked:", *(f"  {gap}" for gap in found.not_checked), "", found.error_rate]
    if found.rendition_id is not None:
        lines.append(f"Video: {found.rendition_id}")
    return "\n".join(lines)
