"""A verdict in the reader's language: all of it or none of it."""

from __future__ import annotations

import json
import pickle
import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import gettext as translate
from django.utils.translation import override

from provenance.models import Record
from provenance.pages.in_language import in_language
from provenance.services.records import withdraw_record
from provenance.verify.verdict.messages import Message, messages_from_json, messages_to_json, render_stored
from tests.provenance import clips
from tests.provenance.sealing import SealedClip
from tools.translations.catalogue import catalogue_file, read_catalogue

HEADLINES = {
    "de": "Hier hergestellt, aber zurückgezogen",
    "fr": "Fabriquée ici, mais retirée",
    "es": "Hecho aquí, pero retirado",
    "it": "Prodotto qui, ma ritirato",
}


WITHDRAWN = Message("This video was withdrawn.").followed_by(
    Message("Reason: {code}.", {"code": "consent_withdrawn"})
)
IN_ENGLISH = "This video was withdrawn. Reason: consent_withdrawn."
IN_GERMAN = "Dieses Video wurde zurückgezogen. Grund: consent_withdrawn."


def test_a_message_is_rendered_in_the_language_of_whoever_reads_it() -> None:
    assert str(WITHDRAWN) == IN_ENGLISH
    with override("de"):
        assert WITHDRAWN.render(translate) == IN_GERMAN
    assert pickle.loads(pickle.dumps(WITHDRAWN)) == WITHDRAWN  # noqa: S301 - our own bytes


def test_a_message_that_was_stored_can_still_be_translated() -> None:
    messages = {str(WITHDRAWN): WITHDRAWN, "Our record": Message("Our record")}
    stored = json.loads(json.dumps(messages_to_json(messages)))
    assert list(stored) == [IN_ENGLISH]
    assert messages_from_json(stored) == {IN_ENGLISH: WITHDRAWN}


def test_what_version_0_1_0_stored_can_still_be_translated() -> None:
    stored = {
        IN_ENGLISH: [
            ["This video was withdrawn.", {}],
            [" ", {}],
            ["Reason: {code}.", {"code": "consent_withdrawn"}],
        ]
    }
    with override("de"):
        assert render_stored(IN_ENGLISH, messages_from_json(stored), translate) == IN_GERMAN
        assert render_stored("This video was withdrawn.", {}, translate) in IN_GERMAN
        assert render_stored("What is {not} a template", {}, translate) == "What is {not} a template"


@pytest.mark.parametrize(
    "stored",
    [
        [],
        {"a": "b"},
        {"a": []},
        {"a": [["b"]]},
        {"a": [["b", {"c": 1}]]},
        {"a": [[1, {}]]},
        {"a": [["b", []]]},
    ],
)
def test_what_is_no_stored_message_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match=r"[Ss]tored"):
        messages_from_json(stored)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "From 3.0 s to 4.25 s, 29 November 2026, 1.2.3"),
        ("de", "From 3,0 s to 4,25 s, 29. November 2026, 1.2.3"),
        ("fr", "From 3,0 s to 4,25 s, 29 novembre 2026, 1.2.3"),
        ("es", "From 3,0 s to 4,25 s, 29 de noviembre de 2026, 1.2.3"),
        ("it", "From 3,0 s to 4,25 s, 29 novembre 2026, 1.2.3"),
    ],
)
def test_numbers_and_days_are_written_as_the_language_does(language: str, written: str) -> None:
    facts = {"start": "3.0", "end": "4.25", "day": "2026-11-29", "code": "1.2.3"}
    with override(language):
        message = Message("From {start} s to {end} s, {day}, {code}", facts)
        assert message.render(str, in_language) == written


def answer(data: bytes, language: str, **headers: str) -> str:
    upload = {"file": SimpleUploadedFile("v.mp4", data)}
    asked = {"Accept-Language": language, **headers}
    return Client().post("/verify/", upload, headers=asked).content.decode()


@pytest.mark.slow
def test_the_whole_answer_is_in_the_language(released: Record, clip: SealedClip) -> None:
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    file = clips.remuxed(clip.data)
    for language, headline in HEADLINES.items():
        text = answer(file, f"{language};q=0.9")
        shown = re.sub(r'<pre id="verdict-json".*?</pre>', "", text, flags=re.DOTALL)
        assert f'<html lang="{language}">' in text
        assert headline in shown
        english = [
            source
            for source, entry in read_catalogue(catalogue_file(language)).entries.items()
            if len(source) > 12 and source not in entry.translations and source in shown
        ]
        assert english == []
        assert '"headline": "Made here, but withdrawn"' in text.replace("&quot;", '"')
    assert set(HEADLINES) == {code for code, _ in settings.LANGUAGES} - {"en"}


def test_the_fragment_is_in_the_language_too(released: Record, clip: SealedClip) -> None:
    assert "Hier hergestellt und unverändert" in answer(clip.data, "de", **{"HX-Request": "true"})


@pytest.mark.django_db
def test_refusals_are_in_the_language() -> None:
    assert "das wir lesen können" in answer(b"a text, whatever its name says", "de")
    assert "nous sachions lire" in answer(b"a text, whatever its name says", "fr")
