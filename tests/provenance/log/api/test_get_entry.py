"""GET /v1/log/entries/{index}: one entry, and what a tampered one answers."""

from __future__ import annotations

from base64 import b64encode

import pytest

from provenance.log.hashing import leaf_hash
from provenance.models import LogEntry
from tests.append_only import drop_triggers
from tests.provenance.log.api.problems import assert_problem


def test_it_serves_the_exact_bytes_and_their_hash(client, fill):
    row = fill(3)[1]
    answer = client.get("/v1/log/entries/1").json()
    assert answer["index"] == 1
    assert answer["body"] == row.body
    assert answer["leaf_hash"] == b64encode(leaf_hash(row.body.encode())).decode()


@pytest.mark.parametrize("index", ["3", str(2**63), str(10**30)])
def test_an_index_beyond_the_log_is_not_found(client, fill, index):
    fill(3)
    assert_problem(client.get(f"/v1/log/entries/{index}"), status=404, code="not_found")


def test_a_tampered_entry_is_not_served_as_if_it_were_one(client, fill):
    fill(3)
    drop_triggers()
    LogEntry.objects.filter(index=1).update(body="{}")
    assert_problem(client.get("/v1/log/entries/1"), status=503, code="log_damaged")


def test_it_takes_one_query(client, fill, django_assert_num_queries):
    fill(3)
    with django_assert_num_queries(1):
        client.get("/v1/log/entries/1")


@pytest.mark.django_db
def test_it_only_allows_get(client):
    assert client.put("/v1/log/entries/1").status_code == 405
