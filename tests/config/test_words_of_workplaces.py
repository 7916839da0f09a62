"""No word of a page, form or message stands outside of a translation, in the workplaces as elsewhere."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import override

from accounts.models import ConsentState, PartnerState
from accounts.pages.choices import in_language
from provenance.pages.verdict_labels import FINDINGS
from tools.translations.sources import FOR_PROGRAMMERS, PROGRAM, ROOT, TEMPLATES

# What stands in templates as it is in every language.
NAMES = re.compile(
    r"\b(?:Likeness|API|UTC|SHA-256|AI|C2PA|CSV|ID|JSON|ZIP|POST|python|provenance|offline)\b"
    r"|\b[a-z]{2,3}_"  # ids begin with it
)
WORD = re.compile(r"[A-Za-z]{2,}")
SHOWN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "label"}
LOOKED_UP = "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}"
# Choices of these are what people called them.
OWN_VALUES = {"ModelChoiceField", "ModelMultipleChoiceField", "DrivingAudioField"}


class _Words(HTMLParser):
    """Collects what a page shows: text, and attributes that are shown or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"code", "style", "script"}:
            self._inside.append(tag)
        for name, value in attrs:
            is_said = name.startswith("data-") and re.search(r"[A-Za-z] [A-Za-z]|^[A-Z]", value or "")
            if value and (name in SHOWN_ATTRIBUTES or is_said):
                self.shown.append(value)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.shown.append(data)


def _untranslated(template: str) -> list[str]:
    """The words of a template that are the same in every language."""
    page, tags, ends = "", [], ""
    for token in Lexer(template).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            if ends:
                ends = "" if name == ends else ends
            elif name == "blocktranslate":
                ends = "endblocktranslate"
            elif token.contents.startswith("block page_class"):
                ends = "endblock"
            elif name == "include":
                tags += re.findall(r'="([^"]*)"', token.contents)
        elif token.token_type == TokenType.TEXT and not ends:
            page += token.contents
        elif token.token_type == TokenType.VAR:
            tags += re.findall(r'default(?:_if_none)?:"([^"]*)"', token.contents)
            tags += ["pluralize"] * ("pluralize" in token.contents)
    words = _Words()
    words.feed(re.sub(r'\bdata-[\w-]+=""', "", page))  # a template may be attributes alone
    shown = " ".join([*words.shown, *tags])
    return WORD.findall(NAMES.sub("", shown))


@pytest.mark.parametrize(
    "template",
    [
        path
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.relative_to(TEMPLATES).as_posix() not in FOR_PROGRAMMERS
    ],
    ids=lambda path: path.relative_to(TEMPLATES).as_posix(),
)
def test_no_word_of_a_template_stands_outside_of_a_translation(template: Path) -> None:
    text = template.read_text()
    assert _untranslated(text) == []
    assert re.findall(r"date:.j|{{ (?:refusal|problem)\.(?:message|hint) }}", text) == []


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Who asks</p>", ["Who", "asks"]),
        ('<p aria-label="Pages">{% translate "Who asks" %}</p>', ["Pages"]),
        ("{% blocktranslate %}{{ n }} of many{% endblocktranslate %} videos", ["videos"]),
        ('<form data-confirm="End it?" data-local="day">', ["End", "it"]),
        ('{% include "a/b.html" with value=row.id what="the id" %}', ["the", "id"]),
        ('{{ name|default:"somebody" }} video{{ n|pluralize }}', ["video", "somebody", "pluralize"]),
        ('<i class="tag{% if a %} tag-ok{% endif %}" id="n">{{ n }} s</i> <code>lk_key</code> API', []),
    ],
)
def test_words_outside_are_found_wherever_they_are_shown(template: str, words: list[str]) -> None:
    assert _untranslated(template) == words


def _forms() -> Iterator[type[forms.BaseForm]]:
    importlib.import_module("config.urls")
    waiting: list[type[forms.BaseForm]] = [forms.BaseForm]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith(PROGRAM) and ".pages" in kind.__module__:
                yield kind


def test_every_word_of_a_form_is_looked_up_when_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = sorted(_forms(), key=lambda kind: kind.__name__)
    catalogue = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(catalogue, "gettext", lambda message: f"{LOOKED_UP}{message}")
    fixed = []
    for kind in kinds:
        for name, field in kind.base_fields.items():  # type: ignore[attr-defined]
            if field.widget.is_hidden:
                continue
            said = [field.label or name, *([field.help_text] if field.help_text else [])]
            if type(field).__name__ not in OWN_VALUES:
                said += [label for value, label in getattr(field, "choices", []) if value]
            fixed += [f"{kind.__name__}.{name}: {one}" for one in map(str, said) if _is_fixed(one)]
    assert fixed == []


def _is_fixed(words: str) -> bool:
    is_name = words in dict(settings.LANGUAGES).values() or not WORD.search(words)
    return LOOKED_UP not in words and not is_name


def test_every_message_is_in_the_language_of_the_page() -> None:
    fixed = []
    for folder in PROGRAM:
        for path in sorted((ROOT / folder / "pages").rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("messages."):
                    fixed += [ast.unparse(one) for one in node.args[1:2] if _is_written_there(one)]
    assert fixed == []


def _is_written_there(argument: ast.expr) -> bool:
    return isinstance(argument, ast.JoinedStr) or (
        isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )


def test_choices_are_english_where_they_are_defined_and_in_the_language_of_the_page_in_a_form() -> None:
    (choice,) = in_language([("withdrawn", "withdrawn")])
    with override("de"):
        assert PartnerState.APPROVED.label == "approved"
        assert str(choice[1]) != "withdrawn"
    assert str(choice[1]) == "withdrawn"


@pytest.mark.parametrize(
    ("language", "consent", "video"),
    [("de", "widerrufen", "zurückgezogen"), ("it", "revocato", "video ritirato")],
)
def test_a_consent_and_a_video_are_withdrawn_with_two_words(language: str, consent: str, video: str) -> None:
    state = get_template("accounts/components/consent_state.html")
    with override(language):
        assert f">{consent}<" in state.render({"state": ConsentState.WITHDRAWN})
        assert str(FINDINGS["withdrawn"]) == video
