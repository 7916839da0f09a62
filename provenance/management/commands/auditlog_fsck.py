"""`manage.py auditlog_fsck`: check the log against its hashes, its signatures and what was published."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.keys.service_keys import log_verify_key
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogVerifyKey
from provenance.models.log_triggers import missing_triggers
from provenance.selectors.log_rows import check_stored_log
from provenance.services.published_checkpoint import read_published


class Command(BaseCommand):
    help = "Check every entry, hash and checkpoint of the transparency log. Exits 1 when something is wrong."
    # The checks would stop it where it is needed most: with a trigger missing.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--against` takes checkpoints that somebody outside has kept."""
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
        parser.add_argument(
            "--against",
            metavar="FILE",
            type=Path,
            nargs="+",
            default=[],
            help="signed checkpoints kept elsewhere, which the log must still lead to",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each thing that is wrong, or one that says all is well."""
        key = log_verify_key()
        published = [self._kept(path, key) for path in options["against"]]
        if (last := read_published(key)) is not None:
            published.append(last)
        size, findings = check_stored_log(key, published)
        triggers = missing_triggers()
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "ok": not findings and not triggers,
                        "entries": size,
                        "findings": [
                            {"damage": found.damage.value, "place": found.place, "message": found.message}
                            for found in findings
                        ],
                        "missing_triggers": triggers,
                    }
                )
            )
        else:
            for found in findings:
                self.stdout.write(f"{found.damage.value}: {found.message}")
            for name in triggers:
                self.stdout.write(
                    f"trigger_missing: {name} is not on its table; migrate --skip-checks puts it back"
                )
            if not findings and not triggers:
                self.stdout.write(f"{size} entries, all as they were appended and signed.")
        if findings or triggers:
            raise SystemExit(1)

    def _kept(self, path: Path, key: LogVerifyKey) -> Checkpoint:
        try:
            return open_checkpoint(path.read_text(encoding="utf-8"), key)
        except (OSError, UnicodeDecodeError, NoteRejected) as error:
            raise CommandError(f"{path} is no checkpoint of this log: {error}") from error
