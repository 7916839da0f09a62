"""Somebody with full rights tampers by SQL; `auditlog_fsck` says what they did, and exits 1."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from provenance.keys.log_mark import log_mark_file
from provenance.keys.service_keys import log_signing_key, log_verify_key
from provenance.log.mark import empty_mark
from provenance.models.log_triggers import install_triggers
from provenance.selectors.checked_head import checked_file
from provenance.services import published_checkpoint
from provenance.services.log import LogStandsStill, signed_head
from provenance.tasks import publish_checkpoint
from tests.append_only import drop_triggers


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """A media folder of the test's own, with nothing published yet."""
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path)},
    }
    settings.STORAGES = {**settings.STORAGES, "media": storage}
    return tmp_path


def fsck(*arguments: str) -> tuple[int, str]:
    output = StringIO()
    try:
        call_command("auditlog_fsck", *arguments, stdout=output)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue()
    return 0, output.getvalue()


def tamper(*statements: str) -> None:
    """Drop the triggers, run SQL, put the triggers back: what somebody does who wants to leave no trace."""
    connection.check_constraints()  # within a test's transaction, PostgreSQL lets no table be altered before
    drop_triggers()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.check_constraints()
    install_triggers()


def test_it_says_that_a_sound_log_is_sound(fill):
    fill(9)
    assert fsck() == (0, "9 entries, all as they were appended and signed.\n")
    assert json.loads(fsck("--json")[1]) == {
        "ok": True,
        "entries": 9,
        "begin": 0,
        "findings": [],
        "missing_triggers": [],
        "rows": [],
    }


@pytest.mark.django_db
def test_an_empty_log_is_sound():
    assert fsck() == (0, "0 entries, all as they were appended and signed.\n")


CHANGE = (
    """UPDATE provenance_logentry SET body = replace(body, '"frames":4', '"frames":5') WHERE "index" = 4"""
)
REMOVE = 'DELETE FROM provenance_logentry WHERE "index" = 4'
FORGET = "DELETE FROM provenance_logreference WHERE entry_id IN (4, 6)"
SWAP = [
    f'UPDATE provenance_logentry SET "index" = {after} WHERE "index" = {before}'  # noqa: S608
    for before, after in ((4, 99), (6, 4), (99, 6))
]
ADD = """INSERT INTO provenance_logentry ("index", time, event, actor, body)
    SELECT 9, time, event, actor, body FROM provenance_logentry WHERE "index" = 4"""
DISGUISE = "UPDATE provenance_logentry SET actor = 'usr_somebody_else' WHERE \"index\" = 4"
FALSE_HASH = """UPDATE provenance_lognode
    SET hash = (SELECT hash FROM provenance_lognode WHERE position = 0) WHERE position = 9"""
# The first character of the root hash, which stands behind the lines of origin and size.
ROOT = len(settings.LIKENESS_LOG_ORIGIN) + len("\n5\n") + 1
FORGE = f"""UPDATE provenance_logcheckpoint SET note = substr(note, 1, {ROOT - 1})
    || CASE substr(note, {ROOT}, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(note, {ROOT + 1})
    WHERE size = 5"""  # noqa: S608
UNSIGN = "DELETE FROM provenance_logcheckpoint WHERE size = 5"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([CHANGE], "entry_changed: entry 4 was changed"),
        ([FORGET, REMOVE], "entry_removed: entry 4 was removed"),
        ([FORGET, *SWAP], "entry_moved: row 4 holds the entry that belongs at 6"),
        ([ADD], "entry_added: entry 9 was added"),
        ([DISGUISE], "column_changed: the column actor of entry 4"),
        ([FORGET], "column_changed: the column references of entry 4"),
        ([FALSE_HASH], "node_changed: the stored hash of level 1, offset 2"),
        ([FORGE], "checkpoint_bad_signature: the checkpoint of 5 entries"),
        ([UNSIGN], "checkpoint_removed: the checkpoint of 5 entries"),
    ],
)
def test_it_names_what_was_done_by_sql(fill, statements, said):
    fill(9)
    tamper(*statements)
    code, output = fsck()
    assert code == 1
    assert output.startswith(said)


def test_it_prints_one_line_for_each_finding_and_the_same_as_json(fill):
    fill(9)
    tamper(
        "UPDATE provenance_logentry SET body = '{}' WHERE \"index\" = 2",
        "DELETE FROM provenance_logcheckpoint WHERE size = 7",
    )
    code, output = fsck()
    found = json.loads(fsck("--json")[1])
    assert code == 1
    assert found["ok"] is False
    assert [(each["damage"], each["place"]) for each in found["findings"]] == [
        ("entry_changed", 2),
        ("checkpoint_removed", 7),
    ]
    assert output.splitlines() == [f"{each['damage']}: {each['message']}" for each in found["findings"]]


def test_it_names_missing_triggers(fill):
    fill(1)
    drop_triggers()
    code, output = fsck()
    assert code == 1
    assert "trigger_missing: provenance_logentry_no_" in output


def cut_to(size: int) -> list[str]:
    """The statements that remove everything after the first `size` entries."""
    nodes = 2 * size - size.bit_count()
    return [
        f"DELETE FROM {table} WHERE {column} >= {start}"  # noqa: S608
        for table, column, start in (
            ("provenance_logreference", "entry_id", size),
            ("provenance_logentry", '"index"', size),
            ("provenance_lognode", "position", nodes),
            ("provenance_logcheckpoint", "size", size + 1),
        )
    ]


def test_a_log_cut_short_contradicts_a_checkpoint_that_somebody_kept(fill, tmp_path):
    fill(9)
    kept = tmp_path / "kept.txt"
    kept.write_text(signed_head().note)
    assert fsck("--against", str(kept))[0] == 0
    tamper(*cut_to(6))
    assert fsck("--against", str(kept)) == (
        1,
        "rolled_back: 9 entries were published, but only 6 are here: the last ones were removed\n",
    )


def test_a_log_cut_short_contradicts_its_high_water_mark(fill):
    fill(9)
    signed_head()
    tamper(*cut_to(6))
    assert fsck() == (
        1,
        "rolled_back: 9 entries were published, but only 6 are here: the last ones were removed\n",
    )


@pytest.mark.parametrize("mark", [b"", b"\xff\xfe", b"garbage", None])
def test_a_high_water_mark_that_is_lost_or_garbage_is_named(fill, mark):
    fill(3)
    if mark is None:
        log_mark_file().unlink()
    else:
        log_mark_file().write_bytes(mark)
    code, output = fsck()
    assert code == 1
    assert output.startswith("mark_unusable: ")


def test_a_log_cut_short_contradicts_the_checkpoint_it_published_itself(fill):
    fill(9)
    publish_checkpoint()
    tamper(*cut_to(6))
    code, output = fsck()
    assert code == 1
    assert output.startswith("rolled_back: 9 entries")


def test_it_refuses_a_file_that_is_no_checkpoint_of_this_log(fill, tmp_path):
    fill(1)
    forged = tmp_path / "forged.txt"
    forged.write_text(signed_head().note.replace("1", "2", 1))
    for path in (forged, tmp_path / "nothing.txt"):
        with pytest.raises(CommandError, match="no checkpoint of this log"):
            call_command("auditlog_fsck", "--against", str(path))


def test_publishing_twice_changes_nothing_and_goes_on_with_the_log(fill, media):
    fill(2)
    publish_checkpoint()
    publish_checkpoint()
    assert (media / "log" / "checkpoint").read_text() == signed_head().note
    fill(3)
    publish_checkpoint()
    published = published_checkpoint.read_published(log_verify_key())
    assert published is not None
    assert published.size == 5


@pytest.mark.django_db
def test_publishing_an_empty_log_writes_nothing(media):
    publish_checkpoint()
    assert not (media / "log").exists()


def test_publishing_refuses_a_log_that_went_back(fill, media):
    fill(9)
    publish_checkpoint()
    before = (media / "log" / "checkpoint").read_text()
    tamper(*cut_to(6))
    with pytest.raises(published_checkpoint.CheckpointContradicted):
        publish_checkpoint()
    with pytest.raises(LogStandsStill):
        fill(1)
    log_mark_file().write_bytes(empty_mark(log_signing_key()))
    fill(4)  # longer than before, with another history, by somebody who put the mark back too
    with pytest.raises(published_checkpoint.CheckpointContradicted):
        publish_checkpoint()
    assert (media / "log" / "checkpoint").read_text() == before


def test_a_published_checkpoint_that_is_not_ours_is_an_error(fill):
    fill(1)
    storages["media"].save(published_checkpoint.NAME, ContentFile(b"forged"))
    with pytest.raises(published_checkpoint.CheckpointContradicted):
        publish_checkpoint()


CHANGE_NEW = "UPDATE provenance_logentry SET body = replace(body, 'job_', 'jot_') WHERE \"index\" = 10"
FALSE_EDGE = f"{FALSE_HASH.rpartition('=')[0]}= 14"


def test_it_reads_only_what_is_new(fill, django_assert_max_num_queries):
    fill(9)
    assert fsck("--new") == (0, "9 entries, all as they were appended and signed.\n")
    fill(3)
    with django_assert_max_num_queries(40) as found:
        assert fsck("--new") == (0, "12 entries, the 3 new ones as they were appended and signed.\n")
    read = [query["sql"] for query in found if 'ORDER BY "index"' in query["sql"]]
    assert len(read) == 1
    assert '"index" >= 9' in read[0]
    assert json.loads(fsck("--new", "--json")[1])["begin"] == 12


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (CHANGE_NEW, "entry_changed"),
        (UNSIGN.replace("5", "11"), "checkpoint_removed"),
        (FORGET.replace("(4, 6)", "(10)"), "column_changed"),
        (ADD.replace("SELECT 9", "SELECT 12"), "entry_added"),
    ],
)
def test_it_names_what_was_done_to_what_is_new(fill, statement, said):
    fill(9)
    fsck("--new")
    fill(3)
    tamper(statement)
    code, output = fsck("--new")
    assert code == 1
    assert output.startswith(said)
    assert fsck("--new")[0] == 1, "what was found wrong is not taken for checked"


def test_it_reads_everything_where_the_hashes_do_not_lead_to_what_was_checked(fill):
    fill(9)
    fsck("--new")
    tamper(CHANGE, FALSE_EDGE)
    code, output = fsck("--new")
    assert code == 1
    assert "entry 4 was changed" in output


def test_it_reads_everything_where_what_was_checked_is_not_authentic(fill):
    fill(9)
    fsck("--new")
    tamper(CHANGE)
    assert fsck("--new")[0] == 0, "earlier rows are not read, as the help says"
    checked_file().write_bytes(checked_file().read_bytes().replace(b"\n9\n", b"\n8\n"))
    assert fsck("--new")[0] == 1
    assert fsck()[0] == 1


def test_a_log_that_was_cut_short_is_read_as_a_whole(fill):
    fill(9)
    fsck("--new")
    tamper(
        "DELETE FROM provenance_logreference WHERE entry_id > 5",
        'DELETE FROM provenance_logentry WHERE "index" > 5',
        "DELETE FROM provenance_lognode WHERE position >= 10",
        "DELETE FROM provenance_logcheckpoint WHERE size > 6",
    )
    code, output = fsck("--new")
    assert code == 1
    assert "rolled_back" in output


@pytest.mark.django_db
def test_tables_of_an_earlier_version_are_not_taken_for_edited_ones() -> None:
    MigrationRecorder(connection).migration_qs.filter(app="provenance").latest("applied").delete()
    with pytest.raises(CommandError, match=r"1 migrations are not applied.*manage\.py migrate"):
        fsck("--state")
    assert fsck()[0] == 0
