"""`read_log` hands out proven entries only."""

from __future__ import annotations

from pathlib import Path

import pytest

from likeness import read_log
from likeness.errors import LogRejected, LogUnreadable
from provenance.log.hashing import leaf_hash
from tests.likeness.test_log_check import bodies_of, replace_in, write_log
from tests.provenance.log.store import KEY, entry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log", bodies_of(300))


def test_it_gives_every_entry_in_order(folder: Path) -> None:
    keys = {"log_key": KEY.verify_key.vkey}
    assert list(read_log(folder, keys=keys)) == [entry(index) for index in range(300)]


def test_it_stops_before_the_bundle_that_was_changed(folder: Path) -> None:
    replace_in(folder / "tile/entries/001.p/44", b'"job":"job_299"', b'"job":"job_298"')
    entries = read_log(folder)
    assert [next(entries).index for _ in range(256)] == list(range(256))
    with pytest.raises(LogRejected):
        next(entries)


def test_it_gives_nothing_when_the_hashes_lead_to_another_root(folder: Path) -> None:
    replace_in(folder / "tile/0/001.p/44", leaf_hash(entry(299).body), bytes(32))
    with pytest.raises(LogRejected):
        read_log(folder)


def test_it_gives_nothing_under_another_signature(folder: Path) -> None:
    note = (folder / "checkpoint").read_text()
    (folder / "checkpoint").write_text(note.replace("\n300\n", "\n256\n"))
    with pytest.raises(LogRejected):
        read_log(folder)


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable):
        read_log(tmp_path)
