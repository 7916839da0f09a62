from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import StaffRole
from provenance.models import LogEntry
from tests.accounts.log_entries import newest_entry
from tests.factories import person


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("staff_role", *arguments, stdout=out)
    return out.getvalue()


def test_it_gives_a_role_and_says_what_is_missing(db):
    rose = person("Rose")

    said = run("grant", "Rose@people.example", "reviewer")

    assert "is reviewer" in said
    assert "once they have set up an authenticator" in said
    assert list(rose.staff_roles.values_list("role", flat=True)) == [StaffRole.REVIEWER]
    assert newest_entry()["event"] == "staff.role_granted"
    assert newest_entry()["data"] == {"user_id": rose.id, "role": "reviewer"}


def test_giving_it_again_changes_nothing(db):
    person("Rose")
    run("grant", "rose@people.example", "auditor")
    entries = LogEntry.objects.count()

    run("grant", "rose@people.example", "auditor")

    assert LogEntry.objects.count() == entries


def test_it_takes_a_role_away(rita):
    assert "no longer" in run("remove", rita.email, "reviewer")
    assert "was not" in run("remove", rita.email, "reviewer")
    assert newest_entry()["event"] == "staff.role_removed"


def test_it_refuses_somebody_who_has_not_signed_up(db):
    with pytest.raises(CommandError, match="Nobody has signed up"):
        run("grant", "ghost@people.example", "operator")
