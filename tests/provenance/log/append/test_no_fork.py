"""For each size at most one root is ever signed, and where that is in doubt the log stands still."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test import Client
from moto import mock_aws

from benchmarks.service import log_drills
from provenance.checks.log_checks import check_log_mark
from provenance.keys.log_mark import log_mark_file, log_mark_store
from provenance.keys.service_keys import log_signing_key, log_verify_key
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.keys import create_log_key
from provenance.log.mark import FileMarkStore, empty_mark, mark_bytes
from provenance.log.merkle import complete_subtrees
from provenance.models import LogCheckpoint, LogEntry, LogNode
from provenance.selectors.signed_head import read_mark, sign_stored
from provenance.services import log
from provenance.services.log import LogEvent, LogStandsStill, signed_head
from provenance.services.object_store_mark import ObjectMarkStore
from provenance.services.published_checkpoint import publish
from tests.migrated import copy_migrated_database
from tests.provenance.log.commands.test_fsck_command import cut_to, fsck, tamper

ROOT = Path(__file__).resolve().parents[4]
Fill = Callable[[int], list[LogEntry]]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """A media folder of the test's own, with nothing published yet."""
    backend = "django.core.files.storage.FileSystemStorage"
    storage = {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path / "media")}}
    settings.STORAGES = {**settings.STORAGES, "media": storage}


def restore(size: int) -> None:
    """An older database comes back."""
    tamper(*cut_to(size))


def append() -> LogEntry:
    with transaction.atomic():
        return log.append(LogEvent.JOB_FAILED, actor="system", data={"job_id": "job_another"})


@pytest.mark.parametrize("age", [1, 3, 8, 9])
def test_a_restored_log_stands_still(fill: Fill, age: int):
    fill(9)
    signed_head()
    restore(9 - age)
    with pytest.raises(LogStandsStill, match=f"has {9 - age} entries, but 9 were signed"):
        append()
    if age < 9:
        with pytest.raises(LogStandsStill):
            signed_head()


def test_after_the_lost_entries_are_restored_it_goes_on(fill: Fill):
    fill(6)
    signed_head()
    kept = {model: list(model.objects.order_by(model._meta.pk.name)) for model in (LogCheckpoint, LogEntry)}
    nodes = list(LogNode.objects.order_by("position"))
    restore(4)
    with pytest.raises(LogStandsStill):
        append()
    for rows in (kept[LogEntry][4:], kept[LogCheckpoint][4:], nodes[complete_subtrees(4) :]):
        for row in rows:
            row.save(force_insert=True)
    assert append().index == 6
    assert signed_head().size == 7


def test_another_history_of_the_same_length_is_never_signed(fill: Fill):
    fill(5)
    signed_head()
    mark = log_mark_store().read()
    restore(4)
    log_mark_store().replace(mark, empty_mark(log_signing_key()))  # a twin with a mark of its own
    append()
    signed_head()
    log_mark_store().replace(log_mark_store().read(), mark or b"")
    with pytest.raises(LogStandsStill, match="not the one whose 5 entries"):
        signed_head()
    with pytest.raises(LogStandsStill, match="does not continue the 5 entries"):
        append()


@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "another log's"])
def test_without_its_mark_the_log_stands_still(fill: Fill, damage: str, tmp_path: Path):
    fill(3)
    signed_head()
    if damage == "missing":
        log_mark_file().unlink()
    elif damage == "another log's":
        create_log_key(tmp_path / "other.pem")
        other = log_signing_key().load(tmp_path / "other.pem", log_signing_key().name)
        log_mark_file().write_bytes(mark_bytes(Checkpoint(other.name, 1, bytes(32)), other))
    else:
        log_mark_file().write_bytes(b"" if damage == "empty" else b"\xff\x00garbage")
    with pytest.raises(LogStandsStill, match="missing or is not the log's own"):
        append()
    with pytest.raises(LogStandsStill, match="missing or is not the log's own"):
        signed_head()


def test_a_mark_that_cannot_be_written_leaves_no_signature(fill: Fill, monkeypatch):
    fill(2)

    def fails(*arguments: object) -> bool:
        raise OSError("no space")

    monkeypatch.setattr(FileMarkStore, "replace", fails)
    with pytest.raises(LogStandsStill, match="cannot be written"):
        signed_head()


@pytest.mark.django_db(transaction=True)
def test_the_mark_follows_each_commit_and_ignores_what_was_rolled_back():
    append()
    assert read_mark().size == 1
    with transaction.atomic():
        log.append(LogEvent.JOB_FAILED, actor="system", data={})
        transaction.set_rollback(True)
    assert read_mark().size == 1
    append()
    assert (read_mark().size, signed_head().size) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_signed_that_may_still_be_rolled_back():
    with transaction.atomic():
        log.append(LogEvent.JOB_FAILED, actor="system", data={})
        with pytest.raises(TransactionManagementError):
            signed_head()
    assert signed_head().size == 1


def test_every_size_can_be_shown_with_the_same_bytes_each_time(fill: Fill):
    fill(7)
    signed_head()
    for row in LogCheckpoint.objects.all():
        first = sign_stored(row)
        assert open_checkpoint(first.note, log_verify_key()) == Checkpoint(
            log_verify_key().name, row.size, bytes(row.root)
        )
        assert sign_stored(row) == first


def test_a_row_that_somebody_else_wrote_is_never_signed(fill: Fill):
    fill(3)
    row = LogCheckpoint.objects.get(size=3)
    tamper(
        "UPDATE provenance_logcheckpoint SET root = "
        "(SELECT root FROM provenance_logcheckpoint WHERE size = 2) WHERE size = 3"
    )
    with pytest.raises(log.LogDamaged):
        signed_head()
    row.note = row.note.replace("\n3\n", "\n4\n")
    row.size = 4
    row.save(force_insert=True)
    with pytest.raises(log.LogDamaged):
        append()


@pytest.mark.django_db
def test_readyz_says_that_nothing_new_is_accepted(fill: Fill):
    fill(2)
    signed_head()
    healthy = Client().get("/readyz").json()
    assert (healthy["accepts_work"], healthy["log"]) == (True, {"problem": ""})
    restore(1)
    answer = Client().get("/readyz")
    assert answer.status_code == 200  # verification goes on
    said = answer.json()
    assert (said["ok"], said["accepts_work"], said["log"]["code"]) == (False, False, "log_damaged")
    assert Client().get("/v1/log/checkpoint").json()["code"] == "log_damaged"


def command(name: str, *arguments: str) -> tuple[int, str]:
    output = StringIO()
    try:
        call_command(name, *arguments, stdout=output)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue()
    return 0, output.getvalue()


def test_the_mark_of_an_older_log_is_adopted_once(fill: Fill):
    fill(4)
    log_mark_file().unlink()
    assert command("auditlog_mark")[0] == 1
    code, output = command("auditlog_mark", "--adopt")
    assert code == 0
    assert output.split()[1] == "4"
    with pytest.raises(CommandError, match="already"):
        command("auditlog_mark", "--adopt")
    assert append().index == 4


def test_a_damaged_log_gets_no_mark(fill: Fill):
    fill(4)
    log_mark_file().unlink()
    tamper("UPDATE provenance_logentry SET body = '{}' WHERE \"index\" = 2")
    with pytest.raises(CommandError, match="damaged"):
        command("auditlog_mark", "--adopt")


@pytest.mark.django_db(transaction=True)
def test_a_new_log_names_the_last_root_of_the_old_one(fill: Fill, settings, tmp_path: Path):
    fill(6)
    old = signed_head()
    publish(log_verify_key())
    old_key, old_mark = Path(settings.LIKENESS_LOG_KEY_FILE), tmp_path / "old.mark"
    old_mark.write_bytes(log_mark_file().read_bytes())
    old_origin = settings.LIKENESS_LOG_ORIGIN
    restore(4)
    settings.LIKENESS_LOG_KEY_FILE = tmp_path / "new.pem"
    settings.LIKENESS_LOG_ORIGIN = "likeness.example/log2"
    create_log_key(tmp_path / "new.pem")
    arguments = ("--old-origin", old_origin, "--old-key", str(old_key), "--old-mark", str(old_mark))
    assert command("auditlog_new_log", *arguments) == (0, "Entry 4 of the new log names the old one.\n")

    entry = LogEntry.objects.get(index=4).entry
    assert entry.event is LogEvent.LOG_SUCCEEDED
    assert dict(entry.data) == {
        "old_origin": old_origin,
        "old_size": 6,
        "old_root": old.root.hex(),
        "kept_size": 4,
    }
    assert open_checkpoint(signed_head().note, log_verify_key()).origin == "likeness.example/log2"
    assert append().index == 5
    assert publish(log_verify_key())
    assert fsck() == (0, "6 entries, all as they were appended and signed.\n")


def test_a_new_log_needs_a_key_of_its_own(fill: Fill, settings, tmp_path: Path):
    fill(2)
    old_mark = tmp_path / "old.mark"
    signed_head()
    old_mark.write_bytes(log_mark_file().read_bytes())
    with pytest.raises(CommandError, match="a key of its own"):
        command(
            "auditlog_new_log",
            *("--old-origin", settings.LIKENESS_LOG_ORIGIN),
            *("--old-key", str(settings.LIKENESS_LOG_KEY_FILE)),
            *("--old-mark", str(old_mark)),
        )


@pytest.mark.skipif(connection.vendor == "postgresql", reason="there it is refused anyway")
def test_a_file_is_refused_beyond_one_machine(settings):
    assert check_log_mark() == []
    settings.STORAGES = {**settings.STORAGES, "media": {"OPTIONS": {"bucket_name": "media"}}}
    assert [message.id for message in check_log_mark()] == ["provenance.E007"]
    settings.LIKENESS_LOG_MARK_CALLBACK = "provenance.services.object_store_mark.mark_in_media_bucket"
    assert check_log_mark() == []


def test_a_bucket_keeps_the_mark_for_several_machines():
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="likeness", aws_secret_access_key="x"
        )
        client.create_bucket(Bucket="marks")
        first, second = ObjectMarkStore(client, "marks"), ObjectMarkStore(client, "marks")
        assert first.read() is None
        assert first.replace(None, b"one")
        assert not second.replace(None, b"other")
        assert second.replace(b"one", b"two")
        assert not first.replace(b"one", b"three")
        assert first.read() == b"two"


def test_of_two_writers_to_a_bucket_one_is_refused():
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="likeness", aws_secret_access_key="x"
        )
        client.create_bucket(Bucket="marks")
        store = ObjectMarkStore(client, "marks")
        store.replace(None, b"one")

        class Faster:
            """Another writer comes between reading and writing."""

            def get_object(self, **arguments: str):
                answer = client.get_object(**arguments)
                client.put_object(Bucket="marks", Key="log/mark", Body=b"theirs")
                return answer

            put_object = client.put_object

        assert not ObjectMarkStore(Faster(), "marks").replace(b"one", b"ours")
        assert store.read() == b"theirs"


def test_a_bucket_that_writes_in_spite_of_conditions_keeps_no_mark():
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="likeness", aws_secret_access_key="x"
        )
        client.create_bucket(Bucket="marks")

        class Careless:
            """A store that has never heard of conditions."""

            get_object = client.get_object

            def put_object(self, *, IfMatch: str = "", IfNoneMatch: str = "", **arguments: Any):  # noqa: N803
                return client.put_object(**arguments)

        with pytest.raises(OSError, match="two writers"):
            ObjectMarkStore(Careless(), "marks").replace(None, b"one")
        assert ObjectMarkStore(client, "marks").read() is None


@pytest.mark.slow
def test_drills_never_sign_two_roots_for_one_size(tmp_path: Path):
    """One of each kind; `python -m benchmarks.service.log_drills` runs fifty."""
    copy_migrated_database(tmp_path / "migrated.sqlite3")
    drills = [sys.executable, "-m", log_drills.__name__, str(len(log_drills.DRILLS)), "--json"]
    command = [*drills, "--migrated", str(tmp_path / "migrated.sqlite3")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = json.loads(done.stdout)
    assert outcomes.keys() == {drill.__name__ for drill in log_drills.DRILLS}
    assert {outcome["drills"] for outcome in outcomes.values()} == {1}
    assert all(outcome["signatures"] for outcome in outcomes.values())
    assert {name: outcome["forked_sizes"] for name, outcome in outcomes.items()} == dict.fromkeys(outcomes, 0)
    assert all(how in {"went on", "killed", "stood still"} for o in outcomes.values() for how in o["ends"])
