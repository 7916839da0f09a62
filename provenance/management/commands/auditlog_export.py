"""`manage.py auditlog_export DIRECTORY`: the whole log as static files that any web server can serve."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.common.errors import CodedError
from provenance.keys.service_keys import log_verify_key
from provenance.log.tiles import tiles_of
from provenance.selectors import log
from provenance.selectors.signed_head import signed_head


class Command(BaseCommand):
    help = "Write checkpoint, public key, tiles and entries (c2sp.org/tlog-tiles) to a directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The directory may hold an earlier export: full tiles never change and are not written again."""
        parser.add_argument("directory", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write tiles first and the checkpoint last: it never promises what is not there yet."""
        directory: Path = options["directory"]
        try:
            checkpoint = signed_head()
            written = 0
            for tile in tiles_of(checkpoint.size):
                path = directory / "tile" / tile.path
                if not path.exists():
                    _write(path, log.tile_content(tile))
                    written += 1
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        _write(directory / "key", f"{log_verify_key().vkey}\n".encode())
        _write(directory / "checkpoint", checkpoint.note.encode())
        self.stdout.write(f"{checkpoint.size} entries in {directory}; {written} new tiles.")


def _write(path: Path, content: bytes) -> None:
    """Write under another name first: a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
