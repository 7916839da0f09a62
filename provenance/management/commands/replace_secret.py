"""`manage.py replace_secret watermark|commitment`: use a new secret where the present one was stolen."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.common.errors import CodedError
from provenance.keys.secret_replacement import FILES, replace_secret


class Command(BaseCommand):
    help = "Use a new secret from now on, and keep the old one for what was made with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one."""
        parser.add_argument("which", choices=sorted(FILES))

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace it and say so."""
        try:
            count = replace_secret(options["which"])
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        self.stdout.write(f"Secret number {count} is used from now on. Put the file on every machine.")
