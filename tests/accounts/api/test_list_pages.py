"""Long lists of the API are read to their end by following next_cursor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ConsentGrant, Partner, User
from tests.factories import PortraitFactory, SubjectFactory, ask_subject


def read_on(api: Client, path: str, **query: str) -> tuple[list[str], set[int]]:
    """The ids of a whole list in its order, and the counts that its pages gave."""
    ids, counts = [], set()
    answer = api.get(path, query).json()
    while True:
        ids += [item["id"] for item in answer["items"]]
        counts.add(answer["count"])
        if answer["next_cursor"] is None:
            return ids, counts
        answer = api.get(path, {**query, "cursor": answer["next_cursor"]}).json()


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance.common.listing.PAGE_SIZE", 2)


@pytest.mark.slow
def test_all_of_it_is_read_newest_first(partner_a: Partner, alice: User, api_a: Client) -> None:
    portraits = [PortraitFactory(partner=partner_a) for _ in range(5)]
    ask_subject(portraits[0], alice)
    SubjectFactory()
    subjects, counts = read_on(api_a, "/v1/subjects")
    assert (subjects, counts) == ([portrait.subject_id for portrait in portraits[::-1]], {5})
    found, counts = read_on(api_a, "/v1/portraits")
    assert (found, counts) == ([portrait.id for portrait in portraits[::-1]], {5})
    asked, _ = read_on(api_a, "/v1/consents", portrait_id=portraits[0].id)
    assert len(asked) == 1


def test_a_cursor_belongs_to_the_partner_and_list_it_was_made_for(
    partner_a: Partner, api_a: Client, api_b: Client
) -> None:
    for _ in range(3):
        PortraitFactory(partner=partner_a)
    cursor = api_a.get("/v1/portraits").json()["next_cursor"]
    assert api_a.get("/v1/portraits", {"cursor": cursor}).status_code == 200
    for api, path in ((api_b, "/v1/portraits"), (api_a, "/v1/subjects"), (api_a, "/v1/jobs")):
        answer = api.get(path, {"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


def test_the_oldest_come_first_if_asked(partner_a: Partner, api_a: Client) -> None:
    ids = [SubjectFactory(partner=partner_a).id for _ in range(5)]
    assert read_on(api_a, "/v1/subjects", order="oldest") == (ids, {5})
    assert read_on(api_a, "/v1/subjects") == (ids[::-1], {5})


def test_a_cursor_goes_on_with_the_filters_with_which_its_list_began(
    partner_a: Partner, api_a: Client
) -> None:
    for _ in range(3):
        PortraitFactory(partner=partner_a)
    cursor = api_a.get("/v1/portraits", {"order": "oldest"}).json()["next_cursor"]
    assert api_a.get("/v1/portraits", {"order": "oldest", "cursor": cursor}).status_code == 200
    for query in ({}, {"order": "newest"}, {"order": "oldest", "subject_id": "sub_x"}):
        answer = api_a.get("/v1/portraits", {**query, "cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid"), query


def test_lists_are_filtered_by_time_and_columns(partner_a: Partner, api_a: Client) -> None:
    portraits = [PortraitFactory(partner=partner_a) for _ in range(3)]
    between = portraits[1].created_at.isoformat()
    assert read_on(api_a, "/v1/portraits", created_after=between)[0] == [portraits[2].id]
    assert read_on(api_a, "/v1/portraits", created_before=between)[0] == [portraits[0].id]
    found, counts = read_on(api_a, "/v1/portraits", subject_id=portraits[1].subject_id)
    assert (found, counts) == ([portraits[1].id], {1})
    for wrong in ({"created_after": "2026-11-29T09:00:00"}, {"order": "best"}, {"state": "released"}):
        assert api_a.get("/v1/portraits", wrong).status_code == 422


@pytest.mark.parametrize("given", ["1.5", "-1", "0", "1800000000", "2026-11-29", "09:00:00Z"])
def test_a_moment_is_a_day_and_a_time_and_no_number(api_a: Client, given: str) -> None:
    answer = api_a.get("/v1/jobs", {"created_after": given})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_consents_are_filtered_by_the_state_that_is_shown(
    partner_a: Partner, alice: User, api_a: Client
) -> None:
    portraits = [PortraitFactory(partner=partner_a) for _ in range(2)]
    grants = [ask_subject(portrait, alice) for portrait in portraits]
    asked = read_on(api_a, "/v1/consents", state="requested")[0]
    assert sorted(asked) == sorted(each["id"] for each in api_a.get("/v1/consents").json()["items"])
    ConsentGrant.objects.filter(portrait=portraits[0]).update(
        link_expires_at=timezone.now() - timedelta(seconds=1)
    )
    (expired,) = read_on(api_a, "/v1/consents", state="expired")[0]
    assert api_a.get(f"/v1/consents/{expired}").json()["state"] == "expired"
    assert len(grants) == 2
    assert len(read_on(api_a, "/v1/consents", state="requested")[0]) == 1
    assert read_on(api_a, "/v1/consents", state="granted")[0] == []
