"""Long lists of the API are read to their end by following next_cursor."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Partner, User
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
    for router in ("accounts.api.router", "generation.api.router"):
        monkeypatch.setattr(f"{router}.PAGE_SIZE", 2)


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
