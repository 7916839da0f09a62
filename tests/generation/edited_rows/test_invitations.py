"""An invitation is good for the mailbox, role and time for which it was sent, once."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.access.actors import actor_of
from accounts.access.tokens import hash_token
from accounts.models import Invitation, MemberRole, Partner, User
from accounts.services import members
from provenance.selectors.decisions import RowContradictsLog
from tests.accounts.reading import found
from tests.factories import newest_mail, person
from tests.generation.edited_rows.editing import LATER, edit, named

pytestmark = pytest.mark.django_db

EDITS: dict[str, Any] = {
    "id": "inv_other",
    "partner": None,  # the other one's
    "email": "eve@people.example",
    "role": MemberRole.OWNER,
    "token_hash": hash_token("known"),
    "expires_at": LATER,
}
CASES = [(Invitation, column) for column in (*EDITS, "accepted_at")]


@pytest.fixture
def token(alice: User, partner_a: Partner, django_capture_on_commit_callbacks: Any) -> str:
    """Of an invitation of Dora into partner A."""
    return invite(alice, partner_a, django_capture_on_commit_callbacks)


def invite(owner: User, partner: Partner, committed: Any) -> str:
    with committed(execute=True):
        members.invite(
            partner=partner, email="dora@people.example", role=MemberRole.MEMBER, actor=actor_of(owner)
        )
    return found(r"/join/([^/]+)/", newest_mail("dora@people.example"))


@pytest.mark.parametrize("column", EDITS)
def test_an_edited_invitation_is_named_and_lets_nobody_join(
    token: str, partner_b: Partner, column: str
) -> None:
    assert named() == set()
    edit(Invitation.objects.get(), column, EDITS[column] or partner_b.pk)

    assert ("invitation", column) in named()
    with pytest.raises(RowContradictsLog):
        members.open_invitation(token="known" if column == "token_hash" else token)


def test_an_invitation_that_was_used_is_not_used_again(token: str) -> None:
    members.accept_invitation(token=token, user=person("Dora"))
    assert named() == set()
    edit(Invitation.objects.get(), "accepted_at", None)

    assert ("invitation", "accepted_at") in named()
    with pytest.raises(RowContradictsLog):
        members.accept_invitation(token=token, user=person("Eve"))


def test_an_invitation_that_another_took_the_place_of_stays_ended(
    token: str, alice: User, partner_a: Partner, django_capture_on_commit_callbacks: Any
) -> None:
    first = Invitation.objects.get()
    invite(alice, partner_a, django_capture_on_commit_callbacks)
    assert named() == set()
    edit(first, "expires_at", first.expires_at)

    assert ("invitation", "expires_at") in named()
    with pytest.raises(RowContradictsLog):
        members.open_invitation(token=token)


def test_an_invitation_that_was_put_in_lets_nobody_join(alice: User, partner_a: Partner) -> None:
    Invitation.objects.create(
        partner=partner_a, email="eve@people.example", token_hash=hash_token("known"), expires_at=LATER
    )

    assert ("invitation", "id") in named()
    with pytest.raises(RowContradictsLog):
        members.open_invitation(token="known")
