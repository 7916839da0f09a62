"""One entry's page: what it says, its proof, and the checkpoint that covers it."""

from __future__ import annotations

import html

import pytest

from provenance.keys.service_keys import log_verify_key
from provenance.models import LogEntry
from provenance.services import log
from tests.append_only import drop_triggers


def test_it_shows_the_entry_its_proof_and_the_signed_checkpoint(client, fill):
    fill(5)
    page = html.unescape(client.get("/log/2/").content.decode())
    assert f"job_{2:022d}" in page
    assert LogEntry.objects.get(index=2).body in page
    assert log.signed_head().note.strip() in page
    assert log_verify_key().vkey in page
    assert "Proof that it is in the log" in page


def test_it_links_its_neighbours_within_the_log(client, fill):
    fill(2)
    first, last = client.get("/log/0/").content.decode(), client.get("/log/1/").content.decode()
    assert 'rel="next" href="/log/1/"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="/log/0/"' in last
    assert 'rel="next"' not in last


def test_a_tampered_entry_says_that_it_cannot_be_proven(client, fill):
    fill(3)
    drop_triggers()
    LogEntry.objects.filter(index=1).update(body="{}")
    response = client.get("/log/1/")
    assert response.status_code == 503
    assert "This entry cannot be proven" in response.content.decode()


@pytest.mark.parametrize("index", [3, 2**63, 10**30])
def test_an_entry_beyond_the_log_is_not_found(client, fill, index):
    fill(3)
    assert client.get(f"/log/{index}/").status_code == 404


def test_it_takes_five_queries(client, fill, django_assert_num_queries):
    fill(9)
    with django_assert_num_queries(5):
        client.get("/log/4/")


@pytest.mark.django_db
def test_it_only_allows_reading(client):
    assert client.post("/log/0/").status_code == 405
