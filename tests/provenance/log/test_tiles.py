"""Tile paths and entry bundles as c2sp.org/tlog-tiles has them, with the specification's own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.log.errors import TileRejected
from provenance.log.tiles import MAX_LEVEL, Tile, decode_bundle, encode_bundle, parse_tile_path, tiles_of


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "0/x001/x234/067"),
        (Tile(0, 0), "0/000"),
        (Tile(1, 999, 17), "1/999.p/17"),
        (Tile(1, 1000), "1/x001/000"),
        (Tile(None, 0, 1), "entries/000.p/1"),
    ],
)
def test_it_writes_and_reads_paths_as_the_specification_does(tile, path):
    assert tile.path == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/0",
        "00/000",
        "0/x000/001",
        "0/001/234",
        "0/x001",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "8/000",
        "-1/000",
        "0/000/",
        "/0/000",
        "0/000.p",
        "entries/../000",
        "0/\u0660\u0660\u0660",
        "0/000\n",
        "data/000",
        "0/x999/x999/x999/x999/x999/x999/x999/999",
    ],
)
def test_it_refuses_any_other_way_to_write_a_path(path):
    with pytest.raises(TileRejected):
        parse_tile_path(path)


def test_it_counts_tiles_as_the_specifications_example_of_70000_entries():
    tiles = list(tiles_of(70_000))
    full = [tile for tile in tiles if tile.width == 256]
    partial = [tile for tile in tiles if tile.width < 256]
    assert sum(tile.level == 0 for tile in full) == sum(tile.level is None for tile in full) == 273
    assert [tile for tile in full if tile.level == 1] == [Tile(1, 0)]
    assert partial == [Tile(None, 273, 112), Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]


def test_a_tree_of_256_has_one_full_tile_and_a_parent_of_width_one():
    assert list(tiles_of(256)) == [Tile(None, 0), Tile(0, 0), Tile(1, 0, 1)]


@given(st.integers(0, 150_000))
def test_every_tile_of_a_tree_is_within_it_and_has_a_path_of_its_own(size):
    tiles = list(tiles_of(size))
    assert all(tile.is_within(size) for tile in tiles)
    assert len({tile.path for tile in tiles}) == len(tiles)
    assert all(parse_tile_path(tile.path) == tile for tile in tiles)


@given(st.integers(0, MAX_LEVEL), st.integers(0, 10**6), st.integers(1, 256))
def test_a_tile_is_within_a_tree_only_when_all_its_hashes_are(level, index, width):
    end = (index * 256 + width) * 256**level
    assert Tile(level, index, width).is_within(end)
    assert not Tile(level, index, width).is_within(end - 1)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_give_back_their_entries(entries):
    assert decode_bundle(encode_bundle(entries)) == entries


def test_it_refuses_a_bundle_cut_short_and_an_entry_too_long():
    bundle = encode_bundle([b"one", b"two"])
    assert bundle == b"\x00\x03one\x00\x03two"
    for length in (1, 4, 6, 9):
        with pytest.raises(TileRejected):
            decode_bundle(bundle[:length])
    with pytest.raises(TileRejected):
        encode_bundle([bytes(65_536)])
