"""GET /v1/log/proof/...: what anybody needs to check the log with nothing but its public key."""

from __future__ import annotations

from base64 import b64decode

import pytest

from provenance.keys.service_keys import log_verify_key
from provenance.log.checkpoint import open_checkpoint
from provenance.log.merkle import verify_consistency, verify_entry
from provenance.models import LogNode
from tests.append_only import drop_triggers
from tests.provenance.log.api.problems import assert_problem

INCLUSION = "/v1/log/proof/inclusion"
CONSISTENCY = "/v1/log/proof/consistency"


@pytest.mark.slow
def test_an_outsider_can_prove_an_entry_from_what_is_served(client, fill):
    fill(11)
    body = client.get("/v1/log/entries/6").json()["body"].encode()
    checkpoint = open_checkpoint(client.get("/v1/log/checkpoint").content.decode(), log_verify_key())
    proof = client.get(INCLUSION, {"index": 6, "tree_size": checkpoint.size}).json()
    verify_entry(
        body=body,
        index=6,
        tree_size=checkpoint.size,
        root=checkpoint.root,
        proof=[b64decode(value) for value in proof["hashes"]],
    )
    assert b64decode(proof["root_hash"]) == checkpoint.root


def test_an_outsider_can_prove_that_an_old_checkpoint_is_continued(client, fill):
    fill(5)
    old = open_checkpoint(client.get("/v1/log/checkpoint").content.decode(), log_verify_key())
    fill(8)
    new = open_checkpoint(client.get("/v1/log/checkpoint").content.decode(), log_verify_key())
    proof = client.get(CONSISTENCY, {"first": old.size, "second": new.size}).json()
    verify_consistency(
        first=old.size,
        second=new.size,
        first_root=old.root,
        second_root=new.root,
        proof=[b64decode(value) for value in proof["hashes"]],
    )


def test_left_out_sizes_mean_the_newest(client, fill):
    fill(5)
    assert client.get(INCLUSION, {"index": 2}).json()["tree_size"] == 5
    assert client.get(CONSISTENCY, {"first": 2}).json()["second"] == 5


@pytest.mark.parametrize(
    ("url", "query", "status", "code"),
    [
        (INCLUSION, {}, 422, "invalid_request"),
        (INCLUSION, {"index": -1}, 422, "invalid_request"),
        (INCLUSION, {"index": "first"}, 422, "invalid_request"),
        (INCLUSION, {"index": 2**63}, 422, "invalid_request"),
        (INCLUSION, {"index": 5}, 422, "invalid_input"),
        (INCLUSION, {"index": 3, "tree_size": 3}, 422, "invalid_input"),
        (INCLUSION, {"index": 3, "tree_size": 6}, 404, "not_found"),
        (CONSISTENCY, {}, 422, "invalid_request"),
        (CONSISTENCY, {"first": 6}, 422, "invalid_input"),
        (CONSISTENCY, {"first": 4, "second": 3}, 422, "invalid_input"),
        (CONSISTENCY, {"first": 4, "second": 6}, 404, "not_found"),
        (CONSISTENCY, {"first": 0, "second": 2**63}, 422, "invalid_request"),
    ],
)
def test_it_refuses_what_the_log_never_had(  # noqa: PLR0917 - fixtures and parameters, passed by name
    client, fill, url, query, status, code
):
    fill(5)
    assert_problem(client.get(url, query), status=status, code=code)


def test_a_damaged_log_proves_nothing(client, fill):
    fill(8)
    drop_triggers()
    LogNode.objects.update(hash=bytes(32))
    assert_problem(client.get(INCLUSION, {"index": 1}), status=503, code="log_damaged")
    assert_problem(client.get(CONSISTENCY, {"first": 3}), status=503, code="log_damaged")


@pytest.mark.parametrize("url", [INCLUSION, CONSISTENCY])
@pytest.mark.django_db
def test_it_only_allows_get(client, url):
    assert client.post(url).status_code == 405
