"""The verify page in the reader's language: all of it or none of it."""

from __future__ import annotations

import ast
import gettext
import json
import pickle
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import gettext as translate
from django.utils.translation import override

from provenance.common.rate_limit import RateLimited
from provenance.common.uploads import FileTooLarge
from provenance.models import Record
from provenance.pages.verdict_labels import FINDINGS, RELATIONSHIPS, SIGNALS
from provenance.pages.verify_pages import FORGOTTEN, FORGOTTEN_HINT
from provenance.sandbox.requirement import SandboxIncomplete
from provenance.services.records import withdraw_record
from provenance.services.verify_later import TooManyWaiting, VerificationLost
from provenance.verify.reader.reader_pool import ReadersBusy
from provenance.verify.verdict.messages import Message, messages_from_json, messages_to_json, render_stored
from provenance.verify.verify_file import UnsupportedMedia
from tests.provenance import clips
from tests.provenance.sealing import SealedClip

ROOT = Path(__file__).parents[3]
CATALOG = ROOT / "locale/de/LC_MESSAGES"
VERDICT_MODULES = sorted(
    path.stem
    for path in (ROOT / "provenance/verify/verdict").glob("*.py")
    if path.stem not in {"__init__", "messages", "verdict_json"}
)
# The same in both languages.
ALIKE = {"Version", "Video", "Manifest", "Container", "Credentials", "Codes: {codes}."}


def entries() -> dict[str, str]:
    """The catalog's source: what stands for each sentence."""
    text = (CATALOG / "django.po").read_text()
    found = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.MULTILINE)
    return {
        source.encode().decode("unicode_escape").encode("latin-1").decode(): said.replace('\\"', '"')
        for source, said in found
    }


def sentences_of_the_verdict() -> set[str]:
    """Every sentence in the modules that make a verdict: constants that are no part of another text."""
    sentences: set[str] = set()
    for name in VERDICT_MODULES:
        tree = ast.parse((ROOT / f"provenance/verify/verdict/{name}.py").read_text())
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
        docs = {
            ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)
        }
        sentences |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in inner
            and node.value not in docs
            and re.match(r"[A-Z].* ", node.value)
        }
    return sentences


def texts_of_the_templates() -> set[str]:
    texts: set[str] = set()
    for path in [ROOT / "templates/base.html", *sorted((ROOT / "templates/provenance").glob("*.html"))]:
        source = path.read_text()
        texts |= set(re.findall(r'{%\s*translate "([^"]+)"', source))
        for block in re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", source, re.DOTALL):
            texts.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", " ".join(block.split())))
    return texts


def test_every_sentence_and_word_is_there_in_german() -> None:
    errors = {
        text
        for error in (
            UnsupportedMedia,
            FileTooLarge,
            RateLimited,
            ReadersBusy,
            SandboxIncomplete,
            TooManyWaiting,
            VerificationLost,
        )
        for text in (error.message, error.hint)
    } | {FORGOTTEN, FORGOTTEN_HINT}
    missing = (sentences_of_the_verdict() | texts_of_the_templates() | errors) - set(entries())
    assert missing == set()
    with override("en"):
        words = {str(word) for words in (SIGNALS, FINDINGS, RELATIONSHIPS) for word in words.values()}
    assert words <= set(entries())


def test_the_facts_in_a_sentence_are_the_same_in_both_languages() -> None:
    for source, said in entries().items():
        for fact in (r"{\w+}", r"%\(\w+\)s", r"</?\w+"):
            assert sorted(re.findall(fact, source)) == sorted(re.findall(fact, said)), source


def test_the_compiled_catalog_is_that_of_the_source() -> None:
    with (CATALOG / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {source: compiled.gettext(source) for source in entries()} == entries()


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


def german(data: bytes, **headers: str) -> str:
    upload = {"file": SimpleUploadedFile("v.mp4", data)}
    answer = Client().post("/verify/", upload, headers={"Accept-Language": "de-AT,de;q=0.9", **headers})
    return answer.content.decode()


def test_the_whole_answer_is_in_german(released: Record, clip: SealedClip) -> None:
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    text = german(clips.remuxed(clip.data))
    shown = re.sub(r'<pre id="verdict-json".*?</pre>', "", text, flags=re.DOTALL)
    assert '<html lang="de">' in text
    assert "Hier hergestellt, aber zurückgezogen" in shown
    english = [
        source
        for source, said in entries().items()
        if said not in ALIKE and len(source) > 12 and source != said and source in shown
    ]
    assert english == []
    assert '"headline": "Made here, but withdrawn"' in text.replace("&quot;", '"')


def test_the_fragment_is_in_german_too(released: Record, clip: SealedClip) -> None:
    assert "Hier hergestellt und unverändert" in german(clip.data, **{"HX-Request": "true"})


@pytest.mark.django_db
def test_refusals_are_in_german() -> None:
    assert "das wir lesen können" in german(b"a text, whatever its name says")


@pytest.mark.django_db
def test_the_address_chooses_before_the_browser() -> None:
    client = Client(headers={"Accept-Language": "de"})
    assert "Woher kommt dieses Video?" in client.get("/verify/").content.decode()
    english = client.get("/verify/?lang=en")
    assert "Where does this video come from?" in english.content.decode()
    assert english.headers["Content-Language"] == "en"
    assert "Woher" in Client().get("/verify/?lang=de").content.decode()
    assert "Where" in Client().get("/verify/?lang=xx").content.decode()


@pytest.mark.django_db
def test_pages_that_are_not_translated_stay_english_altogether() -> None:
    text = Client(headers={"Accept-Language": "de"}).get("/").content.decode()
    assert '<html lang="en">' in text
    assert "Public log" in text
