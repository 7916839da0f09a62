"""`manage.py timestamp_server [--port N]`: time-stamp authority for development, on localhost."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from provenance.keys.key_creation import TIMESTAMP_CHAIN_FILE, TIMESTAMP_KEY_FILE
from provenance.manifest.timestamp_authority import TimestampAuthority
from provenance.manifest.timestamping import timestamp_server


class Command(BaseCommand):
    help = "Answer RFC 3161 requests on localhost with this machine's clock. For development only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--port."""
        parser.add_argument("--port", type=int, default=8318)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until interrupted."""
        folder = Path(settings.LIKENESS_KEYS_DIR)
        try:
            authority = TimestampAuthority.from_files(
                folder / TIMESTAMP_CHAIN_FILE, folder / TIMESTAMP_KEY_FILE
            )
            server = timestamp_server(authority.reply, port=options["port"])
        except (OSError, ValueError) as error:
            raise CommandError(f"The server cannot start: {error}. Run create_keys first.") from error
        self.stdout.write(f"time-stamps at http://127.0.0.1:{server.server_port}/")
        server.serve_forever()
