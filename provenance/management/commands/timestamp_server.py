"""`manage.py timestamp_server [--port N]`: what outside authorities do in production, on localhost.

Time-stamps at `/`, and at `/ocsp` whether a certificate of the development authority was taken back.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from provenance.keys.key_creation import DEVELOPMENT_CA_FOLDER, TIMESTAMP_CHAIN_FILE, TIMESTAMP_KEY_FILE
from provenance.manifest import development_ca
from provenance.manifest.signature.local_server import local_server
from provenance.manifest.timestamp_authority import TimestampAuthority
from provenance.manifest.timestamping import timestamp_service


class Command(BaseCommand):
    help = "Answer RFC 3161 and OCSP requests on localhost with this machine's clock. For development only."

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
            services = {"/": timestamp_service(authority.reply)}
            if (folder / DEVELOPMENT_CA_FOLDER).exists():
                issuer = development_ca.create(folder / DEVELOPMENT_CA_FOLDER)
                services["/ocsp"] = issuer.ocsp_responder().service
            server = local_server(services, port=options["port"])
        except (OSError, ValueError) as error:
            raise CommandError(f"The server cannot start: {error}. Run create_keys first.") from error
        self.stdout.write(f"time-stamps at http://127.0.0.1:{server.server_port}/")
        server.serve_forever()
