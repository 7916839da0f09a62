from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Membership, Partner, PartnerState
from provenance.common import rate_limit
from tests.conftest import browser_of
from tests.factories import person

ADDRESS = "/partners/apply/"
APPLICATION = {
    "name": "Cirrus Radio",
    "website": "https://cirrus.example",
    "contact_name": "Carla",
    "contact_email": "carla@cirrus.example",
    "purpose": "Station greetings.",
}


def test_anybody_can_apply(vera, db):
    assert vera.get(ADDRESS).status_code == 200

    answer = vera.post(ADDRESS, APPLICATION, follow=True)

    assert answer.redirect_chain == [("/partners/applied/", 302)]
    assert Partner.objects.get().state == PartnerState.APPLIED
    assert not Membership.objects.exists()


def test_whoever_is_signed_in_becomes_the_owner(db):
    dora = person("Dora")

    answer = browser_of(dora).post(ADDRESS, APPLICATION, follow=True)

    assert answer.redirect_chain == [("/partner/", 302)]
    assert b"is being read" in answer.content
    assert Membership.objects.get(user=dora).is_owner


def test_a_member_is_sent_home(alice_browser):
    assert alice_browser.get(ADDRESS).url == "/partner/"
    assert alice_browser.post(ADDRESS, APPLICATION).url == "/partner/"
    assert Partner.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"website": "javascript:alert(1)"}, {"contact_email": "x"}, {"purpose": "x" * 2001}],
)
def test_it_shows_what_is_wrong_and_keeps_the_rest(vera, db, change):
    answer = vera.post(ADDRESS, APPLICATION | change)

    assert answer.status_code == 422
    assert b"errorlist" in answer.content
    assert b'value="Carla"' in answer.content
    assert not Partner.objects.exists()


def test_no_field_can_approve_it(vera, db):
    vera.post(ADDRESS, APPLICATION | {"state": "approved", "review_policy": "release"})

    assert (Partner.objects.get().state, Partner.objects.get().review_policy) == ("applied", "review")


def test_it_refuses_other_methods(vera, db):
    assert vera.put(ADDRESS).status_code == 405


def test_it_needs_the_form_it_gave(db):
    assert Client(enforce_csrf_checks=True).post(ADDRESS, APPLICATION).status_code == 403


def test_a_flood_of_applications_is_stopped(vera, db, monkeypatch):
    monkeypatch.setattr("accounts.pages.application.PUBLIC_FORMS_PER_MINUTE", 0)

    answer = vera.post(ADDRESS, APPLICATION)

    assert answer.status_code == 429
    assert rate_limit.PUBLIC_FORMS_PER_MINUTE == 10
    assert not Partner.objects.exists()
