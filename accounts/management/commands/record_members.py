"""`manage.py record_members`: tell the log of the memberships that earlier versions made without an entry."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.access.members_by_log import (
    members_are_logged,
    unrecorded_invitations,
    unrecorded_members,
)
from accounts.services.members import record_members


class Command(BaseCommand):
    help = (
        "List memberships and open invitations of which the log has nothing: those that version 0.9.0 and "
        "before made. Look through the list, then run it with --record, once the last process of the version "
        "before has ended. From then on a membership without an entry opens nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--record",
            nargs="*",
            metavar="ID",
            help="write the entries: of all, or, once the log tells of every member, of those that are named",
        )

    def handle(self, *args: Any, record: list[str] | None = None, **options: Any) -> None:
        members, invitations = unrecorded_members(), unrecorded_invitations()
        if record is None:
            for member in members:
                self._show(member.pk, member.user.email, member.role, member.partner.name)
            for invitation in invitations:
                self._show(invitation.pk, invitation.email, invitation.role, invitation.partner.name)
            self.stdout.write(_said(len(members) + len(invitations)))
            return
        if record:
            if unknown := set(record) - {row.pk for row in (*members, *invitations)}:
                raise CommandError(f"Nothing is to be recorded about {', '.join(sorted(unknown))}.")
            members = [member for member in members if member.pk in record]
            invitations = [invitation for invitation in invitations if invitation.pk in record]
        elif members_are_logged():
            raise CommandError(
                "The log tells of every member already: name those that it should tell of as well, if you "
                "know where they come from. Or remove the member, and invite the person again."
            )
        record_members(members, invitations)
        self.stdout.write(f"Recorded: {len(members)} members, {len(invitations)} invitations.")

    def _show(self, row_id: str, email: str, role: str, partner: str) -> None:
        self.stdout.write(f"{row_id}  {email}  {role} of {partner}")


def _said(count: int) -> str:
    if not count:
        return "The log tells of every member."
    if members_are_logged():
        return "These open nothing: the log tells of every member, and not of them."
    return "These count until they are recorded. If all of them are right: manage.py record_members --record"
