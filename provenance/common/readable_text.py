"""Refuses characters that people cannot see, or that make them read something else than is stored.

Control characters, bidirectional embeddings, overrides and isolates, zero-width and other invisible
characters, private-use and unassigned code points. What a subject agrees to must read the same to them, to
a reviewer and in the receipt. (Unicode Technical Report 36, section 2.5; "Trojan Source", CVE-2021-42574.)
"""

from __future__ import annotations

import unicodedata
from itertools import chain

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_noop

from provenance.common.errors import CodedError

_LINE_ENDS = frozenset("\n\r\t")
# Not of category C, and nothing is drawn for them: joiners, fillers, Braille's blank, variation selectors.
_INVISIBLE = frozenset(
    chain(
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
    )
)
# Of category Cf, but drawn: signs that stand around or above numbers and verses.
_DRAWN_FORMATS = frozenset([*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD])
_JOINERS = frozenset("\u200c\u200d")
# Persian, Urdu and the scripts of India need joiners inside words (RFC 5892, appendix A).
_JOINING_SCRIPTS = (range(0x0600, 0x0900), range(0x0900, 0x0E00))


class UnreadableText(CodedError):
    """Text that people read holds characters that they cannot see."""

    code = "unreadable_text"
    status = 422
    message = "The text holds characters that cannot be seen or that change the direction of reading."
    hint = "Type the text again by hand; copied text may carry such characters."


def unreadable_character(text: str, *, lines: bool = False) -> str | None:
    """The first character that must not stand in `text`, as "U+202E"; None when all are readable.

    `lines` allows line ends and tabs, for texts of several lines.
    """
    for place, character in enumerate(text):
        if lines and character in _LINE_ENDS:
            continue
        if character in _JOINERS and _joins_letters(text, place):
            continue
        if character == "\ufe0f" and place and unicodedata.category(text[place - 1]) == "So":
            continue  # asks for the coloured form of the sign before it
        code = ord(character)
        is_hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        if code in _INVISIBLE or (is_hidden and code not in _DRAWN_FORMATS):
            return f"U+{code:04X}"
    return None


def require_readable(text: str, *, field: str, lines: bool = False) -> None:
    """Raise `UnreadableText`, which names the field and the character, unless `text` is readable."""
    found = unreadable_character(text, lines=lines)
    if found is not None:
        sentence = gettext_noop("The field {field} holds the character {character}, which cannot be seen.")
        raise UnreadableText(sentence.format(field=field, character=found))


def validate_readable(value: str) -> None:
    """For form fields of one line: raise Django's `ValidationError`."""
    _validate(value, lines=False)


def validate_readable_lines(value: str) -> None:
    """For form fields of several lines: raise Django's `ValidationError`."""
    _validate(value, lines=True)


def _validate(value: str, *, lines: bool) -> None:
    found = unreadable_character(value, lines=lines)
    if found is not None:
        template = gettext("The character {character} cannot be seen.")
        raise ValidationError(f"{template.format(character=found)} {gettext(UnreadableText.hint)}")


def _joins_letters(text: str, place: int) -> bool:
    """Whether a joiner stands after a letter or mark, and a letter follows, of scripts that need it there."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return bool(before) and all(
        side and any(ord(side) in script for script in _JOINING_SCRIPTS) for side in (before, after or before)
    )
