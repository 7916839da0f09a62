"""`manage.py auditlog_mark`: show the log's high-water mark, or set it once for a log that has none."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.keys.log_mark import log_mark_store
from provenance.keys.service_keys import log_signing_key, log_verify_key
from provenance.log.mark import empty_mark
from provenance.selectors.log import LogDamaged
from provenance.selectors.log_rows import check_stored_log
from provenance.selectors.signed_head import advance_mark, read_mark, require_log_goes_on
from provenance.services.published_checkpoint import read_published


class Command(BaseCommand):
    help = "Show the newest size and root that the log may have signed. Exits 1 when the log stands still."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--adopt` is for logs begun before there was a mark."""
        parser.add_argument(
            "--adopt",
            action="store_true",
            help="set a mark that is missing to the stored log, once fsck has passed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print `origin size root`, and what is wrong."""
        if options["adopt"]:
            self._adopt()
        try:
            mark = read_mark()
            self.stdout.write(f"{mark.origin} {mark.size} {mark.root.hex()}")
            require_log_goes_on()
        except LogDamaged as error:
            self.stdout.write(f"log_damaged: {error.message}")
            raise SystemExit(1) from None

    def _adopt(self) -> None:
        store, key = log_mark_store(), log_signing_key()
        if store.read() is not None:
            raise CommandError("There is a high-water mark already; it is never set back.")
        try:
            last = read_published(log_verify_key())
        except LogDamaged as error:
            raise CommandError(error.message) from error
        findings = check_stored_log(key, [] if last is None else [last]).findings
        if findings:
            raise CommandError(f"The log is damaged: {findings[0].message}. Run auditlog_fsck.")
        if not store.replace(None, empty_mark(key)):
            raise CommandError("Somebody else has set the high-water mark just now.")
        advance_mark()
