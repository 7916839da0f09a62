from __future__ import annotations

import pytest

from accounts.access.by_log import partner_differences
from accounts.models import PartnerState, StaffRole
from accounts.services import staff
from provenance.models import LogEntry
from tests.conftest import browser_of
from tests.factories import PartnerFactory, person

LIST = "/operator/partners/"


def test_an_operator_sees_applicants_first(otto_browser, partner_a):
    waiting = PartnerFactory(name="Waiting", state=PartnerState.APPLIED)

    page = otto_browser.get(LIST).content.decode()

    assert page.index(waiting.name) < page.index(partner_a.name)
    assert partner_a.name not in otto_browser.get(LIST, {"state": "applied"}).content.decode()
    assert otto_browser.get(LIST, {"state": "refused"}).status_code == 200


@pytest.mark.parametrize(
    ("state", "offered", "withheld"),
    [
        (PartnerState.APPLIED, ["approve", "refuse"], ["suspend", "reinstate"]),
        (PartnerState.APPROVED, ["suspend"], ["approve", "refuse", "reinstate"]),
        (PartnerState.SUSPENDED, ["reinstate"], ["approve", "refuse", "suspend"]),
        (PartnerState.REFUSED, [], ["approve", "refuse", "suspend", "reinstate"]),
    ],
)
def test_it_offers_the_steps_that_are_possible(otto_browser, state, offered, withheld):
    partner = PartnerFactory(state=state)

    page = otto_browser.get(f"{LIST}{partner.id}/").content.decode()

    for decision in offered:
        assert f'value="{decision}"' in page
    for decision in withheld:
        assert f'value="{decision}"' not in page


@pytest.mark.parametrize(
    ("decision", "before", "after"),
    [
        ("approve", PartnerState.APPLIED, PartnerState.APPROVED),
        ("refuse", PartnerState.APPLIED, PartnerState.REFUSED),
        ("suspend", PartnerState.APPROVED, PartnerState.SUSPENDED),
        ("reinstate", PartnerState.SUSPENDED, PartnerState.APPROVED),
    ],
)
def test_an_operator_decides_with_a_reason(otto_browser, decision, before, after):
    partner = PartnerFactory(state=before)
    address = f"{LIST}{partner.id}/decide/"
    assert otto_browser.post(address, {"decision": decision, "reason": ""}).status_code == 422
    partner.refresh_from_db()
    assert partner.state == before

    answer = otto_browser.post(address, {"decision": decision, "reason": "Because."})

    assert answer.url == f"{LIST}{partner.id}/"
    partner.refresh_from_db()
    assert (partner.state, partner.reason) == (after, "Because.")
    assert otto_browser.post(address, {"decision": decision, "reason": "Again."}).status_code == 409


def test_an_unknown_decision_is_not_found(otto_browser, partner_a):
    address = f"{LIST}{partner_a.id}/decide/"

    assert otto_browser.post(address, {"decision": "delete", "reason": "x"}).status_code == 404
    assert otto_browser.get(address).status_code == 405


def test_an_operator_sets_the_review_policy(otto_browser, partner_a):
    address = f"{LIST}{partner_a.id}/policy/"
    assert otto_browser.post(address, {"review_policy": "never"}).status_code == 422

    assert otto_browser.post(address, {"review_policy": "release"}).status_code == 302

    partner_a.refresh_from_db()
    assert partner_a.review_policy == "release"


def test_an_operator_invites_the_contact_again_until_somebody_has_joined(
    otto_browser, partner_b, mailoutbox, django_capture_on_commit_callbacks, rita_browser
):
    address = f"{LIST}{partner_b.id}/invite/"
    assert "another invitation" in otto_browser.get(f"{LIST}{partner_b.id}/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert otto_browser.post(address).status_code == 302
        assert rita_browser.post(address).status_code == 403
    assert [letter.to for letter in mailoutbox] == [[partner_b.contact_email]]

    person("Charlie", partner=partner_b)

    assert otto_browser.post(address).status_code == 409
    assert "another invitation" not in otto_browser.get(f"{LIST}{partner_b.id}/").content.decode()


class TestWhoMayLook:
    def paths(self, partner) -> list[str]:
        return [LIST, f"{LIST}{partner.id}/"]

    def test_strangers_sign_in_first(self, vera, partner_a):
        for path in self.paths(partner_a):
            assert vera.get(path).url.startswith("/account/login/")

    def test_members_and_reviewers_are_refused(self, alice_browser, rita_browser, partner_a):
        for path in self.paths(partner_a):
            assert alice_browser.get(path).status_code == 403
            assert rita_browser.get(path).status_code == 403

    def test_an_operator_without_second_factor_is_told_how_to_set_it_up(self, partner_a):
        olga = person("Olga")
        staff.grant_role(user=olga, role=StaffRole.OPERATOR)
        browser = browser_of(olga)

        for path in self.paths(partner_a):
            page = browser.get(path)
            assert page.status_code == 403
            assert b"/account/2fa/totp/activate/" in page.content
            assert partner_a.name not in page.content.decode()
        answer = browser.post(f"{LIST}{partner_a.id}/decide/", {"decision": "suspend", "reason": "x"})
        assert answer.status_code == 403
        partner_a.refresh_from_db()
        assert partner_a.is_active


def test_an_operator_says_how_long_a_partners_media_are_kept(otto_browser, partner_a):
    page = f"/operator/partners/{partner_a.pk}/"
    assert "Save the days" in otto_browser.get(page).content.decode()

    otto_browser.post(f"{page}retention/", {"keep_sources_days": "7", "keep_videos_days": ""})

    partner_a.refresh_from_db()
    assert (partner_a.keep_sources_days, partner_a.keep_videos_days) == (7, None)
    entry = LogEntry.objects.get(event="partner.retention_set").entry
    assert entry.data == {"partner_id": partner_a.pk, "keep_sources_days": 7, "keep_videos_days": None}
    assert partner_differences(partner_a) == []
    assert otto_browser.post(f"{page}retention/", {"keep_sources_days": "366"}).status_code == 422


def test_nobody_else_says_how_long(alice_browser, rita_browser, partner_a):
    for browser in (alice_browser, rita_browser):
        answer = browser.post(f"/operator/partners/{partner_a.pk}/retention/", {"keep_sources_days": "0"})
        assert answer.status_code == 403
    partner_a.refresh_from_db()
    assert partner_a.keep_sources_days is None
