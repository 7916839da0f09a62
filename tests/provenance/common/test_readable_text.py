"""Characters that people cannot see are refused; what languages need is not."""

from __future__ import annotations

import pytest

from provenance.common.readable_text import UnreadableText, require_readable, unreadable_character

HIDDEN = {
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "left-to-right mark": "\u200e",
    "zero-width space": "\u200b",
    "zero-width joiner between Latin letters": "\u200d",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "tag": "\U000e0041",
    "Hangul filler": "\u3164",
    "Braille blank": "\u2800",
    "combining grapheme joiner": "\u034f",
    "variation selector": "\ufe01",
    "null": "\0",
    "escape": "\x1b",
    "line separator": "\u2028",
    "private use": "\ue000",
    "unassigned": "\u0378",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN.keys())
def test_it_refuses_what_nobody_sees(hidden):
    with pytest.raises(UnreadableText, match=f"U\\+{ord(hidden):04X}"):
        require_readable(f"A gree{hidden}ting", field="purpose", lines=True)


@pytest.mark.parametrize(
    "text",
    [
        "A greeting, with “quotes” and 5\N{NO-BREAK SPACE}%",
        "Zoë Ångström-Peña",
        "מסר ברכה",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with its zero-width non-joiner
        "\u0915\u094d\u200d\u0937",  # Devanagari, with a joiner
        "こんにちは",
        "I \u2764\ufe0f harbours",
    ],
)
def test_it_takes_what_people_write(text):
    assert unreadable_character(text) is None


def test_lines_are_for_texts_of_several_lines():
    assert unreadable_character("One\ntwo") == "U+000A"
    assert unreadable_character("One\ntwo", lines=True) is None
