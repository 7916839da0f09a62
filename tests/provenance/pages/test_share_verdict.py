"""A link that says what an answer was: signed, kept nowhere, and true also after the video was withdrawn."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.models import Record, Verification
from provenance.pages.shared_verdict import SALT, SharedVerdict
from provenance.services.records import withdraw_record
from tests.provenance.sealing import SealedClip

EDITED = SharedVerdict(
    sha256="ab" * 32,
    kind="ours_changed",
    headline="Made here, but changed since",
    day="2026-11-29",
    rendition_id="rnd_AAAAAAAAAAAAAAAAAAAAAA",
    findings=(("watermark", "found"), ("timeline", "redubbed")),
    edits=(("redubbed", 3.0, 4.2, 0.0), ("cut", 7.0, 7.0, 4.3)),
)


def address_of(said: SharedVerdict) -> str:
    return f"/verify/said/{said.token()}/"


@pytest.mark.slow
def test_an_answer_can_be_shared_and_follows_a_withdrawal(released: Record, clip: SealedClip) -> None:
    client = Client()
    answer = client.post("/verify/", {"file": SimpleUploadedFile("v.mp4", clip.data)}).content.decode()
    (address,) = re.findall(r'href="(/verify/said/[^"]+)"', answer)
    page = client.get(address).content.decode()
    assert "Made here, and unchanged" in page
    assert released.file_sha256 in page
    assert "withdrawn since" not in page
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    assert "has been withdrawn since" in client.get(address).content.decode()
    assert not Verification.objects.exists()


def test_it_says_what_was_done_and_where(client: Client, db: None) -> None:
    page = client.get(address_of(EDITED)).content.decode()
    assert "re-dubbed" in page
    assert "3.0–4.2 s" in page
    assert "29 November 2026" in page


def test_a_piece_that_was_cut_out_has_the_length_of_what_is_missing(client: Client, db: None) -> None:
    page = client.get(address_of(EDITED)).content.decode()
    assert "7.0 s: 4.3 s of our video are missing" in page
    assert "7.0–7.0" not in page


def test_a_link_of_an_earlier_version_says_where_a_piece_was_cut_out(client: Client, db: None) -> None:
    said = [*asdict(EDITED).values()][:-1]
    token = signing.dumps([*said, [["cut", 7.0, 7.0], ["redubbed", 3.0, 4.2]]], salt=SALT, compress=True)
    page = client.get(f"/verify/said/{token}/").content.decode()
    assert "7.0–7.0" not in page
    assert "7.0 s" in page
    assert "3.0–4.2 s" in page


def test_it_speaks_the_readers_language(client: Client, db: None) -> None:
    page = client.get(f"{address_of(EDITED)}?lang=de").content.decode()
    assert "Eine geteilte Antwort" in page


@pytest.mark.parametrize("change", [lambda text: text[:-2], lambda text: f"x{text}", lambda _: "nothing"])
def test_a_link_that_was_altered_says_nothing(client: Client, db: None, change) -> None:
    assert client.get(f"/verify/said/{change(EDITED.token())}/").status_code == 404


def test_a_link_is_short_enough_to_be_sent() -> None:
    assert len(EDITED.token()) < 600
