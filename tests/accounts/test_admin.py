"""Django's admin shows rows to operators and lets nobody change one."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.test import Client

from accounts.models import ConsentGrant, ConsentState, StaffRole, User
from accounts.services import staff
from tests.conftest import browser_of
from tests.factories import PASSWORD, ask_consent, issue_key, person

MODELS = [model for model in admin.site._registry if model._meta.app_label == "accounts"]


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_operator_looks_and_changes_nothing(otto_browser, alice, portrait_a, partner_a, model):
    ask_consent(portrait_a, alice)
    issue_key(partner_a)
    address = f"/admin/accounts/{model._meta.model_name}/"

    assert otto_browser.get(address).status_code == 200
    assert otto_browser.get(f"{address}add/").status_code == 403
    row = model.objects.first()
    if row is not None:
        address += quote(str(row.pk))  # "_" begins an escape in the admin's addresses
        assert otto_browser.get(f"{address}/change/").status_code == 200
        assert otto_browser.post(f"{address}/change/", {}).status_code == 403
        assert otto_browser.post(f"{address}/delete/", {"post": "yes"}).status_code == 403


def test_a_superuser_changes_nothing_either(otto, rf):
    otto.is_superuser = True
    request = rf.get("/admin/")
    request.user = otto

    for model, page in admin.site._registry.items():
        assert not page.has_add_permission(request), model
        assert not page.has_change_permission(request), model
        assert not page.has_delete_permission(request), model


def test_a_consent_cannot_be_granted_there(otto_browser, alice, portrait_a):
    grant, _ = ask_consent(portrait_a, alice)

    otto_browser.post(f"/admin/accounts/consentgrant/{quote(grant.id)}/change/", {"state": "granted"})

    assert ConsentGrant.objects.get().state == ConsentState.REQUESTED


def test_hashes_of_secrets_are_not_shown(otto_browser, partner_a):
    issue_key(partner_a)
    key = partner_a.api_keys.get()

    page = otto_browser.get(f"/admin/accounts/apikey/{key.id}/change/").content.decode()

    assert key.secret_sha256 not in page


def test_the_password_alone_opens_no_session_there(otto, vera):
    answer = vera.post("/admin/login/", {"username": otto.email, "password": PASSWORD})

    assert answer.headers["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in vera.session


def operator_without_second_factor() -> Client:
    olga = person("Olga")
    staff.grant_role(user=olga, role=StaffRole.OPERATOR)
    return browser_of(olga)


def test_others_see_nothing(db, rita_browser, alice_browser):
    superuser = User.objects.create_superuser("root@people.example", "x")
    for browser in (rita_browser, alice_browser, operator_without_second_factor(), browser_of(superuser)):
        assert browser.get("/admin/accounts/partner/").status_code in {302, 403}
