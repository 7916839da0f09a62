"""After signing in everybody lands on a page that is for them."""

from __future__ import annotations

import pytest

from accounts.models import StaffRole
from tests.conftest import browser_of
from tests.factories import person, staff_member


@pytest.mark.parametrize(
    ("role", "start"),
    [
        (StaffRole.REVIEWER, "/review/consents/"),
        (StaffRole.OPERATOR, "/operator/partners/"),
        (StaffRole.AUDITOR, "/audit/"),
    ],
)
def test_staff_without_partner_begin_at_their_work(db, role, start):
    answer = browser_of(staff_member("Sol", role)).get("/partner/")

    assert answer.headers["Location"] == start


def test_a_person_without_partner_begins_by_applying(db):
    assert browser_of(person("Dora")).get("/partner/").headers["Location"] == "/partners/apply/"


def test_staff_who_belong_to_a_partner_see_it(alice, alice_browser):
    assert alice_browser.get("/partner/").status_code == 200
