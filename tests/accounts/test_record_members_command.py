"""Memberships of earlier versions have no entries: they count until an operator has recorded them."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.access.actors import actor_of
from accounts.access.members_by_log import members_are_logged
from accounts.access.tokens import hash_token
from accounts.models import Invitation, MemberRole, Membership, Partner, User
from accounts.services import members
from config.operations import readiness
from provenance.log.entries import LogEvent
from provenance.models import LogEntry
from provenance.selectors.decisions import RowContradictsLog, state_findings
from tests.factories import join, person
from tests.generation.edited_rows.editing import LATER


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("record_members", *arguments, stdout=out)
    return out.getvalue()


def problem() -> str:
    readiness.forget()
    return next(part.problem for part in readiness.parts() if part.name == "members")


def found() -> set[tuple[str, tuple[str, ...]]]:
    return {(row.kind, row.columns) for row in state_findings()}


@pytest.fixture
def olga(partner_a: Partner) -> User:
    """Who became a member of partner A in an earlier version."""
    olga = person("Olga")
    Membership.objects.create(partner=partner_a, user=olga, role=MemberRole.OWNER)
    return olga


@pytest.fixture
def invited(partner_a: Partner) -> Invitation:
    """An invitation that an earlier version has sent."""
    return Invitation.objects.create(
        partner=partner_a, email="dora@people.example", token_hash=hash_token("known"), expires_at=LATER
    )


def test_a_new_service_tells_of_every_member_from_the_first_on(partner_a: Partner) -> None:
    assert not members_are_logged()

    join(partner_a, person("Alice"), MemberRole.OWNER)

    assert members_are_logged()
    assert "tells of every member" in run()
    assert problem() == ""


def test_members_of_an_earlier_version_are_let_in_and_named_until_they_are_recorded(
    olga: User, invited: Invitation, partner_a: Partner
) -> None:
    dora = person("Dora")
    assert actor_of(olga).partner == partner_a
    assert members.accept_invitation(token="known", user=dora).partner == partner_a
    assert not members_are_logged()  # with Olga's it would have told of all but her
    assert problem() == "1 memberships and invitations are not in the log: run manage.py record_members."
    assert found() == {("membership", ("not_recorded",))}


def test_the_list_is_looked_at_before_it_is_recorded(olga: User, invited: Invitation) -> None:
    entries = LogEntry.objects.count()

    said = run()

    assert f"{olga.membership.pk}  olga@people.example  owner of Aurora Media" in said
    assert f"{invited.pk}  dora@people.example  member of Aurora Media" in said
    assert LogEntry.objects.count() == entries


def test_what_is_recorded_counts_and_nothing_else_from_then_on(
    olga: User, invited: Invitation, partner_a: Partner
) -> None:
    assert run("--record") == "Recorded: 1 members, 1 invitations.\n"

    assert found() == set()
    assert problem() == ""
    assert actor_of(olga).partner == partner_a
    assert members.open_invitation(token="known") == invited
    (began,) = LogEntry.objects.filter(event=LogEvent.MEMBER_LOG_BEGAN)
    assert began.entry.data == {"members": 1}
    eve = person("Eve")
    Membership.objects.create(partner=partner_a, user=eve)
    with pytest.raises(RowContradictsLog):
        actor_of(eve)
    assert found() == {("membership", ("user",))}


def test_what_a_process_of_the_earlier_version_added_later_is_recorded_by_its_name_alone(
    olga: User, partner_a: Partner
) -> None:
    run("--record")
    late = person("Late")
    membership = Membership.objects.create(partner=partner_a, user=late)
    assert "open nothing" in run()
    with pytest.raises(CommandError, match="name those"):
        run("--record")
    with pytest.raises(CommandError, match="mem_other"):
        run("--record", membership.pk, "mem_other")

    run("--record", membership.pk)

    assert actor_of(late).partner == partner_a
    assert LogEntry.objects.filter(event=LogEvent.MEMBER_LOG_BEGAN).count() == 1


@pytest.mark.django_db
def test_an_installation_without_members_has_nothing_to_record() -> None:
    assert problem() == ""
    assert found() == set()
