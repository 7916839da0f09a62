"""Retention: what no consent covers is erased within the stated days, and nothing else is."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.contact_errors import AskingStopped
from accounts.models import ConsentGrant, ConsentState, Contact, Partner
from accounts.services import consent as consents
from accounts.services import likeness, partners
from accounts.services.contacts.addresses import contact_of
from accounts.services.contacts.limits import require_may_ask
from accounts.services.contacts.stops import stop_requests
from generation import storage
from generation.models import DrivingAudio, ErasureReason, Job, Portrait, Rendition
from generation.services.erasure.erase import begin, finish
from generation.services.erasure.run import ClockBehind, erase_what_is_due
from provenance.common.clock import now_of_database
from provenance.log.entries import LogEvent
from provenance.models import LogEntry, Record
from provenance.selectors.decisions import record_differences, state_findings
from provenance.selectors.evidence import record_facts
from tests.factories import SubjectFactory, ask_subject, granted_consent
from tests.generation.conftest import stored_portrait
from tests.generation.erasure.conftest import stored

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def end(grant: ConsentGrant) -> None:
    """The subject withdraws at My likeness."""
    assert grant.contact is not None
    likeness.withdraw_one(grant.contact, grant.pk)


def test_a_consent_in_force_keeps_everything(run_after, sweep_after, released):
    before = stored()
    assert len(before) == 3
    done = run_after(days=29)
    assert (done.files, done.subjects, sweep_after(days=29)) == (0, 0, 0)
    assert stored() == before


def test_after_a_withdrawal_and_the_days_nothing_is_left_but_the_record(run_after, released, grant):
    end(grant)
    assert run_after(days=29).files == 0
    assert len(stored()) == 3

    done = run_after(days=31)

    assert (done.files, done.subjects, done.contacts, done.left) == (3, 1, 1, 0)
    assert stored() == set()
    assert run_after(days=32).files == 0
    facts = record_facts(rendition_id=released.pk)
    record = Record.objects.get(pk=released.pk)
    assert facts is not None
    assert (facts.state, facts.is_in_log) == ("withdrawn", True)
    assert record.content_prints
    assert record.fingerprints
    assert record_differences(record) == []
    assert list(state_findings()) == []


def test_an_expired_consent_ends_in_the_same_way_and_the_verdict_stays(run_after, released, grant):
    assert run_after(days=59).files == 0

    assert run_after(days=61).files == 3

    assert stored() == set()
    assert Record.objects.get(pk=released.pk).state == "released"
    assert list(state_findings()) == []


def test_a_video_that_waits_for_review_is_revoked_when_its_consent_expired_long_ago(run_after, waiting):
    run_after(days=61)
    waiting.job.refresh_from_db()
    assert (waiting.job.state, waiting.job.reason_code) == ("revoked", "consent_expired")
    assert stored() == set()


def test_names_and_texts_go_too_and_the_log_says_what_went(run_after, released, grant, amara, recording):
    subject = amara.subject
    name, email = subject.display_name, subject.email
    Portrait.objects.update(credentials={"signer": "Somebody"})
    Rendition.objects.update(note="She looks tired")
    end(grant)

    run_after(days=31)

    subject.refresh_from_db()
    assert (subject.display_name, subject.email) == ("Erased person", "")
    models = (Portrait, Rendition, Contact, ConsentGrant)
    rows: list[object] = [row for model in models for row in model._default_manager.values()]
    for text in (name, email, "Somebody", "tired"):
        assert text not in str(rows)
    said = {entry.event: entry.entry.data for entry in LogEntry.objects.filter(event__endswith=".erased")}
    assert said[LogEvent.PORTRAIT_ERASED.value]["portrait_id"] == amara.pk
    assert said[LogEvent.DRIVING_AUDIO_ERASED.value]["driving_audio_id"] == recording.pk
    assert said[LogEvent.RENDITION_ERASED.value]["reason"] == "retention"
    assert said[LogEvent.SUBJECT_ERASED.value]["subject_id"] == amara.subject_id


def test_another_consent_in_force_keeps_the_portrait_and_its_own_video(
    run_after, released, grant, amara, alice
):
    end(grant)
    with time_machine.travel(timezone.now() + timedelta(days=31)):  # they may be asked again from then on
        granted_consent(amara, alice, valid_until=timezone.now() + timedelta(days=90))
    run_after(days=62)
    amara.refresh_from_db()
    assert amara.erased_at is None
    assert amara.image_key in stored()
    assert released.file_key not in stored()


def test_a_portrait_that_nobody_was_asked_about_goes_after_the_days(run_after, amara):
    assert run_after(days=29).files == 0
    assert run_after(days=31).files == 1


def test_a_request_that_is_open_keeps_its_portrait(run_after, amara, alice):
    ask_subject(amara, alice, valid_until=timezone.now() + timedelta(days=300))
    assert run_after(days=13).files == 0
    assert run_after(days=40).files == 0  # thirty days after its link ended
    assert run_after(days=45).files == 1


def test_a_no_ends_it(run_after, amara, alice):
    _, token = ask_subject(amara, alice, valid_until=timezone.now() + timedelta(days=300))
    consents.decline(token)
    assert run_after(days=31).files == 1


@pytest.fixture
def theirs(partner_b, charlie, tmp_path):
    """The same picture, which another partner has a consent for."""
    portrait = stored_portrait(partner_b, tmp_path)
    granted_consent(portrait, charlie, valid_until=timezone.now() + timedelta(days=300))
    return portrait


def test_the_file_that_another_partner_holds_stays_for_it(run_after, grant, amara, theirs):
    assert theirs.image_key == amara.image_key
    end(grant)

    run_after(days=31)

    amara.refresh_from_db()
    theirs.refresh_from_db()
    assert amara.erased_at is not None
    assert theirs.erased_at is None
    assert theirs.image_key in stored()


def test_an_edited_row_erases_nothing(run_after, released, grant):
    ConsentGrant.objects.filter(pk=grant.pk).update(
        state=ConsentState.WITHDRAWN, withdrawn_at=timezone.now() - timedelta(days=90)
    )
    assert run_after(days=1).files == 0
    ConsentGrant.objects.filter(pk=grant.pk).update(
        state=ConsentState.GRANTED, withdrawn_at=None, valid_until=timezone.now() - timedelta(days=90)
    )
    assert run_after(days=1).files == 0
    Partner.objects.filter(pk=grant.partner_id).update(keep_sources_days=0, keep_videos_days=0)
    assert run_after(days=31).files == 0


def test_a_withdrawal_that_was_dated_back_erases_nothing_earlier(run_after, released, grant):
    end(grant)
    ConsentGrant.objects.update(withdrawn_at=timezone.now() - timedelta(days=90))
    Job.objects.update(state_since=timezone.now() - timedelta(days=90))
    assert run_after(days=29).files == 0
    assert run_after(days=31).files == 3


def test_a_partner_has_days_of_its_own(run_after, released, grant, otto):
    partners.set_retention(
        partner_id=grant.partner_id, keep_sources_days=5, keep_videos_days=60, actor=actor_of(otto)
    )
    end(grant)
    assert run_after(days=4).files == 0
    assert run_after(days=6).files == 2
    assert stored() == {released.file_key}
    assert run_after(days=61).files == 1


def test_without_any_days_it_goes_at_once_but_not_before_somebody_could_be_asked(
    settings, run_after, released, grant, tmp_path
):
    settings.LIKENESS_KEEP_SOURCES_DAYS = settings.LIKENESS_KEEP_VIDEOS_DAYS = 0
    fresh = stored_portrait(grant.partner, tmp_path, size=400)
    end(grant)
    run_after(minutes=1)
    assert stored() == {fresh.image_key}


def test_an_erasure_that_the_storage_refuses_is_claimed_nowhere_and_tried_again(
    run_after, released, grant, monkeypatch
):
    end(grant)
    with monkeypatch.context() as broken:
        broken.setattr("generation.storage.is_stored", lambda key: True)
        done = run_after(days=31)
    assert (done.files, done.left) == (0, 3)
    assert not LogEntry.objects.filter(event__endswith=".erased").exists()
    assert all(row.is_erased and row.erased_at is None for row in Rendition.objects.all())

    assert run_after(days=31).files == 3


def test_a_crash_between_the_file_and_the_log_is_finished_by_the_next_run(run_after, amara, monkeypatch):
    begin(amara, reason=ErasureReason.RETENTION, actor_id="system")
    with monkeypatch.context() as killed:
        killed.setattr("generation.services.erasure.erase.log.append", _killed)
        with pytest.raises(KeyboardInterrupt):
            finish(amara)
    amara.refresh_from_db()
    assert (storage.is_stored(amara.image_key), amara.erased_at) == (False, None)

    assert run_after(minutes=1).files == 1
    assert LogEntry.objects.filter(event="portrait.erased").count() == 1


def _killed(*args: object, **kwargs: object) -> None:
    raise KeyboardInterrupt


def test_a_clock_that_is_behind_the_log_erases_nothing(released, grant):
    end(grant)
    with time_machine.travel(timezone.now() - timedelta(hours=2)), pytest.raises(ClockBehind):
        erase_what_is_due()


def test_a_stop_outlives_the_address_it_was_made_at(run_after, grant, amara, alice, partner_a):
    assert grant.contact is not None
    end(grant)
    email = amara.subject.email
    run_after(days=31)
    contact = Contact.objects.get()
    assert contact.address.startswith("erased:")

    again = SubjectFactory(partner=partner_a, email=email)

    stop_requests(contact=contact, partner=None, actor=actor_of(alice))

    with pytest.raises(AskingStopped):
        require_may_ask(partner=partner_a, contact=contact_of(again))


def test_an_address_with_a_stop_is_kept_so_that_it_can_be_lifted(run_after, grant, alice):
    assert grant.contact is not None
    stop_requests(contact=grant.contact, partner=None, actor=actor_of(alice))
    end(grant)
    run_after(days=31)
    assert "@" in Contact.objects.get().address


def test_a_recording_is_kept_as_long_as_a_consent_of_one_of_its_videos(
    run_after, submit, recording, job, grant
):
    assert run_after(days=29).files == 0
    recording.refresh_from_db()
    assert recording.erased_at is None


def test_uploading_again_brings_a_tombstone_back_to_life(run_after, api_a, recording, tmp_path):

    content = storage.open_file(recording.audio_key).read()
    run_after(days=31)
    assert DrivingAudio.objects.get().erased_at is not None
    assert hashlib.sha256(content).hexdigest() == recording.sha256

    answer = api_a.post("/v1/driving-audio", {"file": SimpleUploadedFile("a.wav", content, "audio/wav")})

    assert answer.status_code == 201
    back = DrivingAudio.objects.get(pk=answer.json()["id"])
    assert (back.erased_at, storage.is_stored(back.audio_key)) == (None, True)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no clock of its own")
def test_a_wrong_clock_of_this_machine_is_not_asked(monkeypatch, released, grant):
    monkeypatch.setattr("generation.services.erasure.run.now_of_database", now_of_database)
    end(grant)
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        assert erase_what_is_due().files == 0
