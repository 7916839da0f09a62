"""`auditlog_export` writes files from which anybody can rebuild and check the log without the service."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from provenance.log.checkpoint import open_checkpoint
from provenance.log.hashing import leaf_hash
from provenance.log.keys import LogVerifyKey
from provenance.log.merkle import Frontier
from provenance.log.tiles import decode_bundle, tiles_of


def export(directory: Path) -> str:
    output = StringIO()
    call_command("auditlog_export", str(directory), stdout=output)
    return output.getvalue()


@pytest.mark.slow
def test_the_files_alone_give_the_signed_root(fill, tmp_path):
    fill(258)
    assert export(tmp_path) == f"258 entries in {tmp_path}; 5 new tiles.\n"
    key = LogVerifyKey.from_vkey((tmp_path / "key").read_text())
    checkpoint = open_checkpoint((tmp_path / "checkpoint").read_text(), key)
    frontier = Frontier()
    for tile in tiles_of(checkpoint.size):
        if tile.level is None:
            for body in decode_bundle((tmp_path / "tile" / tile.path).read_bytes()):
                frontier.append(leaf_hash(body))
    assert (frontier.size, frontier.root()) == (checkpoint.size, checkpoint.root)


@pytest.mark.slow
def test_exporting_again_writes_only_what_is_new(fill, tmp_path):
    fill(256)
    export(tmp_path)
    full = tmp_path / "tile" / "0" / "000"
    before = full.stat().st_ino
    fill(1)
    assert export(tmp_path).endswith("2 new tiles.\n")
    assert full.stat().st_ino == before
    assert open_checkpoint(
        (tmp_path / "checkpoint").read_text(), LogVerifyKey.from_vkey((tmp_path / "key").read_text())
    ).size == 257  # fmt: skip


@pytest.mark.django_db
def test_an_empty_log_cannot_be_exported(tmp_path):
    with pytest.raises(CommandError):
        export(tmp_path)
