"""GET /v1/log/checkpoint and /v1/log/key: what a monitor starts with."""

from __future__ import annotations

import pytest

from provenance.log.checkpoint import open_checkpoint
from provenance.log.keys import LogVerifyKey
from tests.provenance.log.api.problems import assert_problem

URL = "/v1/log/checkpoint"


@pytest.mark.slow
def test_it_serves_a_signed_note_that_the_served_key_opens(client, fill):
    fill(3)
    response = client.get(URL)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=2"
    key = LogVerifyKey.from_vkey(client.get("/v1/log/key").content.decode())
    assert open_checkpoint(response.content.decode(), key).size == 3


def test_it_takes_one_query(client, fill, django_assert_num_queries):
    fill(3)
    with django_assert_num_queries(1):
        client.get(URL)


@pytest.mark.django_db
def test_an_empty_log_has_none(client):
    assert_problem(client.get(URL), status=404, code="not_found")


@pytest.mark.django_db
def test_it_only_allows_get(client):
    assert client.post(URL).status_code == 405
