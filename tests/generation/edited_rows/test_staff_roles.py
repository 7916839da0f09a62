"""A staff role that a row alone gives is named, and opens no page."""

from __future__ import annotations

import pytest

from accounts.models import StaffRole, StaffRoleGrant, User
from accounts.services.staff import remove_role
from tests.conftest import browser_of
from tests.factories import staff_member
from tests.generation.edited_rows.editing import edit, named

pytestmark = pytest.mark.django_db

CASES = [(StaffRoleGrant, "user"), (StaffRoleGrant, "role")]


@pytest.mark.parametrize("column", [column for _, column in CASES])
def test_a_role_that_nobody_gave_is_named_and_opens_nothing(rita: User, column):
    other = staff_member("Ruth")
    assert browser_of(rita).get("/review/consents/").status_code == 200
    edit(StaffRoleGrant.objects.get(user=rita), column, {"user": other.pk, "role": "operator"}[column])

    assert ("staff role", column) in named()
    who, page = {"user": (other, "/review/consents/"), "role": (rita, "/operator/partners/")}[column]
    assert browser_of(who).get(page).status_code == 409


def test_a_role_that_was_taken_away_does_not_come_back(rita: User):
    remove_role(user=rita, role=StaffRole.REVIEWER)
    StaffRoleGrant.objects.create(user=rita, role=StaffRole.REVIEWER)
    assert ("staff role", "role") in named()
    assert browser_of(rita).get("/review/consents/").status_code == 409
