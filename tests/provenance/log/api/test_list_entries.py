"""GET /v1/log/entries: pages in order, filters, and bad input."""

from __future__ import annotations

import pytest

from tests.provenance.log.api.problems import assert_problem

URL = "/v1/log/entries"


def indices(response) -> list[int]:
    assert response.status_code == 200, response.content
    return [entry["index"] for entry in response.json()["entries"]]


def test_it_lists_entries_in_order_with_their_exact_bytes(client, fill):
    rows = fill(3)
    answer = client.get(URL).json()
    assert [entry["body"] for entry in answer["entries"]] == [row.body for row in rows]
    assert answer["entries"][1]["entry"]["event"] == "job.submitted"
    assert answer["entries"][1]["entry"]["data"] == {"job_id": f"job_{1:022d}", "frames": 1}
    assert (answer["next_after"], answer["tree_size"]) == (None, 3)


def test_following_next_after_reads_every_entry_once(client, fill):
    fill(7)
    seen: list[int] = []
    after: int | None = -1
    while after is not None:
        answer = client.get(URL, {"after": after, "limit": 3})
        seen += indices(answer)
        after = answer.json()["next_after"]
    assert seen == list(range(7))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event": "job.submitted"}, [1, 3, 5]),
        ({"actor": "prt_2"}, [2, 5]),
        ({"subject": f"job_{4:022d}"}, [4]),
        ({"subject": f"job_{4:022d}", "event": "job.submitted"}, []),
        ({"subject": "rnd_unheard_of"}, []),
        ({"actor": "prt_0", "after": 0}, [3]),
    ],
)
def test_it_filters(client, fill, filters, expected):
    fill(6)
    assert indices(client.get(URL, filters)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 1001},
        {"limit": "many"},
        {"after": -2},
        {"after": 2**63},
        {"event": "job.unheard_of"},
        {"actor": "x" * 81},
        {"subject": "x" * 65},
    ],
)
@pytest.mark.django_db
def test_it_refuses_bad_input(client, query):
    assert_problem(client.get(URL, query), status=422, code="invalid_request")


@pytest.mark.parametrize("size", [2, 30])
def test_it_takes_two_queries_at_any_size(client, fill, django_assert_num_queries, size):
    fill(size)
    with django_assert_num_queries(2):
        client.get(URL, {"subject": f"job_{1:022d}"})


@pytest.mark.django_db
def test_an_empty_log_has_an_empty_list(client):
    assert client.get(URL).json() == {"entries": [], "next_after": None, "tree_size": 0}


@pytest.mark.django_db
def test_it_only_allows_get(client):
    assert client.post(URL).status_code == 405
    assert client.delete(URL).status_code == 405
