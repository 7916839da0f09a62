"""A partner adds somebody who does not exist, and makes a first video with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import Basis, ConsentState, Partner, ReviewPolicy, User
from accounts.services.consent.reviewing import confirm
from generation.by_log import are_samples
from generation.choices.wanted_job import WantedJob
from generation.models import DrivingAudio, FaceMatch, Job, Portrait, Rendition, Voice
from generation.samples import adding
from generation.samples.adding import AddedSample, add_sample
from generation.samples.catalogue import SAMPLES, SampleMissing, read_sample
from generation.services.face_register.comparing import attested_portraits
from generation.services.submit import submit_job
from provenance.common.errors import NotFound
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry
from provenance.services import log
from tests.factories import ask_consent
from tests.generation.conftest import run, stored_audio, stored_portrait

pytestmark = pytest.mark.django_db


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, partner_a: Partner, tmp_path: Path) -> None:
    """Intake of the sample's files is what any upload's is; here small files stand in for it."""

    def portrait(*, actor: object, subject_id, file: object) -> Portrait:
        stored = stored_portrait(partner_a, tmp_path)
        Portrait.objects.filter(pk=stored.pk).update(subject_id=subject_id())
        return Portrait.objects.get(pk=stored.pk)

    def speech(*, actor: object, file: object, voice: Voice) -> DrivingAudio:
        return DrivingAudio.objects.filter(partner=partner_a).first() or stored_audio(partner_a, tmp_path)

    monkeypatch.setattr(adding, "upload_portrait", portrait)
    monkeypatch.setattr(adding, "upload_driving_audio", speech)


@pytest.fixture
def maya(quick: None, alice: User) -> AddedSample:
    """The sample of that name, added by the owner of partner A."""
    return add_sample(actor=actor_of(alice), name="maya")


@pytest.fixture
def first(maya: AddedSample, alice: User) -> Job:
    """A job with nothing but the sample."""
    return submit_job(
        actor=actor_of(alice),
        wanted=WantedJob(portrait_id=maya.portrait.pk, driving_audio_id=maya.driving_audio.pk),
    )


def test_nobody_is_asked_and_the_consent_is_in_force(maya: AddedSample) -> None:
    assert maya.consent.current_state == ConsentState.GRANTED
    assert maya.consent.basis == Basis.NONEXISTENT_PERSON
    assert maya.portrait.subject.display_name == "Maya (sample)"
    assert maya.driving_audio.title == "Good morning, and welcome (sample)"


def test_the_log_says_that_the_service_confirmed_a_sample(maya: AddedSample) -> None:
    entry = LogEntry.objects.get(event="consent.confirmed")
    assert entry.actor == "system"
    assert entry.entry.data["sample"] == "maya"


def test_again_gives_the_same(maya: AddedSample, alice: User) -> None:
    again = add_sample(actor=actor_of(alice), name="maya")
    assert (again.portrait, again.consent) == (maya.portrait, maya.consent)


@pytest.mark.slow
def test_a_video_of_samples_alone_waits_for_no_reviewer(first: Job, partner_a: Partner) -> None:
    assert partner_a.review_policy == ReviewPolicy.REVIEW
    run(first)
    first.refresh_from_db()
    assert first.state == "released"


def test_a_sample_with_other_speech_is_reviewed(maya: AddedSample, alice: User, tmp_path: Path) -> None:
    other = stored_audio(maya.portrait.partner, tmp_path, 0.7)
    assert not are_samples(maya.consent, maya.portrait, other)


def test_speech_that_was_put_in_the_samples_place_is_reviewed(maya: AddedSample) -> None:
    DrivingAudio.objects.update(sha256="0" * 64)
    changed = DrivingAudio.objects.get(pk=maya.driving_audio.pk)
    assert not are_samples(maya.consent, maya.portrait, changed)


def test_a_picture_that_was_put_in_the_samples_place_is_reviewed(maya: AddedSample) -> None:
    Portrait.objects.update(sha256="0" * 64)
    changed = Portrait.objects.get(pk=maya.portrait.pk)
    assert not are_samples(maya.consent, changed, maya.driving_audio)


def test_what_a_reviewer_confirmed_is_no_sample(
    maya: AddedSample, amara: Portrait, alice: User, rita: User
) -> None:
    asked, _ = ask_consent(amara, alice, basis=Basis.NONEXISTENT_PERSON)
    grant = confirm(grant_id=asked.pk, actor=actor_of(rita))
    assert not are_samples(grant, amara, maya.driving_audio)


def test_a_partner_cannot_say_itself_that_its_speech_is_a_sample(maya: AddedSample, alice: User) -> None:
    said = {
        "driving_audio_id": maya.driving_audio.pk,
        "partner_id": maya.portrait.partner_id,
        "voice": "synthetic",
        "sample": "maya",
        "sample_digest": maya.driving_audio.sha256,
    }
    with transaction.atomic():
        log.append(LogEvent.DRIVING_AUDIO_VOICE_STATED, actor=alice.pk, data=said)
    assert not are_samples(maya.consent, maya.portrait, maya.driving_audio)


def test_samples_are_compared_with_nobodys_face(maya: AddedSample) -> None:
    Portrait.objects.update(sealed_descriptor="something")
    assert not attested_portraits().filter(pk=maya.portrait.pk).exists()
    assert not FaceMatch.objects.exists()


def test_an_unknown_sample_is_not_found(alice: User) -> None:
    with pytest.raises(NotFound):
        add_sample(actor=actor_of(alice), name="nobody")


def test_a_changed_file_is_no_sample(tmp_path: Path, settings) -> None:
    (tmp_path / "samples/portraits").mkdir(parents=True)
    (tmp_path / "samples/portraits/maya.jpg").write_bytes(b"somebody else")
    settings.BASE_DIR = tmp_path
    with pytest.raises(SampleMissing):
        read_sample("portraits/maya.jpg")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_files_are_those_of_the_release(name: str) -> None:
    assert read_sample(SAMPLES[name].portrait)
    assert read_sample(SAMPLES[name].speech)


def test_the_console_of_a_new_partner_offers_them(alice_browser: Client) -> None:
    page = alice_browser.get("/console/").content.decode()
    for sample in SAMPLES.values():
        assert f"Begin with {sample.display_name}" in page
        assert f"/console/samples/{sample.name}/picture/" in page


def test_the_button_leads_to_a_form_that_is_filled_in(quick: None, alice_browser: Client) -> None:
    answer = alice_browser.post("/console/samples/kenji/", follow=True)
    portrait, audio = Portrait.objects.get(), DrivingAudio.objects.get()
    page = answer.content.decode()
    assert f'value="{portrait.pk}" required checked' in page
    assert f'<option value="{audio.pk}" selected>' in page
    assert not Rendition.objects.exists()
