"""A subject sees a draft with a code from their contact: labelled, marked, logged, stored nowhere."""

from __future__ import annotations

import base64
import html
from pathlib import Path

import av
import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from accounts.contact_errors import CodeExpired, CodeWrong
from accounts.models import ConsentGrant, ConsentState, OneTimeCode
from accounts.services import consent
from generation import storage
from generation.draft import make_draft as drafts
from generation.draft.refusals import DraftBusy
from generation.draft.render_draft import BAND, labelled
from generation.draft.sentences import WORDS, draft_language, speech_file
from generation.models import Portrait, Rendition
from generation.pipeline.audio import read_audio
from generation.services.likeness.draft import draft_for_subject
from provenance.keys.service_keys import watermark_key
from provenance.services.verify import verify_file
from provenance.verify.reader.watermark_search import search_watermark
from provenance.watermark.coding.payload import format_watermark_id
from tests.accounts.log_entries import newest_entry
from tests.accounts.reading import found
from tests.factories import LiveRecordingFactory, ask_subject, newest_mail

MP4 = b"\x00\x00\x00\x18ftypisom"


@pytest.fixture
def asked(alice, amara: Portrait) -> tuple[ConsentGrant, str]:
    return ask_subject(amara, alice)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a draft took no time."""
    monkeypatch.setattr("generation.services.likeness.draft.make_draft", lambda *args, **more: MP4)


def code_of(grant: ConsentGrant) -> str:
    return found(r"Your code: (\d{6})", newest_mail(grant.subject.email))


@pytest.mark.usefixtures("_quick")
def test_the_page_sends_a_code_and_shows_the_draft_with_it(asked, vera: Client) -> None:
    grant, token = asked
    page = f"/consent/{token}/draft/"
    assert page in vera.get(f"/consent/{token}/").content.decode()
    assert vera.get(page).status_code == 200

    assert b"six digits" in vera.post(page).content
    answer = vera.post(page, {"code": code_of(grant)})

    assert base64.b64encode(MP4) in answer.content
    assert "no-store" in answer.headers["Cache-Control"]
    assert "media-src 'self' data:" in answer.headers["Content-Security-Policy"]
    assert newest_entry()["event"] == "draft.made"
    grant.refresh_from_db()
    assert grant.state == ConsentState.REQUESTED
    assert grant.contact.proved_at is not None


@pytest.mark.parametrize("language", WORDS)
def test_the_page_has_the_sentence_that_is_spoken(asked, vera: Client, language: str) -> None:
    _, token = asked

    page = vera.get(f"/consent/{token}/draft/", headers={"Accept-Language": language}).content.decode()

    assert WORDS[language].sentence in html.unescape(page)


def test_each_language_of_the_pages_has_a_sentence_of_its_own() -> None:
    assert WORDS.keys() == {code for code, _ in settings.LANGUAGES}
    assert draft_language("de-at") == "de"
    assert draft_language("pt") == "en"
    for language in WORDS:
        sound, rate = read_audio(speech_file(language))
        assert 1.2 < len(sound) / rate < 3.2


@pytest.mark.usefixtures("_quick")
def test_the_link_alone_shows_none(asked, vera: Client) -> None:
    _, token = asked
    vera.post(f"/consent/{token}/draft/")

    assert vera.post(f"/consent/{token}/draft/", {"code": "000000"}).status_code == 422
    assert newest_entry()["event"] == "consent.sent"


@pytest.mark.usefixtures("_quick")
def test_a_code_is_good_for_one_draft_and_for_no_yes(asked) -> None:
    grant, token = asked
    consent.send_code(token, is_for_draft=True)
    draft_for_subject(token, code=code_of(grant), language="en")

    with pytest.raises(CodeExpired):
        draft_for_subject(token, code=code_of(grant), language="en")
    consent.send_code(token, is_for_draft=True)
    LiveRecordingFactory(consent=grant)
    with pytest.raises(CodeWrong):
        consent.agree(token, code=code_of(grant))


def test_while_one_is_made_the_code_of_another_is_not_used(asked) -> None:
    grant, token = asked
    consent.send_code(token, is_for_draft=True)

    with drafts.reserved(), pytest.raises(DraftBusy):
        draft_for_subject(token, code=code_of(grant), language="en")

    assert not OneTimeCode.objects.exclude(used_at=None).exists()


def test_a_partner_has_no_way_to_one(asked, alice_browser: Client, api_a: Client) -> None:
    grant, _ = asked

    assert alice_browser.get(f"/consent/{grant.id}/draft/").status_code == 404
    assert api_a.get(f"/v1/consents/{grant.id}/draft").status_code == 404


def test_every_frame_is_labelled() -> None:
    frame = np.full((256, 256, 3), 200, np.uint8)

    (drawn,) = labelled(iter([frame]), ("ENTWURF - NICHT VERWENDEN", "DRAFT - NOT FOR USE"))

    for band in (drawn[:BAND], drawn[-BAND:]):
        assert band.min() <= 80
        assert (band > 240).any()
    assert (drawn[BAND:-BAND] == 200).all()


@pytest.mark.slow
def test_a_real_draft_carries_the_mark_that_the_log_has_and_leaves_no_file(asked, tmp_path: Path) -> None:
    grant, token = asked
    before = stored()
    consent.send_code(token, is_for_draft=True)

    _, video = draft_for_subject(token, code=code_of(grant), language="de")

    file = tmp_path / "kept.mp4"  # as somebody keeps it who looks at it
    file.write_bytes(video)
    with av.open(str(file)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 40
    logged = newest_entry()["data"]
    extraction = search_watermark(file, [watermark_key(logged["watermark_year"]).secret]).extraction
    assert extraction is not None
    ids = {format_watermark_id(one.payload.watermark_id) for one in extraction.readings if one.payload}
    assert ids == {logged["watermark_id"]}
    said = verify_file(file)
    assert said.headline.render() == "A draft of ours, never released"
    assert {one.signal: one.finding for one in said.reasons}["watermark_record"] == "draft"
    assert stored() == before
    assert not Rendition.objects.exists()


def stored() -> set[str]:
    folders = ("portraits", "stills", "renditions", "checks", "verifications", "driving-audio")
    return {file.key for folder in folders for file in storage.walk(folder)}
