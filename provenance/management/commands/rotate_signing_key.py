"""`manage.py rotate_signing_key [--chain FILE [--key FILE]]`: exchange the signing key without downtime."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.common.errors import CodedError
from provenance.keys.key_rotation import rotate_signing_key


class Command(BaseCommand):
    help = "Sign with another key from now on. Without files, the development authority issues one."
    # A certificate that expired must not stop the command that replaces it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--chain and --key."""
        parser.add_argument("--chain", type=Path, help="the new certificate chain, leaf first")
        parser.add_argument("--key", type=Path, help="its private key; not where a key service signs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exchange the key and name the new certificate."""
        try:
            serial = rotate_signing_key(chain=options["chain"], key=options["key"])
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        self.stdout.write(f"Signing with certificate {serial} from now on.")
