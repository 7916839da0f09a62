"""Print a current one-time code of a demonstration account, for signing in without an authenticator app."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "A current one-time code for rita, otto or anouk (by role), on localhost only."

    def add_arguments(self, parser: CommandParser) -> None:
        """The role whose demonstration account signs in."""
        parser.add_argument("role", choices=["reviewer", "operator", "auditor"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the account's secret and compute the code of this moment."""
        if not settings.LIKENESS_BASE_URL.startswith("http://localhost:"):
            raise CommandError(
                "Demonstration accounts are for localhost only; LIKENESS_BASE_URL is another address."
            )
        email = {"reviewer": "rita", "operator": "otto", "auditor": "anouk"}[
            options["role"]
        ] + "@likeness.example"
        authenticator = Authenticator.objects.filter(user__email=email, type=Authenticator.Type.TOTP).first()
        if authenticator is None:
            raise CommandError("There is no such account yet: run make dev first.")
        counter = int(time.time()) // app_settings.TOTP_PERIOD
        self.stdout.write(format_hotp_value(hotp_value(decrypt(authenticator.data["secret"]), counter)))
