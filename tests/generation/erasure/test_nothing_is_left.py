"""After somebody had everything erased, no table and no file has their name, address, face or voice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.access.actors import actor_of
from accounts.models import Contact, Partner, Subject, User
from accounts.services import consent, likeness
from generation import storage
from generation.models import FaceRegistration, Voice
from generation.services.erasure.check import find_left
from generation.services.erasure.strays import FOLDERS, OTHER_FOLDERS
from generation.services.face_register.sealed_faces import VALUES, seal_descriptor, seal_picture
from generation.services.likeness.erasing import erase_everything
from generation.services.live_check.receiving import draw_phrase, receive_recording
from generation.services.voice_consent import answering
from generation.services.voice_consent.asking import ask_speaker, send_voice_request
from provenance.models.journal import JournalEntry
from tests.accounts.reading import found
from tests.factories import ask_subject, newest_mail, say_yes
from tests.generation.conftest import stored_audio, stored_portrait
from tests.generation.kept import kept_session
from tools.visitor import empty_recording

pytestmark = pytest.mark.django_db
NAME, ADDRESS = "Quentin Quillfeather", "quentin@mail.example"
FACE = seal_descriptor([0.25] * VALUES)


def cells() -> Iterator[tuple[str, str]]:
    """Every cell of every table, with the name of its column."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values():
            yield from ((f"{model.__name__}.{column}", str(value)) for column, value in row.items())


def kept_files() -> set[str]:
    return {file.key for folder in (*FOLDERS, *OTHER_FOLDERS) for file in storage.walk(folder)}


@pytest.fixture(params=["disk", "bucket with versions"])
def place(request: pytest.FixtureRequest) -> None:
    """Where the media are."""
    if request.param != "disk":
        request.getfixturevalue("bucket")


@pytest.fixture
def quentin(place: None, partner_a: Partner, alice: User, tmp_path: Path) -> Contact:
    """Somebody who allowed a portrait and their voice, is asked again and recorded, and registered a face."""
    subject = Subject.objects.create(partner=partner_a, display_name=NAME, email=ADDRESS)
    portrait = stored_portrait(partner_a, tmp_path)
    portrait.subject = subject
    portrait.sealed_descriptor = FACE
    portrait.save()
    kept_session(say_yes(ask_subject(portrait, alice)[1]).grant, tmp_path)
    asked, token = ask_subject(portrait, alice)
    consent.send_code(token, is_for_draft=True)
    file = SimpleUploadedFile("recording.mp4", empty_recording())
    receive_recording(asked, ticket=draw_phrase(asked, "en").ticket, file=file, is_live=True)
    voice = ask_speaker(
        actor=actor_of(alice),
        driving_audio=stored_audio(partner_a, tmp_path, 1.0, voice=Voice.SPEAKER),
        speaker=subject,
        purpose="The words of welcome.",
    )
    track = tmp_path / "motion.csv"
    track.write_text("Timecode")
    voice.driving_audio.motion_key = storage.store("motion-tracks", track, ".csv")  # of a performer
    voice.driving_audio.save()
    send_voice_request(voice.pk)
    link = found(r"/voice/([\w-]{43})/", newest_mail(ADDRESS))
    answering.send_voice_code(link)
    answering.agree_to_voice(link, code=found(r"Your code: (\d{6})", newest_mail(ADDRESS)))
    contact = Contact.objects.get()
    FaceRegistration.objects.create(
        contact=contact,
        phrase_nonce="n",
        is_live=True,
        size_bytes=1,
        checked_at=timezone.now(),
        registered_at=timezone.now(),
        sealed_descriptor=FACE,
        sealed_picture=seal_picture(b"\xff\xd8 a face"),
        erasure_began_at=timezone.now(),
        erased_at=timezone.now(),
    )
    likeness.send_link(contact)
    return contact


@pytest.mark.slow
def test_no_cell_and_no_file_is_left(
    quentin: Contact,
    run_after: Callable[..., object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    secrets = (NAME, ADDRESS, "quentin", FACE)
    assert {secret for secret in secrets for _, cell in cells() if secret in cell} == set(secrets)
    assert len(kept_files()) == 5

    with django_capture_on_commit_callbacks(execute=True):
        erase_everything(quentin)
    run_after(days=2)

    assert {column for column, cell in cells() for secret in secrets if secret in cell} == set()
    assert kept_files() == set()
    JournalEntry.objects.update(written_at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert list(find_left(timezone.now())) == []
