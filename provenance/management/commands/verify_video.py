"""`manage.py verify_video FILE [--json]`: the verdict that page and API would give, without a server."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.common.errors import CodedError
from provenance.services.verify import verify_file
from provenance.verify.verdict.verdict import VerdictKind

NOT_INTACT = 3


class Command(BaseCommand):
    help = "Say where a video comes from. Ends with 0 if it was made here and is unchanged, else with 3."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and --json."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print the verdict as the API gives it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict, in words first."""
        try:
            found = verify_file(options["file"])
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror or error}.") from error
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        if options["json"]:
            self.stdout.write(json.dumps(found.to_json(), indent=2))
        else:
            self.stdout.write(f"{found.headline}\n{found.sentence}\n")
            for reason in found.reasons:
                self.stdout.write(f"  {reason.signal}: {reason.sentence}")
            self.stdout.write("\nNot checked:")
            for gap in found.unchecked:
                self.stdout.write(f"  {gap.sentence}")
            self.stdout.write(f"\n{found.error_rate.sentence}")
            if found.rendition_id:
                self.stdout.write(f"Video: {found.rendition_id}")
        if found.kind is not VerdictKind.OURS_INTACT:
            raise SystemExit(NOT_INTACT)
