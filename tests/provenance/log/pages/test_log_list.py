"""The audit reader's list: newest first, filters that combine, pages, and no trust in what is stored."""

from __future__ import annotations

import re

import pytest

from provenance.models import LogEntry
from provenance.pages.log_pages import PAGE
from tests.append_only import drop_triggers

URL = "/log/"


def shown(response) -> list[int]:
    assert response.status_code == 200
    return [
        int(index)
        for index in re.findall(r'<td><a class="mono" href="/log/(\d+)/">', response.content.decode())
    ]


def test_it_shows_the_newest_entries_first(client, fill):
    fill(4)
    assert shown(client.get(URL)) == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event": "job.submitted"}, [5, 3, 1]),
        ({"actor": " prt_2 "}, [5, 2]),
        ({"id": f"job_{4:022d}"}, [4]),
        ({"event": "job.submitted", "actor": "prt_2"}, [5]),
        ({"event": "unheard.of"}, []),
        ({"date": "2020-01-01"}, []),
        ({"date": "yesterday"}, []),
        ({"before": "2"}, [1, 0]),
        ({"before": "x"}, [5, 4, 3, 2, 1, 0]),
        ({"before": "9" * 40}, [5, 4, 3, 2, 1, 0]),
    ],
)
def test_it_filters(client, fill, filters, expected):
    fill(6)
    assert shown(client.get(URL, filters)) == expected


def test_it_filters_by_day(client, fill):
    day = fill(2)[0].time.date()
    assert shown(client.get(URL, {"date": day.isoformat()})) == [1, 0]


def test_a_wrong_date_is_said_and_kept_in_the_form(client, fill):
    fill(1)
    page = client.get(URL, {"date": "23.11."}).content.decode()
    assert "The date must look like 2026-11-23." in page
    assert 'value="23.11."' in page


def test_older_entries_are_one_link_away_with_the_same_filters(client, fill):
    fill(PAGE + 3)
    first = client.get(URL, {"actor": ""})
    assert shown(first) == list(range(PAGE + 2, 2, -1))
    (older,) = re.findall(r'rel="next" href="(\?[^"]+)"', first.content.decode())
    assert shown(client.get(URL + older)) == [2, 1, 0]


def test_it_takes_two_queries_at_any_size(client, fill, django_assert_num_queries):
    fill(PAGE + 3)
    with django_assert_num_queries(2):
        client.get(URL)


@pytest.mark.django_db
def test_an_empty_log_says_so(client):
    assert "The log has no entries yet." in client.get(URL).content.decode()


def test_filters_without_a_match_offer_the_way_back(client, fill):
    fill(1)
    assert "No entry matches these filters." in client.get(URL, {"actor": "prt_nobody"}).content.decode()


def test_what_somebody_stored_by_force_is_escaped_and_marked(client, fill):
    fill(2)
    drop_triggers()
    LogEntry.objects.filter(index=1).update(body="<script>alert(1)</script>", actor="<b>x</b>")
    page = client.get(URL).content.decode()
    assert "not as it was written" in page
    assert "<b>x</b>" not in page
    assert "<script>alert" not in page


@pytest.mark.django_db
def test_it_only_allows_reading(client):
    assert client.post(URL).status_code == 405
