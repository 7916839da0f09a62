"""My likeness: everything about a person in one archive, with a page to read it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import ConsentGrant
from generation import storage
from generation.models import Portrait, Rendition
from generation.services.live_check.receiving import draw_phrase, receive_recording
from provenance.models import LogEntry
from tests.factories import png
from tests.generation.pages.test_my_likeness import address, theirs  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def archive(browser: Client, page: str) -> zipfile.ZipFile:
    """What the button downloads."""
    answer = browser.post(f"{page}export/")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    pieces: Iterable[bytes] = getattr(answer, "streaming_content")  # noqa: B009  unknown to the stubs
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


@pytest.mark.slow
def test_everything_is_in_it_across_partners(
    vera: Client,
    address: str,  # noqa: F811
    released: Rendition,
    theirs: Rendition,  # noqa: F811
    grant: ConsentGrant,
) -> None:
    found = archive(vera, address)
    assert found.testzip() is None
    said = json.loads(found.read("likeness.json"))

    assert {video["id"] for video in said["videos"]} == {released.pk, theirs.pk}
    for video in said["videos"]:
        assert hashlib.sha256(found.read(video["file"])).hexdigest() == video["sha256"]
    mine = next(consent for consent in said["consents"] if consent["id"] == grant.pk)
    assert hashlib.sha256(found.read(mine["receipt"])).hexdigest() == grant.receipt_digest
    assert hashlib.sha256(found.read(mine["portrait"])).hexdigest() == mine["portrait_sha256"]
    assert (mine["purpose"], mine["organisation"]) == (grant.purpose, grant.partner.name)
    assert said["contact"]["address"] == grant.subject.email


@pytest.mark.slow
def test_its_page_is_in_the_language_of_the_page_that_it_was_asked_for_on(
    vera: Client,
    address: str,  # noqa: F811
    released: Rendition,
) -> None:
    found = archive(Client(headers={"Accept-Language": "fr"}), address)
    page = found.read("index.html").decode()
    assert '<html lang="fr">' in page
    assert "Tout ce qui concerne votre image" in page
    assert "<dd>accordé</dd>" in page
    assert json.loads(found.read("likeness.json"))["consents"][0]["state"] == "granted"


def test_the_still_of_a_portrait_is_in_it_too(vera: Client, address: str, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "still.png"
    file.write_bytes(png())
    Portrait.objects.update(still_key=storage.store("stills", file, ".png"))
    found = archive(vera, address)
    [consent] = json.loads(found.read("likeness.json"))["consents"]
    assert found.read(consent["still"]) == png()


def test_the_recording_of_the_live_check_is_in_it_until_it_is_erased(
    vera: Client,
    address: str,  # noqa: F811
    grant: ConsentGrant,
) -> None:
    video = SimpleUploadedFile("recording.mp4", b"\x00\x00\x00\x18ftypmp42")
    ConsentGrant.objects.filter(pk=grant.pk).update(state="requested")  # it was sent before the yes
    receive_recording(grant, ticket=draw_phrase(grant, "en").ticket, file=video, is_live=True)
    ConsentGrant.objects.filter(pk=grant.pk).update(state="granted")
    found = archive(vera, address)
    [consent] = json.loads(found.read("likeness.json"))["consents"]
    newest, older = consent["recordings"]

    assert found.read(newest["file"]) == b"\x00\x00\x00\x18ftypmp42"
    assert older["file"] is None


@pytest.mark.slow
def test_its_page_says_the_same_to_people(vera: Client, address: str, released: Rendition) -> None:  # noqa: F811
    page = archive(vera, address).read("index.html").decode()
    for text in (released.pk, released.job.consent.purpose, f'src="videos/{released.pk}.mp4"'):
        assert text in page
    assert "http" not in page.replace("https://partner.example", "")


@pytest.mark.slow
def test_what_was_erased_is_named_without_its_file(
    vera: Client,
    address: str,  # noqa: F811
    released: Rendition,
    grant: ConsentGrant,
) -> None:
    Portrait.objects.update(erasure_began_at="2026-01-01T00:00:00Z")
    Rendition.objects.update(erasure_began_at="2026-01-01T00:00:00Z")
    found = archive(vera, address)
    assert sorted(found.namelist()) == ["index.html", "likeness.json", f"receipts/{grant.pk}.json"]
    assert "was erased: 2026-01-01" in found.read("index.html").decode()


def test_the_log_has_an_entry_without_who(vera: Client, address: str, grant: ConsentGrant) -> None:  # noqa: F811
    archive(vera, address)
    entry = LogEntry.objects.get(event="subject.exported")
    assert (entry.actor, entry.entry.data) == (f"subject:{grant.subject_id}", {"consents": 1})


def test_opening_the_address_downloads_nothing(vera: Client, address: str) -> None:  # noqa: F811
    assert vera.get(f"{address}export/").status_code == 405
    assert vera.post("/likeness/guess/export/").status_code == 404
