"""Restore is no way back: withdrawals and erasures hold before anything is served from an older database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.test import Client

from accounts.access.actors import actor_of
from accounts.contact_errors import AskingStopped
from accounts.models import AskingStop, ConsentGrant, Contact, Subject
from accounts.services import consent, likeness
from accounts.services.contacts.stops import allow_requests, stop_requests
from accounts.services.erasure import erase_contact
from generation import storage
from generation.animation.protocols import PortraitAnimator
from generation.models import ErasureReason, Portrait
from generation.services.attempt import run_attempt
from generation.services.erasure.erase import begin, finish
from provenance.common.errors import CodedError
from provenance.keys.log_mark import log_mark_store
from provenance.log.entries import LogEvent
from provenance.models import JournalEntry, LogEntry
from provenance.selectors.decisions import state_findings
from provenance.selectors.evidence import record_facts
from provenance.selectors.signed_head import advance_mark
from provenance.services.journal import (
    JournalUnread,
    append_missing,
    catch_up,
    forget,
    journal_file,
    require_caught_up,
    write_unwritten,
)
from tests.conftest import browser_of
from tests.factories import agree, ask_subject
from tests.generation.erasure.conftest import stored
from tests.generation.kept import kept_session

pytestmark = pytest.mark.django_db


@contextmanager
def lost_with_the_database(*, log_stands_still: bool = False) -> Iterator[None]:
    """What happens inside is committed and in the journal, and then an older database is put back."""
    point = transaction.savepoint()
    mark = log_mark_store().read()
    yield
    write_unwritten()
    if log_stands_still:
        advance_mark()
    transaction.savepoint_rollback(point)
    assert log_mark_store().read() == mark or log_stands_still
    forget()


def withdraw(grant: ConsentGrant) -> None:
    assert grant.contact is not None
    likeness.withdraw_one(grant.contact, grant.pk)


@pytest.mark.slow
@pytest.mark.parametrize("log_stands_still", [False, True])
def test_a_withdrawn_video_is_not_handed_out_again(alice, grant, released, log_stands_still):
    browser = browser_of(alice)
    with lost_with_the_database(log_stands_still=log_stands_still):
        withdraw(grant)
    grant.refresh_from_db()
    assert grant.state == "granted"

    answer = browser.get(f"/console/renditions/{released.pk}/video/")

    assert answer.status_code == 409
    grant.refresh_from_db()
    released.job.refresh_from_db()
    assert (grant.state, released.job.state) == ("withdrawn", "revoked")
    facts = record_facts(rendition_id=released.pk)
    assert facts is not None
    assert (facts.state, facts.is_in_log) == ("withdrawn", True)


def test_nobody_works_under_a_consent_that_was_withdrawn(grant, job):
    with lost_with_the_database():
        withdraw(grant)
    run_attempt(job_id=job.pk, load_animator=_no_animator)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("cancelled", "consent_withdrawn")


def _no_animator(renderer: str) -> PortraitAnimator:
    raise AssertionError("Nobody renders it")


@pytest.mark.parametrize("way", ["link", "everything"])
def test_a_yes_that_was_taken_back_does_not_come_back_before_a_reviewer(alice, amara, rita, way):
    _, token = ask_subject(amara, alice)
    agreed = agree(token)
    with lost_with_the_database():
        if way == "link":
            consent.decline(token)
        else:
            assert agreed.contact is not None
            likeness.decline_open(agreed.contact)
    agreed.refresh_from_db()
    assert agreed.state == "recorded"
    require_caught_up()

    with pytest.raises(CodedError):
        consent.confirm_recorded(grant_id=agreed.pk, actor=actor_of(rita))

    agreed.refresh_from_db()
    assert agreed.state == "expired"
    assert list(state_findings()) == []


@pytest.mark.slow
def test_the_log_is_told_once_it_goes_on(grant, released):
    with lost_with_the_database():
        withdraw(grant)
    catch_up()
    said = LogEntry.objects.filter(references__value__in=[grant.pk, released.pk])
    events = [entry.event for entry in said.order_by("index")]
    assert events.count(LogEvent.CONSENT_WITHDRAWN.value) == 1
    assert events.count(LogEvent.RENDITION_REVOKED.value) == 1
    assert list(state_findings()) == []
    assert append_missing() == 0


@pytest.mark.slow
def test_erased_files_that_came_back_are_given_to_nobody_and_erased_again(
    run_after, alice_browser, amara, grant, released
):
    kept = {path: path.read_bytes() for path in _files()}
    with lost_with_the_database():
        withdraw(grant)
        for row in (amara, released):
            begin(row, reason=ErasureReason.SUBJECT_REQUEST, actor_id="system")
            finish(row)
        assert len(stored()) == 1
    for path, content in kept.items():  # the backup of the media is put back too
        path.write_bytes(content)
    assert len(stored()) == 3

    assert alice_browser.get(f"/console/portraits/{amara.pk}/picture/").status_code == 410
    run_after(minutes=1)
    assert len(stored()) == 1
    amara.refresh_from_db()
    assert (amara.erasure_reason, amara.erased_at is None) == ("subject_request", False)


def _files() -> list[Path]:
    return [Path(storages["media"].path(key)) for key in stored()]


def test_a_kept_live_session_and_a_motion_track_do_not_come_back(run_after, grant, recording, tmp_path):
    kept = kept_session(grant, tmp_path)
    track = tmp_path / "motion.csv"
    track.write_text("Timecode")
    recording.motion_key = storage.store("motion-tracks", track, ".csv")
    recording.save()
    keys = (kept.file_key, recording.motion_key)
    content = [storage.open_file(key).read() for key in keys]
    with lost_with_the_database():
        for row in (kept, recording):
            begin(row, reason=ErasureReason.SUBJECT_REQUEST, actor_id="system")
            finish(row)
    for key, data in zip(keys, content, strict=True):  # the backup of the media is put back too
        storages["media"].save(key, ContentFile(data))

    run_after(minutes=1)

    assert not any(storage.is_stored(key) for key in keys)
    kept.refresh_from_db()
    assert kept.erasure_reason == "subject_request"


def test_what_was_uploaded_again_after_its_erasure_stays(amara):
    with lost_with_the_database():
        begin(amara, reason=ErasureReason.PARTNER_REQUEST, actor_id="system")
    Portrait.objects.filter(pk=amara.pk).update(stored_at="2100-01-01T00:00:00Z")
    catch_up()
    amara.refresh_from_db()
    assert not amara.is_erased


@pytest.mark.slow
def test_names_and_addresses_do_not_come_back(run_after, grant, amara):
    email = amara.subject.email
    contact = Contact.objects.get()
    with lost_with_the_database():
        withdraw(grant)
        run_after(days=31)
    assert Contact.objects.get().address == email
    catch_up()
    assert email not in f"{list(Contact.objects.values())} {list(Subject.objects.values())}"
    assert not erase_contact(contact)


def test_do_not_ask_me_again_is_remembered_and_so_is_its_end(alice, amara, grant):
    assert grant.contact is not None
    with lost_with_the_database():
        stop_requests(contact=grant.contact, partner=None, actor=actor_of(alice))
    catch_up()
    with pytest.raises(AskingStopped):
        ask_subject(amara, alice)
    with lost_with_the_database():
        allow_requests(contact=grant.contact, partner=None, actor=actor_of(alice))
    catch_up()
    assert not AskingStop.objects.exists()


def test_nothing_is_served_while_the_journal_cannot_be_read(vera: Client, api_a: Client, grant):
    with lost_with_the_database():
        withdraw(grant)
    journal_file().write_bytes(b"not a line\n" + journal_file().read_bytes())
    for browser, path in ((vera, "/"), (vera, "/likeness/"), (api_a, "/v1/portraits")):
        forget()
        assert browser.get(path).status_code == 503
    answer = api_a.get("/v1/portraits")
    assert answer.json()["code"] == "journal_unread"
    assert vera.get("/livez").status_code == 200
    with pytest.raises(JournalUnread):
        require_caught_up()


def test_a_line_that_a_power_cut_tore_was_never_written(grant):
    with lost_with_the_database():
        withdraw(grant)
    whole = journal_file().read_bytes()
    journal_file().write_bytes(whole + b'{"v":1,"id":"jrn_half')
    assert catch_up() == 1
    JournalEntry.objects.update(written_at=None)
    write_unwritten()
    assert journal_file().read_bytes() == whole + whole


def test_an_entry_that_was_not_copied_before_a_crash_is_copied_later(grant):
    withdraw(grant)
    assert not journal_file().exists()
    assert write_unwritten() == 1
    assert write_unwritten() == 0
    assert grant.pk in journal_file().read_text()


@pytest.mark.slow
def test_nothing_personal_is_in_the_journal(run_after: Callable[..., object], grant, released, amara):
    withdraw(grant)
    run_after(days=31)
    text = journal_file().read_text()
    assert amara.subject_id in text
    assert "@" not in text
    assert amara.subject.display_name not in text


@pytest.mark.slow
def test_the_upgrade_notes_what_was_withdrawn_before(grant, released):
    withdraw(grant)
    JournalEntry.objects.all().delete()
    import_module("accounts.migrations.0009_note_earlier_withdrawals").note(apps, None)
    assert {(entry.kind, entry.about) for entry in JournalEntry.objects.all()} == {
        ("consent_withdrawn", grant.pk),
        ("rendition_withdrawn", released.pk),
    }
    assert write_unwritten() == 2
