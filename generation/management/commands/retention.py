"""`manage.py retention`: erase what is due now, or prove that nothing is left that should be gone."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.services.erasure.check import find_left
from generation.services.erasure.run import ClockBehind, erase_what_is_due, sweep_strays
from provenance.common.clock import now_of_database
from provenance.services.journal import JournalUnread, require_caught_up
from provenance.services.log import LogDamaged


class Command(BaseCommand):
    help = "Erase what is due and sweep strays. With --check: change nothing, name what is left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Checking is read-only; both may be called at any time."""
        parser.add_argument(
            "--check", action="store_true", help="name what should be gone; exits 1 if there is anything"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each thing that is left, or how much was erased."""
        if options["check"]:
            self._check(as_json=options["json"])
            return
        try:
            done = erase_what_is_due()
            strays = sweep_strays()
        except (LogDamaged, JournalUnread) as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        except ClockBehind as error:
            raise CommandError("The log has entries of a later time than this clock's.") from error
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(done), "strays": strays}))
        else:
            self.stdout.write(
                f"Erased {done.files} files, {done.subjects} subjects, {done.contacts} contacts, "
                f"{strays} strays. {done.left} files are still to be erased."
            )

    def _check(self, *, as_json: bool) -> None:
        try:
            require_caught_up()
        except JournalUnread as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        left = list(find_left(now_of_database()))
        if as_json:
            self.stdout.write(json.dumps({"ok": not left, "left": [asdict(item) for item in left]}))
        else:
            for item in left:
                self.stdout.write(f"{item.kind} {item.name}: {item.why}")
            self.stdout.write(f"{len(left)} things are left that should be gone.")
        if left:
            raise SystemExit(1)
