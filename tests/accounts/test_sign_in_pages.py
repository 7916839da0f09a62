"""Sign-in and second factors through allauth's own pages, as a person meets them."""

from __future__ import annotations

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import StaffRole, User
from accounts.services import people, staff
from tests.accounts.reading import found
from tests.factories import PASSWORD, person

PAGES = [
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
]
OWN_PAGES = [
    "/account/email/",
    "/account/password/change/",
    "/account/logout/",
    "/account/2fa/",
    "/account/reauthenticate/",
]


def code_for(secret: str) -> str:
    """The code an authenticator app would show now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def signed_in(user: User) -> Client:
    """A browser that has just signed in with the password."""
    browser = Client()
    answer = browser.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def confirmed(user: User) -> Client:
    """A signed-in browser in which the password was asked for once more, as changing factors demands."""
    browser = signed_in(user)
    assert browser.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return browser


@pytest.mark.parametrize("address", PAGES)
def test_everybody_can_open_the_entrance_pages(vera, db, address):
    answer = vera.get(address)

    assert answer.status_code == 200
    assert b'class="masthead"' in answer.content


@pytest.mark.parametrize("address", OWN_PAGES)
def test_a_person_can_open_their_own_pages(alice, address):
    answer = signed_in(alice).get(address)

    assert answer.status_code == 200
    assert b'class="masthead"' in answer.content


def test_a_new_person_proves_their_mailbox_with_a_code(vera, db, mailoutbox):
    answer = vera.post(
        "/account/signup/",
        {"email": "New@People.example", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.url == "/account/confirm-email/"
    code = found(r"^([A-Z0-9-]{6,})$", mailoutbox[0].body)

    vera.post("/account/confirm-email/", {"code": code})

    user = User.objects.get(email="new@people.example")
    assert EmailAddress.objects.filter(user=user, verified=True).exists()
    assert vera.get("/partner/").status_code == 302  # signed in, sent on to apply


def test_a_wrong_password_is_refused(alice, vera):
    answer = vera.post("/account/login/", {"login": alice.email, "password": "wrong"})

    assert answer.status_code == 200
    assert "_auth_user_id" not in vera.session


def test_a_password_is_reset_with_a_code(alice, vera, mailoutbox):
    vera.post("/account/password/reset/", {"email": alice.email})
    code = found(r"^([A-Z0-9-]{6,})$", mailoutbox[0].body)
    answer = vera.post("/account/password/reset/confirm/", {"code": code}, follow=True)
    assert answer.status_code == 200

    new = "another horse entirely"
    vera.post("/account/password/reset/complete/", {"password1": new, "password2": new})

    alice.refresh_from_db()
    assert alice.check_password(new)


def test_a_reviewer_sets_up_an_authenticator_and_the_role_begins_to_count(db):
    user = person("Rose")
    staff.grant_role(user=user, role=StaffRole.REVIEWER)
    browser = confirmed(user)
    assert actor_of(user).roles == frozenset()
    page = browser.get("/review/consents/")
    assert page.status_code == 403
    assert b"/account/2fa/totp/activate/" in page.content

    form = browser.get("/account/2fa/totp/activate/")
    secret = form.context["form"].secret
    assert secret.encode() in form.content
    browser.post("/account/2fa/totp/activate/", {"code": code_for(secret)})

    assert user.has_second_factor
    assert actor_of(user).roles == {StaffRole.REVIEWER}
    assert browser.get("/review/consents/").status_code == 200
    assert browser.get("/account/2fa/recovery-codes/").status_code == 200


def test_the_password_alone_does_not_sign_in_whoever_has_an_authenticator(rita, vera):
    answer = vera.post("/account/login/", {"login": rita.email, "password": PASSWORD})
    assert answer.url == "/account/2fa/authenticate/"
    assert vera.get("/review/consents/").status_code == 302

    assert vera.get("/account/2fa/authenticate/").status_code == 200
    assert vera.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    cache.clear()
    secret = people.enrol_totp(user=rita)
    vera.post("/account/2fa/authenticate/", {"code": code_for(secret)})
    assert vera.get("/review/consents/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(db):
    user = person("Rose")
    staff.grant_role(user=user, role=StaffRole.REVIEWER)
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})

    assert not user.has_second_factor
    assert actor_of(user).roles == frozenset()


def test_the_stored_secret_of_an_authenticator_is_encrypted(alice):
    secret = people.enrol_totp(user=alice)

    assert secret not in str(Authenticator.objects.get(user=alice).data)


def test_a_passkey_can_be_added_by_everybody(alice):
    answer = confirmed(alice).get("/account/2fa/webauthn/add/")

    assert answer.status_code == 200
    assert b"webauthn.js" in answer.content
