"""Long files are answered with an address, and the verdict is there when a worker has read them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from provenance.models import Record, Verification
from provenance.services.verify_later import sweep_verifications
from provenance.tasks import verify_upload
from tests.provenance.sealing import SealedClip

pytestmark = pytest.mark.django_db
LATER = {"Prefer": "respond-async"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were sent to the workers."""
    ids: list[str] = []
    monkeypatch.setattr(
        "provenance.services.verify_later.current_app.send_task", lambda name, args: ids.append(args[0])
    )
    return ids


@pytest.fixture(autouse=True)
def _no_files_of_other_tests(settings, tmp_path: Path) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    media = {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path / "media")}}
    settings.STORAGES = {**settings.STORAGES, "media": media}


def post(data: bytes, **headers: str):
    upload = {"file": SimpleUploadedFile("v.mp4", data)}
    return Client().post("/v1/verify", upload, headers={**LATER, **headers})


def kept_files() -> list[Path]:
    folder = Path(storages["media"].path("verifications"))
    return list(folder.iterdir()) if folder.exists() else []


def test_the_verdict_is_the_same_a_little_later(released: Record, clip: SealedClip, sent: list[str]) -> None:
    accepted = post(clip.data)
    assert accepted.status_code == 202
    address = accepted.headers["Location"]
    waiting = Client().get(address)
    assert (waiting.json()["state"], waiting.json()["verdict"]) == ("waiting", None)
    assert int(waiting.headers["Retry-After"]) > 0
    assert sent == [accepted.json()["id"]]
    verify_upload(sent[0])
    answer = Client().get(address).json()
    at_once = Client().post("/v1/verify", {"file": SimpleUploadedFile("v.mp4", clip.data)}).json()
    assert answer["state"] == "done"
    assert answer["verdict"] == at_once
    assert kept_files() == []


def test_long_files_are_for_later_without_asking(clip: SealedClip, sent, monkeypatch) -> None:
    assert post(clip.data, Prefer="").status_code == 200
    monkeypatch.setattr("provenance.api.verify_api.LARGEST_AT_ONCE_BYTES", 1000)
    assert post(clip.data, Prefer="").status_code == 202


def test_a_refusal_is_an_answer_too(sent) -> None:
    accepted = post(b"a text, whatever its name says")
    verify_upload(sent[0])
    answer = Client().get(accepted.headers["Location"]).json()
    assert (answer["state"], answer["problem"]["code"]) == ("refused", "unsupported_media")
    assert kept_files() == []


def test_reading_it_twice_is_reading_it_once(clip, sent) -> None:
    accepted = post(clip.data)
    verify_upload(sent[0])
    before = Client().get(accepted.headers["Location"]).json()
    verify_upload(sent[0])
    verify_upload("vrf_unknown")
    assert Client().get(accepted.headers["Location"]).json() == before


def test_a_broker_that_is_away_only_delays_it(clip, monkeypatch) -> None:
    def away(name: str, args: tuple[str]) -> None:
        raise OperationalError

    monkeypatch.setattr("provenance.services.verify_later.current_app.send_task", away)
    accepted = post(clip.data)
    assert accepted.status_code == 202
    sent: list[str] = []
    monkeypatch.setattr(
        "provenance.services.verify_later.current_app.send_task", lambda name, args: sent.append(args[0])
    )
    sweep_verifications()
    assert sent == []
    Verification.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    sweep_verifications()
    assert sent == [accepted.json()["id"]]


def test_what_nobody_reads_is_refused_and_what_was_read_is_forgotten(clip, sent) -> None:
    accepted = post(clip.data)
    Verification.objects.update(created_at=timezone.now() - timedelta(minutes=119))
    sweep_verifications()
    assert Client().get(accepted.headers["Location"]).json()["state"] == "waiting"
    Verification.objects.update(created_at=timezone.now() - timedelta(minutes=121))
    sweep_verifications()
    assert Client().get(accepted.headers["Location"]).json()["problem"]["code"] == "verification_lost"
    assert kept_files() == []
    Verification.objects.update(answered_at=timezone.now() - timedelta(minutes=61))
    sweep_verifications()
    assert Client().get(accepted.headers["Location"]).status_code == 404


def test_an_answer_that_took_long_is_kept_as_long_as_any(sent) -> None:
    accepted = post(b"a text")
    Verification.objects.update(created_at=timezone.now() - timedelta(minutes=90))
    verify_upload(sent[0])
    sweep_verifications()
    assert Client().get(accepted.headers["Location"]).json()["state"] == "refused"


def test_what_was_sent_is_sent_again_only_when_it_seems_lost(sent) -> None:
    post(b"a text")
    Verification.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    sweep_verifications()
    assert len(sent) == 1
    Verification.objects.update(sent_at=timezone.now() - timedelta(minutes=11))
    sweep_verifications()
    sweep_verifications()
    assert len(sent) == 2


def test_a_file_that_never_arrived_in_storage_is_said_to_be_lost(sent) -> None:
    accepted = post(b"a text")
    storages["media"].delete(Verification.objects.get().file_key)
    verify_upload(sent[0])
    assert Client().get(accepted.headers["Location"]).json()["problem"]["code"] == "verification_lost"


def test_nothing_stays_of_a_file_that_storage_does_not_take(clip, sent, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storages["media"], "save", full)
    assert post(clip.data).status_code == 507
    assert not Verification.objects.exists()
    assert sent == []
