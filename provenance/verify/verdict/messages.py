"""Sentences with facts in them that can still be translated.

The verdict's sentences are English, and programs get them so. Pages show them in the reader's language: most
sentences are fixed and looked up as they are; those with a date or a code in them are `Said`, which is text
like any other and remembers what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

# For each sentence that was put together, the templates and values that it was made from.
Makings = dict[str, list[tuple[str, dict[str, str]]]]


class Said(str):
    """Text made of templates and the values in them. Adding text gives text that remembers both."""

    __slots__ = ("parts",)
    parts: tuple[tuple[str, dict[str, str]], ...]

    def __new__(cls, parts: tuple[tuple[str, dict[str, str]], ...]) -> Said:
        """Fill in the values, part by part."""
        text = super().__new__(cls, "".join(template.format(**values) for template, values in parts))
        text.parts = parts
        return text

    def __add__(self, other: str) -> Said:
        return Said((*self.parts, *_parts(other)))


def say(template: str, **values: str) -> Said:
    """The template with its values filled in."""
    return Said(((template, values),))


def join(*sentences: str) -> Said:
    """Sentences one after the other, with a space between them."""
    parts: list[tuple[str, dict[str, str]]] = []
    for sentence in sentences:
        parts += [(" ", {})] * bool(parts) + list(_parts(sentence))
    return Said(tuple(parts))


def translated(sentence: str, gettext: Callable[[str], str]) -> str:
    """The sentence in the language that `gettext` speaks; values stay as they are."""
    if not sentence:
        return sentence
    return "".join(
        template if template.isspace() else gettext(template).format(**values)
        for template, values in _parts(sentence)
    )


def makings_of(values: Any) -> Makings:
    """What the sentences in plain JSON values were made from, so that text that was stored can be `made`."""
    if isinstance(values, Said):
        return {str(values): list(values.parts)}
    inner: Iterable[Any] = ()
    if isinstance(values, dict):
        inner = values.values()
    elif isinstance(values, list):
        inner = values
    return {text: parts for value in inner for text, parts in makings_of(value).items()}


def made(sentence: str, makings: Makings) -> str:
    """The sentence with the memory of what it was made from, if it was put together."""
    parts = makings.get(sentence)
    return sentence if parts is None else Said(tuple((template, values) for template, values in parts))


def _parts(sentence: str) -> tuple[tuple[str, dict[str, str]], ...]:
    if isinstance(sentence, Said):
        return sentence.parts
    return ((sentence.replace("{", "{{").replace("}", "}}"), {}),)
