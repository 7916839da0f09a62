"""`manage.py staff_role`: grant a staff role to a person, or remove it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import StaffRole, User
from accounts.services.staff import grant_role, remove_role


class Command(BaseCommand):
    help = "Give a person a role inside the service (reviewer, auditor, operator), or take it away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("step", choices=["grant", "remove"])
        parser.add_argument("email")
        parser.add_argument("role", choices=StaffRole.values)

    def handle(self, *args: Any, step: str, email: str, role: str, **options: Any) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"Nobody has signed up as {email}.")
        chosen = StaffRole(role)
        if step == "remove":
            removed = remove_role(user=user, role=chosen)
            self.stdout.write(f"{email} is no longer {role}." if removed else f"{email} was not {role}.")
            return
        grant_role(user=user, role=chosen)
        self.stdout.write(f"{email} is {role}.")
        if not user.has_second_factor:
            self.stdout.write("The role counts once they have set up an authenticator or a passkey.")
