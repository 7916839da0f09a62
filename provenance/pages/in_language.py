"""Sentences that were written down in English, and values in them, in the reader's language."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from string import Formatter

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from provenance.common.errors import CodedError
from provenance.pages.catalogue import translated_sentences
from provenance.pages.days import written_day

_NUMBER = re.compile(r"-?\d+\.\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?:]) (?=\S)")
# Of what people wrote by themselves: it is not looked through for sentences of ours.
MOST_SENTENCES = 8
# A template with fewer letters of its own would be found in what was not made from it.
LEAST_LETTERS = 8
# Values of these names are labels of ours: the state of a job, the name of a preset.
LABELS = {"label", "state"}


def in_language(value: str) -> str:
    """A day like 2026-11-29 or a number like 3.5 as the active language writes it; all else as it is."""
    if _DAY.fullmatch(value):
        return written_day(date.fromisoformat(value))
    if _NUMBER.fullmatch(value):
        return number_format(value)
    return value


def refusal_in_language(error: CodedError) -> str:
    """What a form says of a refusal: its sentence, and what to do next."""
    return f"{sentence_in_language(error.message)} {sentence_in_language(error.hint)}".strip()


def problem_in_language(error: CodedError, *, instance: str = "") -> dict[str, object]:
    """The problem details of a refusal for a page's script, with sentence and hint in the page's language."""
    problem = error.to_problem(instance=instance)
    said = {"title": sentence_in_language(error.message), "hint": sentence_in_language(error.hint)}
    return problem | said


def sentence_in_language(sentence: str) -> str:
    """An English sentence of ours, as a refusal or a row holds it, in the active language.

    Its values are found by the template in the catalogue that it was made from ("The table has {count}
    lines."): answers of confined processes and rows of the database hold what became of it alone. Several
    sentences after each other may have come from several templates. What the catalogue does not know stays
    as it is. Values are written as `in_language` does.
    """
    if not sentence or get_language() in {None, "en"}:
        return sentence
    parts = _BETWEEN_SENTENCES.split(sentence)
    if len(parts) > MOST_SENTENCES:
        return sentence
    said: list[str] = []
    while parts:
        taken, text = 1, parts[0]
        for count in range(len(parts), 0, -1):
            found = _translated(" ".join(parts[:count]))
            if found is not None:
                taken, text = count, found
                break
        said.append(text)
        del parts[:taken]
    return " ".join(said)


def _translated(sentence: str) -> str | None:
    found = gettext(sentence)
    if found != sentence:
        return found
    label = sentence.removesuffix(".")
    if label and (found := gettext(label)) != label:
        return f"{found}."
    for pattern, template in _templates(str(get_language())):
        if match := pattern.fullmatch(sentence):
            values = {name: _value(name, value) for name, value in match.groupdict().items()}
            return gettext(template).format(**values)
    return None


def _value(name: str, value: str) -> str:
    """A value as the language writes it; a label as it stands amid a sentence."""
    if name not in LABELS:
        return in_language(value)
    if (found := gettext(value)) != value:
        return found
    found = gettext(capfirst(value))
    return value if found == capfirst(value) else found[0].lower() + found[1:]


@lru_cache(maxsize=16)
def _templates(language: str) -> list[tuple[re.Pattern[str], str]]:
    """The templates of a language's catalogue with what is made from them, those that say most first."""
    found = []
    for source in translated_sentences(language):
        parts = _parts(source)
        letters = sum(character.isalpha() for literal, _ in parts for character in literal)
        names = [name for _, name in parts if name]
        if letters >= LEAST_LETTERS and names and len(set(names)) == len(names):
            found.append((letters, source, _pattern(parts)))
    return [(pattern, source) for _, source, pattern in sorted(found, key=lambda one: (-one[0], one[1]))]


def _parts(source: str) -> list[tuple[str, str]]:
    """Literal text and the name after it, "" at the end; nothing of what is no template."""
    try:
        parsed = list(Formatter().parse(source))
    except ValueError:
        return []
    if any(spec or kind or (name and not name.isidentifier()) for _, name, spec, kind in parsed):
        return []
    return [(literal, name or "") for literal, name, _, _ in parsed]


def _pattern(parts: list[tuple[str, str]]) -> re.Pattern[str]:
    made = (re.escape(literal) + (f"(?P<{name}>.+?)" if name else "") for literal, name in parts)
    return re.compile("".join(made), re.DOTALL)
