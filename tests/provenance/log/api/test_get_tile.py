"""GET /v1/log/tile/...: a log that any client of c2sp.org/tlog-tiles can follow."""

from __future__ import annotations

import pytest

from provenance.keys.service_keys import log_verify_key
from provenance.log.checkpoint import open_checkpoint
from provenance.log.hashing import HASH_SIZE, leaf_hash
from provenance.log.merkle import Frontier
from provenance.log.tiles import decode_bundle
from tests.provenance.log.api.problems import assert_problem


@pytest.mark.slow
def test_an_outsider_can_rebuild_the_root_from_entry_bundles_and_from_tiles(client, fill):
    fill(261)
    checkpoint = open_checkpoint(client.get("/v1/log/checkpoint").content.decode(), log_verify_key())
    bundles = [client.get(f"/v1/log/tile/entries/{path}").content for path in ("000", "001.p/5")]
    from_entries = [leaf_hash(entry) for bundle in bundles for entry in decode_bundle(bundle)]
    tiles = b"".join(client.get(f"/v1/log/tile/0/{path}").content for path in ("000", "001.p/5"))
    from_tiles = [tiles[start : start + HASH_SIZE] for start in range(0, len(tiles), HASH_SIZE)]
    assert from_entries == from_tiles
    frontier = Frontier()
    for leaf in from_tiles:
        frontier.append(leaf)
    assert (frontier.size, frontier.root()) == (checkpoint.size, checkpoint.root)

    parent = Frontier()
    for leaf in from_tiles[:256]:
        parent.append(leaf)
    assert client.get("/v1/log/tile/1/000.p/1").content == parent.root()


def test_tiles_are_binary_and_may_be_cached_for_ever(client, fill):
    fill(3)
    response = client.get("/v1/log/tile/0/000.p/3")
    assert response["Content-Type"] == "application/octet-stream"
    assert "immutable" in response["Cache-Control"]
    assert len(response.content) == 3 * HASH_SIZE


@pytest.mark.parametrize("path", ["0/000.p/2", "entries/000.p/1"])
def test_it_still_serves_the_partial_tiles_of_smaller_sizes(client, fill, path):
    fill(3)
    assert client.get(f"/v1/log/tile/{path}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "0/000",
        "0/000.p/4",
        "0/001.p/1",
        "1/000.p/1",
        "entries/000",
        "entries/000.p/4",
        "0/x999/999",
        "data/000",
        "0",
    ],
)
def test_it_serves_no_tile_that_the_log_does_not_have(client, fill, path):
    fill(3)
    assert_problem(client.get(f"/v1/log/tile/{path}"), status=404, code="not_found")


def test_a_tile_takes_two_queries(client, fill, django_assert_num_queries):
    fill(20)
    for path in ("0/000.p/20", "entries/000.p/20"):
        with django_assert_num_queries(2):
            client.get(f"/v1/log/tile/{path}")


@pytest.mark.django_db
def test_it_only_allows_get(client):
    assert client.post("/v1/log/tile/0/000").status_code == 405
