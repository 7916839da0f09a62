"""While all readers are busy, no file is turned away: its verdict comes later, on the page as in the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.models import Record, Verification
from provenance.services import verify_later
from provenance.services.verify import verify_file
from provenance.services.verify_later import verify_stored
from provenance.verify.evidence.reader_report import FileReport, ReadJob
from provenance.verify.reader.reader_pool import Readers, ReadersBusy
from tests.provenance.sealing import SealedClip

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _a_broker_and_a_storage(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    media = {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path / "media")}}
    settings.STORAGES = {**settings.STORAGES, "media": media}
    monkeypatch.setattr("provenance.services.verify_later.current_app.send_task", lambda name, args: None)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One reader that somebody else has, and nobody who waits for it. Undone, it is free."""
    pool = Readers(1)
    pool._free.acquire()
    monkeypatch.setattr("provenance.services.verify._readers", lambda process_id: pool)
    monkeypatch.setattr(verify_later, "QUEUE_TIMEOUT_S", 0.0)
    return monkeypatch


def post(url: str, data: bytes = b"\xff\xd8\xff\xe0 a picture", **headers: str) -> Any:
    return Client().post(url, {"file": SimpleUploadedFile("v.mp4", data)}, headers=headers)


def waiting() -> Verification:
    return Verification.objects.get()


def kept_files() -> list[Path]:
    folder = Path(storages["media"].path("verifications"))
    return list(folder.iterdir()) if folder.exists() else []


def test_the_api_names_the_place_of_the_verdict(busy, released: Record, clip: SealedClip) -> None:
    accepted = post("/v1/verify", clip.data)
    assert (accepted.status_code, accepted.json()["state"]) == (202, "waiting")
    assert len(kept_files()) == 1
    busy.undo()
    verify_stored(waiting().id)
    answer = Client().get(accepted.headers["Location"]).json()
    assert answer["verdict"] == verify_file(clip.path).to_json()
    assert kept_files() == []
    assert waiting().sender == ""


def test_it_says_how_many_are_before(busy) -> None:
    first, second = post("/v1/verify"), post("/v1/verify")
    assert [first.json()["files_ahead"], second.json()["files_ahead"]] == [0, 1]
    waited = Client().get(second.headers["Location"]).json()
    assert waited["files_ahead"] == 1


def test_a_worker_that_finds_no_reader_free_leaves_it_waiting(busy) -> None:
    post("/v1/verify")
    busy.setattr("provenance.services.verify._readers", lambda process_id: _Busy())
    verify_stored(waiting().id)
    assert waiting().state == "waiting"
    assert waiting().sent_at is None
    assert len(kept_files()) == 1


class _Busy:
    def read(self, job: ReadJob, *, queue_timeout_s: float, hurried_s: float | None) -> FileReport:
        raise ReadersBusy


def test_a_file_that_a_busy_machine_reads_slowly_is_answered_later_and_rightly(
    busy, released: Record, clip: SealedClip
) -> None:
    busy.undo()
    with pytest.MonkeyPatch.context() as slow:
        slow.setattr(verify_later, "HURRIED_S", 0.001)
        slow.setattr("provenance.services.verify_later.current_app.send_task", lambda name, args: None)
        accepted = post("/v1/verify", clip.data)
    assert accepted.status_code == 202
    verify_stored(waiting().id)
    answer = Client().get(accepted.headers["Location"]).json()
    assert answer["verdict"] == verify_file(clip.path).to_json()


def test_the_page_without_script_leads_to_one_that_asks_again(busy, released, clip: SealedClip) -> None:
    sent = post("/verify/", clip.data)
    assert sent.status_code == 302
    page = Client().get(sent.headers["Location"])
    text = page.content.decode()
    assert f'data-waiting="{waiting().id}"' in text
    assert '<noscript><meta http-equiv="refresh"' in text
    assert "no-store" in page.headers["Cache-Control"]
    busy.undo()
    verify_stored(waiting().id)
    text = Client().get(sent.headers["Location"]).content.decode()
    assert "Made here, and unchanged" in text
    assert "refresh" not in text


def test_with_script_the_answer_comes_into_the_page(busy, released, clip: SealedClip) -> None:
    sent = post("/verify/", clip.data, **HTMX)
    here = f"/verify/later/{waiting().id}/"
    assert sent.status_code == 200
    assert "<html" not in sent.content.decode()
    assert f'hx-get="{here}?lang=en&amp;ahead=0"' in sent.content.decode()
    assert sent.headers["HX-Replace-Url"].startswith(here)
    assert Client().get(f"{here}?ahead=0", headers=HTMX).status_code == 204
    assert Client().get(f"{here}?ahead=3", headers=HTMX).status_code == 200
    busy.undo()
    verify_stored(waiting().id)
    answer = Client().get(f"{here}?ahead=0", headers=HTMX).content.decode()
    assert 'data-verdict="ours_intact"' in answer


def test_the_answer_is_in_the_readers_language_with_its_facts(busy, released, clip: SealedClip) -> None:
    sent = post("/verify/", clip.data, **{"Accept-Language": "de"})
    waits = Client().get(sent.headers["Location"]).content.decode()
    assert "Ihre Datei wartet" in waits
    busy.undo()
    verify_stored(waiting().id)
    at_once = post("/verify/", clip.data, **{"Accept-Language": "de"}).content.decode()
    later = Client().get(sent.headers["Location"]).content.decode()
    told = at_once[at_once.index("data-verdict") : at_once.index("verdict-json")]
    assert "Eintrag" in told
    assert told in later


def test_a_refusal_and_a_forgotten_answer_are_said_on_the_page(busy) -> None:
    sent = post("/verify/", b"a text, whatever its name says")
    assert sent.status_code == 415
    sent = post("/verify/")
    Verification.objects.update(
        state="refused", file_key="", problem={"code": "unsupported_media", "title": "No.", "hint": "Else."}
    )
    assert 'data-error="unsupported_media"' in Client().get(sent.headers["Location"]).content.decode()
    Verification.objects.all().delete()
    gone = Client().get(sent.headers["Location"])
    assert (gone.status_code, "kept for an hour" in gone.content.decode()) == (404, True)


@pytest.mark.parametrize("bound", ["MOST_WAITING", "MOST_WAITING_BYTES"])
def test_when_storage_holds_enough_the_next_is_told(busy, bound: str) -> None:
    accepted = post("/v1/verify")
    used = 1 if bound == "MOST_WAITING" else waiting().size_bytes
    busy.setattr(verify_later, bound, used)
    refused = post("/v1/verify")
    assert (refused.status_code, refused.json()["code"]) == (503, "readers_busy")
    assert 'data-error="readers_busy"' in post("/verify/").content.decode()
    assert waiting().id == accepted.json()["id"]
    assert len(kept_files()) == 1


def test_fifty_files_of_one_sender_are_all_taken(busy) -> None:
    answers = [post("/v1/verify") for _ in range(50)]
    assert {answer.status_code for answer in answers} == {202}
    # Who follows all of them as they are told stays within what one address may call.
    calls_per_minute = sum(60 / int(answer.headers["Retry-After"]) for answer in answers)
    assert calls_per_minute < django_settings.LIKENESS_PUBLIC_CALLS_PER_MINUTE


@pytest.mark.parametrize("bound", ["LIKENESS_VERIFY_WAITING_FILES", "LIKENESS_VERIFY_WAITING_MB"])
def test_one_sender_cannot_fill_it(busy, settings, bound: str) -> None:
    post("/v1/verify")
    Verification.objects.update(size_bytes=1_000_000)
    setattr(settings, bound, 1)
    refused = post("/v1/verify")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_waiting")
    other = Client().post(
        "/v1/verify", {"file": SimpleUploadedFile("v", b"\xff\xd8\xff")}, REMOTE_ADDR="198.51.100.8"
    )
    assert other.status_code == 202
    assert "198.51.100.8" not in Verification.objects.latest("created_at").sender


def test_what_waits_no_more_does_not_count(busy) -> None:
    post("/v1/verify")
    Verification.objects.update(
        state="refused", file_key="", problem={}, created_at=waiting().created_at - timedelta(minutes=1)
    )
    busy.setattr(verify_later, "MOST_WAITING", 1)
    assert post("/v1/verify").status_code == 202
