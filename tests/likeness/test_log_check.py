"""`check_log` and `likeness log check`: what is wrong with a log is found from its files alone, and where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.db import transaction
from pytest_django.live_server_helper import LiveServer

from likeness import LogReport, check_log
from likeness.commands.tree import main
from likeness.errors import CheckpointUnusable
from provenance.common.errors import CodedError
from provenance.log.checkpoint import Checkpoint, sign_checkpoint
from provenance.log.entries import LogEvent
from provenance.log.hashing import leaf_hash
from provenance.log.keys import LogSigningKey
from provenance.log.merkle import Frontier, Subtree
from provenance.log.tiles import TILE_HEIGHT, encode_bundle, tiles_of
from provenance.services.log import append
from tests.likeness.client.stub_service import Prepared, StubService
from tests.provenance.log.store import KEY, entry

SIZE = 600  # two full tiles and a partial one, and two tiles above the leaves


def write_log(folder: Path, bodies: list[bytes], *, key: LogSigningKey = KEY) -> Path:
    """A log as `manage.py auditlog_export` writes it."""
    frontier = Frontier()
    hashes = {subtree: value for body in bodies for subtree, value in frontier.append(leaf_hash(body))}
    for tile in tiles_of(len(bodies)):
        path = folder / "tile" / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if tile.level is None:
            path.write_bytes(encode_bundle(bodies[tile.first : tile.first + tile.width]))
        else:
            level = tile.level * TILE_HEIGHT
            nodes = [hashes[Subtree(level, tile.first + offset)] for offset in range(tile.width)]
            path.write_bytes(b"".join(nodes))
    (folder / "key").write_text(f"{key.verify_key.vkey}\n")
    sign(folder, Checkpoint(key.name, len(bodies), frontier.root()), key=key)
    return folder


def sign(folder: Path, checkpoint: Checkpoint, *, key: LogSigningKey = KEY) -> None:
    (folder / "checkpoint").write_text(sign_checkpoint(checkpoint, key))


def bodies_of(size: int) -> list[bytes]:
    return [entry(index).body for index in range(size)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log"), bodies_of(SIZE))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(whole, tmp_path / "log"))


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The log's key as somebody kept it."""
    path = tmp_path / "key"
    path.write_text(KEY.verify_key.vkey)
    return path


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Any web server with the exported files."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def found(report: LogReport) -> set[str]:
    return {finding.damage.value for finding in report.findings}


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, SIZE])
def test_a_log_as_it_was_exported_is_sound(tmp_path: Path, size: int) -> None:
    report = check_log(write_log(tmp_path, bodies_of(size)))
    assert report.findings == ()
    assert report.checkpoint is not None
    assert report.checkpoint.size == size


def test_it_is_sound_at_an_address_too(folder: Path, keys: Path) -> None:
    with served(folder) as address:
        report = check_log(address, keys=keys)
    assert report.is_sound
    assert report.is_key_pinned


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_running_service_s_log_is_sound(live_server: LiveServer) -> None:
    for number in range(300):
        with transaction.atomic():
            append(LogEvent.PARTNER_APPLIED, actor="system", data={"partner_id": f"prt_{number}"})
    keys = {"log_key": check_log(f"{live_server.url}/v1/log").key.vkey}
    report = check_log(f"{live_server.url}/v1/log/", keys=keys)
    assert report.is_sound
    assert report.checkpoint is not None
    assert report.checkpoint.size == 300


def test_partial_files_may_be_gone_once_the_full_ones_are_there(tmp_path: Path) -> None:
    folder = write_log(tmp_path / "longer", bodies_of(512))
    shorter = write_log(tmp_path / "shorter", bodies_of(300))
    shutil.copy(shorter / "checkpoint", folder)
    shutil.copytree(shorter / "tile/1", folder / "tile/1", dirs_exist_ok=True)
    assert check_log(folder).findings == ()


def replace_in(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))


def test_a_changed_entry_is_named(folder: Path) -> None:
    replace_in(folder / "tile/entries/001", b'"job":"job_300"', b'"job":"job_301"')
    (finding,) = check_log(folder).findings
    assert (finding.damage.value, finding.place) == ("entry_changed", 300)


def test_a_changed_leaf_hash_is_told_from_a_changed_entry(folder: Path) -> None:
    replace_in(folder / "tile/0/001", leaf_hash(entry(300).body), bytes(32))
    (finding,) = check_log(folder).findings
    assert (finding.damage.value, finding.place) == ("node_changed", Subtree(0, 300).position)


def test_a_changed_hash_above_the_leaves_is_found(folder: Path) -> None:
    path = folder / "tile/1/000.p/2"
    path.write_bytes(path.read_bytes()[:32] + bytes(32))
    (finding,) = check_log(folder).findings
    assert finding.damage.value == "node_changed"
    assert "tile/1/000.p/2" in finding.message


def test_an_entry_changed_with_its_hash_leads_to_no_signed_root(folder: Path) -> None:
    changed = entry(300, "another")
    bodies = bodies_of(SIZE)
    bodies[300] = changed.body
    honest = (folder / "checkpoint").read_text()
    write_log(folder, bodies)
    (folder / "checkpoint").write_text(honest)
    assert found(check_log(folder)) == {"checkpoint_mismatch"}


def test_two_entries_that_changed_places_are_named(folder: Path) -> None:
    bodies = bodies_of(SIZE)
    bodies[3], bodies[4] = bodies[4], bodies[3]
    write_log(folder, bodies)  # signed, as by somebody who has the key
    assert [(f.damage.value, f.place) for f in check_log(folder).findings] == [
        ("entry_moved", 3),
        ("entry_moved", 4),
    ]


def test_an_entry_that_is_none_is_named(folder: Path) -> None:
    bodies = bodies_of(SIZE)
    bodies[5] = b'{"name":"somebody"}'
    write_log(folder, bodies)
    assert found(check_log(folder)) == {"entry_malformed"}


@pytest.mark.parametrize(
    ("path", "damage"),
    [("entries/001", "entry_removed"), ("0/001", "node_removed"), ("1/000.p/2", "node_removed")],
)
@pytest.mark.parametrize("is_cut", [False, True])
def test_a_file_that_is_missing_or_cut_short_is_named(
    folder: Path, path: str, damage: str, *, is_cut: bool
) -> None:
    file = folder / "tile" / path
    file.write_bytes(file.read_bytes()[:-1])
    if not is_cut:
        file.unlink()
    (finding,) = check_log(folder).findings
    assert finding.damage.value == damage
    assert f"tile/{path}" in finding.message or is_cut


def test_a_checkpoint_by_another_key_is_not_the_log_s(folder: Path, tmp_path: Path, keys: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    write_log(folder, bodies_of(SIZE), key=LogSigningKey(KEY.name, Ed25519PrivateKey.generate()))
    assert check_log(folder).is_sound  # it agrees with itself, which is all that it can show
    report = check_log(folder, keys=keys)
    assert found(report) == {"checkpoint_bad_signature"}
    assert report.checkpoint is None


class TestRemembering:
    """A checkpoint of an earlier check holds the log to what it said then."""

    @pytest.fixture
    def kept(self, tmp_path: Path) -> Path:
        """The checkpoint of the first 300 entries."""
        kept = tmp_path / "kept"
        earlier = write_log(tmp_path / "earlier", bodies_of(300))
        assert check_log(earlier, remember=kept).remembered is None
        return kept

    def test_a_log_that_went_on_is_sound_and_is_remembered(self, folder: Path, kept: Path) -> None:
        report = check_log(folder, remember=kept)
        assert report.findings == ()
        assert report.remembered is not None
        assert report.remembered.size == 300
        assert kept.read_text() == (folder / "checkpoint").read_text()

    def test_a_rewritten_history_is_found_and_not_remembered(self, folder: Path, kept: Path) -> None:
        before = kept.read_text()
        bodies = bodies_of(SIZE)
        bodies[7] = entry(7, "another").body
        write_log(folder, bodies)
        assert check_log(folder).is_sound
        assert found(check_log(folder, remember=kept)) == {"history_rewritten"}
        assert kept.read_text() == before

    def test_a_log_that_lost_entries_is_found(self, tmp_path: Path, kept: Path) -> None:
        shorter = write_log(tmp_path / "shorter", bodies_of(299))
        assert found(check_log(shorter, remember=kept)) == {"rolled_back"}

    def test_another_log_s_checkpoint_is_refused(self, folder: Path, kept: Path) -> None:
        kept.write_text("something else")
        with pytest.raises(CheckpointUnusable):
            check_log(folder, remember=kept)
        assert kept.read_text() == "something else"


@pytest.mark.parametrize(
    ("prepared", "code"),
    [
        ({"/checkpoint": Prepared(404), "/key": Prepared(404)}, "log_unreadable"),
        ({"/key": Prepared(200, b"no key")}, "log_unreadable"),
        ({"/key": Prepared(200, b"\xff")}, "log_unreadable"),
        ({"/key": Prepared(500)}, "service_refused"),
        ({"/key": Prepared(200, b"x" * 1_000_000)}, "answer_unreadable"),
    ],
)
def test_where_there_is_no_log_nothing_is_said_about_one(
    stub: StubService, prepared: dict[str, Prepared], code: str
) -> None:
    for path, answer in prepared.items():
        stub.prepare(path, answer)
    with pytest.raises(CodedError) as refused:
        check_log(stub.url)
    assert refused.value.code == code


class TestTheCommand:
    """`likeness log check`."""

    def test_it_says_that_all_is_well(self, folder: Path, keys: Path, capsys) -> None:
        assert main(["log", "check", str(folder), "--keys", str(keys)]) == 0
        assert capsys.readouterr().out == f"{SIZE} entries of {KEY.name}, all as they were signed.\n"

    def test_without_a_key_it_says_what_that_leaves_open(self, folder: Path, capsys) -> None:
        assert main(["log", "check", str(folder)]) == 0
        said = capsys.readouterr().out
        assert "whose it is was not checked" in said
        assert KEY.verify_key.vkey in said

    def test_it_names_what_is_wrong(self, folder: Path, keys: Path, capsys) -> None:
        (folder / "tile/entries/001").unlink()
        assert main(["log", "check", str(folder), "--keys", str(keys)]) == 3
        assert capsys.readouterr().out.startswith("entry_removed: ")

    def test_it_remembers(self, folder: Path, keys: Path, tmp_path: Path, capsys) -> None:
        arguments = ["log", "check", str(folder), "--keys", str(keys), "--remember", str(tmp_path / "kept")]
        assert (main(arguments), main([*arguments, "--json"])) == (0, 0)
        report = json.loads(capsys.readouterr().out.split("\n", 1)[1])
        assert report["ok"] is True
        assert report["remembered"] == report["checkpoint"]
        assert (report["origin"], report["is_key_pinned"]) == (KEY.name, True)

    @pytest.mark.parametrize("keys", ["no", "junk"])
    def test_it_cannot_check_without_a_usable_key(
        self, folder: Path, tmp_path: Path, keys: str, capsys
    ) -> None:
        (tmp_path / "junk").write_text("{}")
        assert main(["log", "check", str(folder), "--keys", str(tmp_path / keys)]) == 2
        assert capsys.readouterr().err.startswith("file_unreadable: ")
