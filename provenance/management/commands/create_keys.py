"""`manage.py create_keys`: make every key file that is missing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.common.errors import CodedError
from provenance.keys.key_creation import create_missing_keys


class Command(BaseCommand):
    help = "Make every key file that the settings name and that is missing. Never overwrites one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each file that was made."""
        try:
            made = create_missing_keys()
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        for path in made:
            self.stdout.write(f"made {path}")
        if not made:
            self.stdout.write("All keys are there; nothing was changed.")
