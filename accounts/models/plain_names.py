"""Names and addresses of organisations as the eye takes them, to compare them by."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

KEY_LENGTH: Final = 200
_LEGAL_FORMS: Final = frozenset(
    {"ag", "bv", "co", "corp", "gmbh", "inc", "kg", "limited", "llc", "ltd", "nv", "oy", "plc", "sa", "sarl"}
    | {"spa", "srl", "the", "ug"}
)
_WORD: Final = re.compile(r"[^\W_]+")


def plain_name(name: str) -> str:
    """A name without accents, case, punctuation, spaces and legal form: what is left of it to the eye.

    At most KEY_LENGTH characters; empty where nothing is left.
    """
    bare = unicodedata.normalize("NFKD", name).casefold()
    words = _WORD.findall("".join(letter for letter in bare if not unicodedata.combining(letter)))
    return "".join([word for word in words if word not in _LEGAL_FORMS] or words)[:KEY_LENGTH]


def plain_host(website: str) -> str:
    """The host of an address, without www; empty where it has none."""
    try:
        host = urlsplit(website).hostname or ""
    except ValueError:  # as in https://[
        host = ""
    return host.removeprefix("www.")[:KEY_LENGTH]
