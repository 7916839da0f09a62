"""The partner's page with its team and keys."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import ApiKey, Invitation, MemberRole, PartnerState
from accounts.services.members import send_invitation
from tests.accounts.reading import found
from tests.conftest import browser_of
from tests.factories import ask_consent, granted_consent, issue_key, person

ADDRESS = "/partner/"
KEY_FORM = {"name": "production", "scopes": ["jobs", "audio"], "days": "30"}


def test_members_see_consents_keys_and_team(bob_browser, alice, portrait_a, partner_a):
    granted_consent(portrait_a, alice)
    issue_key(partner_a, name="their key")

    page = bob_browser.get(ADDRESS).content.decode()

    assert portrait_a.subject.display_name in page
    assert "granted" in page
    assert "their key" in page
    assert "alice@people.example" in page


def test_members_see_no_buttons_of_owners(bob_browser, alice_browser, partner_a):
    issue_key(partner_a)

    assert b"Revoke" in alice_browser.get(ADDRESS).content
    page = bob_browser.get(ADDRESS).content
    assert b"/revoke/" not in page
    assert b"Create a key" not in page
    assert b"/remove/" not in page


def test_nothing_of_another_partner_is_shown(charlie_browser, alice, portrait_a, partner_a):
    ask_consent(portrait_a, alice)
    issue_key(partner_a, name="their key")

    page = charlie_browser.get(ADDRESS).content.decode()

    assert portrait_a.id not in page
    assert "their key" not in page
    assert "alice@people.example" not in page


def test_strangers_are_sent_to_sign_in_or_to_apply(vera, db):
    assert vera.get(ADDRESS).url == "/account/login/?next=/partner/"
    assert browser_of(person("Dora")).get(ADDRESS).headers["Location"] == "/partners/apply/"


def test_a_suspended_partner_reads_the_reason(alice_browser, partner_a):
    partner_a.state = PartnerState.SUSPENDED
    partner_a.reason = "Complaints about a video."
    partner_a.save()

    page = alice_browser.get(ADDRESS).content

    assert b"Complaints about a video." in page
    assert b"Create a key" not in page


def test_an_owner_makes_a_key_that_is_shown_once(alice_browser, partner_a):
    answer = alice_browser.post("/partner/keys/", KEY_FORM)

    assert answer.status_code == 201
    assert "no-store" in answer.headers["Cache-Control"]
    text = found(r"lk_[0-9a-f]{12}_[\w-]{43}", answer.content.decode())
    assert text not in alice_browser.get(ADDRESS).content.decode()

    assert (
        Client(headers={"Authorization": f"Bearer {text}"}).get("/v1/subjects").json()["code"]
        == "scope_missing"
    )


def test_a_member_makes_no_key(bob_browser, charlie_browser):
    assert bob_browser.post("/partner/keys/", KEY_FORM).status_code == 403
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "change", [{"scopes": []}, {"scopes": ["everything"]}, {"days": "9999"}, {"name": ""}]
)
def test_it_refuses_a_bad_key_form(alice_browser, change):
    assert alice_browser.post("/partner/keys/", KEY_FORM | change).status_code == 422
    assert not ApiKey.objects.exists()


def test_a_third_key_is_refused_with_its_reason(alice_browser, partner_a):
    issue_key(partner_a)
    issue_key(partner_a)

    answer = alice_browser.post("/partner/keys/", KEY_FORM)

    assert answer.status_code == 409
    assert b"at most two active keys" in answer.content


def test_an_owner_revokes_a_key(alice_browser, charlie_browser, bob_browser, partner_a):
    issue_key(partner_a)
    address = f"/partner/keys/{ApiKey.objects.get().id}/revoke/"
    assert alice_browser.get(address).status_code == 405
    assert charlie_browser.post(address).status_code == 404
    assert bob_browser.post(address).status_code == 403
    assert ApiKey.objects.get().revoked_at is None

    assert alice_browser.post(address).url == ADDRESS

    assert ApiKey.objects.get().revoked_at is not None


def test_an_owner_invites_and_the_invited_person_joins(
    alice_browser, partner_a, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = alice_browser.post(
            "/partner/invitations/", {"email": "dora@people.example", "role": "member"}
        )
    assert answer.headers["Location"] == ADDRESS
    path = found(r"/join/[^/]+/", mailoutbox[0].body)
    dora = browser_of(person("Dora"))

    assert dora.get(path).status_code == 200
    assert not partner_a.memberships.filter(user__email="dora@people.example").exists()
    assert dora.post(path).headers["Location"] == ADDRESS

    assert partner_a.memberships.filter(user__email="dora@people.example").exists()
    assert dora.post(path).status_code == 409


def test_an_invitation_is_shown_to_a_stranger_with_the_way_to_sign_up(vera, alice, partner_a, monkeypatch):
    monkeypatch.setattr("accounts.services.members.new_token", lambda: "known")
    send_invitation(
        partner=partner_a, email="dora@people.example", role=MemberRole.MEMBER, actor=actor_of(alice)
    )

    page = vera.get("/join/known/")
    assert b"/account/signup/?next=/join/known/" in page.content
    assert vera.post("/join/known/").url.startswith("/account/login/")
    assert vera.get("/join/unknown/").status_code == 404


def test_members_do_not_invite(bob_browser):
    assert (
        bob_browser.post("/partner/invitations/", {"email": "x@y.example", "role": "owner"}).status_code
        == 403
    )
    assert not Invitation.objects.exists()


def test_a_wrong_address_is_shown_as_such(alice_browser):
    assert alice_browser.post("/partner/invitations/", {"email": "x", "role": "owner"}).status_code == 422


def test_an_owner_removes_a_member_but_not_themselves(alice_browser, bob, alice, charlie_browser):
    address = f"/partner/members/{bob.membership.id}/remove/"
    assert charlie_browser.post(address).status_code == 404
    assert alice_browser.post(address).url == ADDRESS
    assert alice_browser.post(address).status_code == 404
    assert alice_browser.post(f"/partner/members/{alice.membership.id}/remove/").status_code == 409
