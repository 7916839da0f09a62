"""`manage.py retention --check` names everything that should be gone, wherever it is."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Contact, OneTimeCode
from accounts.services import likeness
from generation import storage
from generation.models import Job, Portrait, RenderSegment, Rendition
from generation.services.erasure.strays import FOLDERS, OTHER_FOLDERS
from generation.services.resumable.uploading import append_piece, begin_upload
from generation.services.segments.sweep import sweep_segments
from provenance.keys.log_mark import log_mark_file
from provenance.models import JournalEntry, Verification
from provenance.models.verification import ProblemJson
from provenance.services.misuse import close_report, report_misuse

pytestmark = pytest.mark.django_db

DAYS_AGO = time.time() - 3 * 86_400


def check(**later: float) -> dict[str, list[dict[str, str]]]:
    """What the command says at that time, by kind of place."""
    out = StringIO()
    with time_machine.travel(timezone.now() + timedelta(**later), tick=False), suppress(SystemExit):
        call_command("retention", "--check", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["ok"] == (not answer["left"])
    found: dict[str, list[dict[str, str]]] = {}
    for item in answer["left"]:
        found.setdefault(item["kind"], []).append(item)
    return found


def made_old(path: Path) -> Path:
    os.utime(path, (DAYS_AGO, DAYS_AGO))
    return path


def withdraw(grant) -> None:
    likeness.withdraw_one(grant.contact, grant.pk)
    JournalEntry.objects.update(written_at=timezone.now())
    OneTimeCode.objects.all().delete()


@pytest.mark.slow
def test_a_service_in_order_has_nothing_left(released, run_after, grant):
    assert check() == {}
    withdraw(grant)
    run_after(days=31)
    JournalEntry.objects.update(written_at=timezone.now())
    assert check(days=40) == {}


@pytest.mark.slow
def test_it_names_what_is_overdue(released, grant, amara, recording):
    withdraw(grant)
    assert check(days=29) == {}
    found = check(days=31)
    assert [item["name"] for item in found["rendition"]] == [released.pk]
    assert [item["name"] for item in found["portrait"]] == [amara.pk]
    assert [item["name"] for item in found["drivingaudio"]] == [recording.pk]


def test_it_names_the_text_of_a_report_that_was_closed_long_ago(run_after):
    report = report_misuse(kind="other", text="It shows my neighbour.")
    close_report(report.pk, actor="usr_rita", note="It was taken down.")
    assert "misuse report" not in check(days=364)
    assert [item["name"] for item in check(days=366)["misuse report"]] == [report.pk]

    run_after(days=366)

    report.refresh_from_db()
    assert (report.text, report.note) == ("", "")
    assert "misuse report" not in check(days=366)


@pytest.mark.slow
def test_it_names_a_file_that_is_back(released, run_after, sweep_after, grant):
    withdraw(grant)
    run_after(days=31)
    storages["media"].save(released.file_key, ContentFile(b"from a backup"))
    assert {item["name"] for item in check()["storage"]} == {released.file_key}
    assert sweep_after(days=31) == 1
    assert "storage" not in check()


def test_it_names_files_that_nothing_refers_to(sweep_after, amara):
    media = storages["media"]
    stray = media.save("renditions/ab/cd/" + "ab" * 32 + ".mp4", ContentFile(b"x"))
    half = media.path(stray).replace("ab" * 32, ".half." + "cd" * 8)
    Path(half).write_bytes(b"x")
    verification = media.save("verifications/vrf_nobody", ContentFile(b"x"))
    upload = Path(settings.FILE_UPLOAD_TEMP_DIR) / "tmpxyz.upload.mp4"
    upload.write_bytes(b"x")
    temporary = Path(tempfile.mkdtemp(prefix="likeness-intake-"))
    spool = Path(settings.LIKENESS_DATA_DIR) / "mail"
    spool.mkdir()
    (spool / "1.log").write_text("To: somebody@mail.example")
    assert check() == {}
    for path in (media.path(stray), half, media.path(verification), upload, temporary):
        made_old(Path(path))
    os.utime(spool / "1.log", (DAYS_AGO - 40 * 86_400,) * 2)

    found = check()
    assert len(found["storage"]) == 3
    assert (len(found["upload"]), len(found["temporary"])) == (1, 1)
    assert found["spool"][0]["name"] == "mail/1.log"
    assert sweep_after(minutes=1) == 6
    assert check() == {}
    assert Path(media.path(amara.image_key)).exists()


def test_it_names_folders_of_attempts_that_hold_no_job(db):
    folder = Path(settings.LIKENESS_DATA_DIR) / "attempts" / "job_x.owner"
    folder.mkdir(parents=True)
    assert [item["name"] for item in check()["attempt"]] == ["job_x.owner"]


def test_it_names_what_a_session_streamed_that_nobody_knows(db):
    folder = Path(settings.LIKENESS_DATA_DIR) / "live" / "lvr_nobody"
    folder.mkdir(parents=True)
    assert [item["name"] for item in check()["live session"]] == ["lvr_nobody"]


@pytest.mark.slow
def test_it_names_parts_of_a_video_whose_job_has_ended(released):
    Job.objects.update(finished_at=timezone.now())
    RenderSegment.objects.create(
        job=released.job, attempt="x", number=0, watermark_year=2026, plan_key="segments/x"
    )
    assert check() == {}
    assert [item["name"] for item in check(hours=2)["segments"]] == [released.job_id]
    sweep_segments()
    assert check(hours=2) == {}


@pytest.mark.slow
def test_it_names_pieces_of_a_file_that_nobody_used_in_its_day(alice, run_after):
    upload = begin_upload(actor=actor_of(alice), length=3, metadata="")
    append_piece(actor=actor_of(alice), upload_id=upload.pk, offset=0, body=BytesIO(b"abc"))
    assert check(hours=24) == {}
    assert [item["name"] for item in check(hours=26)["resumable upload"]] == [upload.pk]
    run_after(hours=26)
    assert check(hours=26) == {}
    assert list(storage.walk("uploads")) == []


def test_every_kind_of_file_is_walked_and_no_other_can_be_stored(tmp_path):
    beside = {"verifications", "checks"}  # for minutes, and not by what they hold
    assert {*FOLDERS, *OTHER_FOLDERS} == storage.KINDS | beside
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(ValueError, match="KINDS"):
        storage.store("previews", tmp_path / "x", ".mp4")


@pytest.mark.slow
def test_it_names_text_that_is_left(released, run_after, grant, amara):
    withdraw(grant)
    run_after(days=31)
    amara.subject.__class__.objects.update(email="back@mail.example")
    Contact.objects.update(address="back@mail.example")
    Portrait.objects.update(credentials={"signer": "x"})
    Rendition.objects.update(note="x")
    assert set(check()) >= {"subject", "contact", "portrait", "rendition"}


def test_it_names_what_is_cached_that_is_no_counter(db):
    cache.set("counter", 3)
    assert check() == {}
    cache.set("thumbnail", b"x" * 5000)
    assert len(check()["cache"]) == 1


@pytest.mark.slow
def test_it_names_answers_and_entries_that_were_forgotten(grant):
    old = timezone.now() - timedelta(hours=5)
    problem: ProblemJson = {"code": "x", "title": "x", "hint": "x"}
    Verification.objects.create(state="refused", problem=problem, answered_at=old)
    likeness.withdraw_one(grant.contact, grant.pk)
    JournalEntry.objects.update(time=old)
    found = check()
    assert (len(found["verification"]), len(found["journal"])) == (1, 1)


@pytest.mark.slow
def test_the_command_erases_what_is_due_and_says_how_much(released, grant):
    withdraw(grant)
    out = StringIO()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        call_command("retention", stdout=out)
    assert out.getvalue().startswith("Erased 3 files, 1 subjects, 1 contacts, 0 strays. 0 files")


@pytest.mark.slow
def test_it_erases_nothing_while_the_log_stands_still(released, grant):
    log_mark_file().unlink()
    with pytest.raises(CommandError, match="log_damaged"):
        call_command("retention")
