"""Tamper with everything there is and see what catches it: `make demo-tamper`.

Works in a folder of its own, with keys, clock, log and records made for the drill, and touches nothing else.
Prints a line for each attempt; ends with 1 if one of them was not caught.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.core.management import call_command

if TYPE_CHECKING:
    from tools.tampering import Caught


@contextmanager
def drill_ground() -> Iterator[Path]:
    """A service of its own in a temporary folder: settings, keys, database, clock."""
    with tempfile.TemporaryDirectory(prefix="likeness-drill-") as name:
        for variable in [key for key in os.environ if key.startswith("LIKENESS_")]:
            del os.environ[variable]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "LIKENESS_DATA_DIR": name,
            "LIKENESS_LOG_LEVEL": "CRITICAL",
        }
        django.setup()
        from provenance.manifest.timestamp_authority import TimestampAuthority  # noqa: PLC0415
        from provenance.manifest.timestamping import serving  # noqa: PLC0415

        call_command("create_keys", stdout=io.StringIO())
        call_command("migrate", verbosity=0)
        keys = Path(name) / "keys"
        clock = TimestampAuthority.from_files(keys / "timestamp-chain.pem", keys / "timestamp-key.pem")
        with serving(clock.reply) as url:
            settings.LIKENESS_TIMESTAMP_SERVERS = [url]
            yield Path(name)


def main() -> int:
    """Run the drill and print its table."""
    with drill_ground() as folder:
        from tools.tampering import TamperDrill  # noqa: PLC0415 - needs the settings

        drill = TamperDrill(folder)
        print(f"\n  One sealed video of a bundled portrait: {drill.clip.rendition_id}\n")
        outcomes = [show(attempt()) for attempt in drill.attempts()]
    missed = sum(not outcome.is_caught for outcome in outcomes)
    print(f"\n  {len(outcomes) - missed} of {len(outcomes)} caught.")
    return 1 if missed else 0


def show(outcome: Caught) -> Caught:
    """One outcome as two lines."""
    mark = "caught by" if outcome.is_caught else "NOT CAUGHT:"
    print(f"  {outcome.attempt:<44} {mark} {outcome.check}\n      {outcome.said}", flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
