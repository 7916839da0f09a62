"""`manage.py update_trust_list FILE`: by which authorities the signers of others are known."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from provenance.common.errors import CodedError
from provenance.keys.trust_list import EXPIRES_SOON, update_trust_list


class Command(BaseCommand):
    help = "Know other signers by the authorities in a trust list (PEM), in the place of the former list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE."""
        parser.add_argument("file", type=Path, help="a trust list in PEM, fetched over a way that is trusted")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the list in, and say what changed and when the first of them expires."""
        try:
            update = update_trust_list(options["file"])
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        for name, reason in update.left_out:
            self.stdout.write(f"Left out ({reason}): {name}")
        self.stdout.write(f"{update.taken} authorities: {update.new} new, {update.gone} gone.")
        expiry = f"The first expires on {update.first_expires:%Y-%m-%d}."
        is_soon = update.first_expires <= timezone.now() + EXPIRES_SOON
        self.stdout.write(self.style.WARNING(expiry) if is_soon else expiry)
