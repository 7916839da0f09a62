"""After signing in everybody lands on a page that is for them."""

from __future__ import annotations

import pytest

from accounts.models import StaffRole
from tests.conftest import browser_of
from tests.factories import person, staff_member


@pytest.mark.parametrize(
    ("role", "waiting"),
    [
        (StaffRole.REVIEWER, "Consents and recordings"),
        (StaffRole.OPERATOR, "Applications of organisations"),
        (StaffRole.AUDITOR, "Drawn for a second look"),
    ],
)
def test_staff_without_partner_begin_with_what_waits_for_them(db, role, waiting):
    answer = browser_of(staff_member("Sol", role)).get("/partner/", follow=True)

    assert answer.redirect_chain == [("/staff/", 302)]
    assert waiting in answer.content.decode()


def test_a_person_without_partner_begins_by_applying(db):
    assert browser_of(person("Dora")).get("/partner/").headers["Location"] == "/partners/apply/"


def test_staff_who_belong_to_a_partner_see_it(alice, alice_browser):
    assert alice_browser.get("/partner/").status_code == 200
