"""`manage.py auditlog_new_log`: declare a new log that names the last root of the old one."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.common.errors import CodedError
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogSigningKey
from provenance.services.new_log import declare_new_log


class Command(BaseCommand):
    help = (
        "Declare a new log, with the LIKENESS_LOG_ORIGIN and LIKENESS_LOG_KEY_FILE of now, that keeps the "
        "stored entries and names the old one's last size and root. Stop web server and workers first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the old log was."""
        parser.add_argument("--old-origin", required=True, help="the old log's LIKENESS_LOG_ORIGIN")
        parser.add_argument("--old-key", required=True, type=Path, help="the old log's key file")
        parser.add_argument("--old-mark", required=True, type=Path, help="a copy of its high-water mark")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the index of the entry `log.succeeded`."""
        try:
            old_key = LogSigningKey.load(options["old_key"], options["old_origin"])
            entry = declare_new_log(old_key, options["old_mark"].read_bytes())
        except (OSError, NoteRejected) as error:
            raise CommandError(str(error)) from error
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        self.stdout.write(f"Entry {entry.index} of the new log names the old one.")
