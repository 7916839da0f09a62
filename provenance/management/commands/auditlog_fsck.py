"""`manage.py auditlog_fsck`: check the log against its hashes, its signatures and what was published."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from provenance.keys.service_keys import log_signing_key, log_verify_key
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogVerifyKey
from provenance.log.stored import Damage, LogDamage
from provenance.models.log_triggers import missing_triggers
from provenance.selectors.checked_head import keep_checked, read_checked
from provenance.selectors.decisions import state_findings
from provenance.selectors.log import LogDamaged
from provenance.selectors.log_rows import check_stored_log
from provenance.selectors.signed_head import read_mark
from provenance.services.published_checkpoint import read_published


class Command(BaseCommand):
    help = "Check every entry, hash and checkpoint of the transparency log. Exits 1 when something is wrong."
    # The checks would stop it where it is needed most: with a trigger missing.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--against` takes checkpoints that somebody outside has kept."""
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
        parser.add_argument(
            "--new",
            action="store_true",
            help="read only what was appended since the last check that found nothing, not the rows before",
        )
        parser.add_argument(
            "--state",
            action="store_true",
            help="compare every job, record, rendition, grant, key, partner and role with the log too",
        )
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
        if options["state"]:
            _require_migrated()
        key = log_verify_key()
        published = [self._kept(path, key) for path in options["against"]]
        kept, unusable = _kept_here(key)
        if (checked := read_checked()) is not None:
            kept.append(checked)
        begin = checked if options["new"] else None
        found = check_stored_log(log_signing_key(), [*published, *kept], checked=begin)
        findings = [*unusable, *found.findings]
        if not findings:
            self._keep_checked(found.size)
        triggers = missing_triggers()
        rows = list(state_findings()) if options["state"] else []
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "ok": not (findings or triggers or rows),
                        "entries": found.size,
                        "begin": found.begin,
                        "findings": [
                            {"damage": each.damage.value, "place": each.place, "message": each.message}
                            for each in findings
                        ],
                        "missing_triggers": triggers,
                        "rows": [
                            {"kind": row.kind, "id": row.row_id, "columns": list(row.columns)} for row in rows
                        ],
                    }
                )
            )
        else:
            for finding in findings:
                self.stdout.write(f"{finding.damage.value}: {finding.message}")
            for name in triggers:
                self.stdout.write(
                    f"trigger_missing: {name} is not on its table; migrate --skip-checks puts it back"
                )
            for row in rows:
                self.stdout.write(
                    f"row_contradicts_log: {row.kind} {row.row_id} differs in {', '.join(row.columns)}"
                )
            if not (findings or triggers or rows):
                which = f"the {found.size - found.begin} new ones" if found.begin else "all"
                self.stdout.write(f"{found.size} entries, {which} as they were appended and signed.")
        if findings or triggers or rows:
            raise SystemExit(1)

    def _keep_checked(self, size: int) -> None:
        try:
            keep_checked(size)
        except OSError as error:
            self.stderr.write(f"What was checked cannot be kept for --new: {error}")

    def _kept(self, path: Path, key: LogVerifyKey) -> Checkpoint:
        try:
            return open_checkpoint(path.read_text(encoding="utf-8"), key)
        except (OSError, UnicodeDecodeError, NoteRejected) as error:
            raise CommandError(f"{path} is no checkpoint of this log: {error}") from error


def _require_migrated() -> None:
    """Rows of tables of an earlier version cannot be read, which must not look like rows that were edited."""
    executor = MigrationExecutor(connection)
    if missing := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        raise CommandError(
            f"{missing} migrations are not applied, so that rows cannot be compared with the log: run "
            "manage.py migrate first, or check the log alone, without --state."
        )


def _kept_here(key: LogVerifyKey) -> tuple[list[Checkpoint], list[LogDamage]]:
    """What the service itself keeps outside the database, and findings for what cannot be read."""
    kept, findings = [], []
    try:
        kept.append(read_mark())
    except LogDamaged as error:
        findings.append(LogDamage(Damage.MARK_UNUSABLE, 0, error.message))
    try:
        if (last := read_published(key)) is not None:
            kept.append(last)
    except LogDamaged as error:
        findings.append(LogDamage(Damage.PUBLISHED_UNUSABLE, 0, error.message))
    return kept, findings
