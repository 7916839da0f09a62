"""The English sentences that have a translation, as the compiled catalogues in `LOCALE_PATHS` hold them.

`gettext` translates a sentence that it is given; which sentences there are it does not say. The format is
that of GNU gettext ("The Format of GNU MO Files" in its manual).
"""

from __future__ import annotations

import gettext
import struct
from pathlib import Path

from django.conf import settings
from django.utils.translation import to_locale

MAGIC = 0x950412DE  # as a number in the byte order of the file


def translated_sentences(language: str) -> set[str]:
    """What has a translation into `language`, a code like "de"; not what is counted, with its two forms."""
    found: set[str] = set()
    for folder in settings.LOCALE_PATHS:
        for path in gettext.find("django", folder, [to_locale(language)], all=True):
            found |= sources_in(Path(path).read_bytes())
    return found


def sources_in(data: bytes) -> set[str]:
    """The sources of a .mo file: without its header, which stands under "", and without counted ones.

    Raises ValueError for what is no such file.
    """
    order = next((sign for sign in "<>" if data[:4] == struct.pack(f"{sign}I", MAGIC)), None)
    if order is None:
        raise ValueError("This is no compiled catalogue.")
    count, table = struct.unpack_from(f"{order}2I", data, 8)
    places = (struct.unpack_from(f"{order}2I", data, table + 8 * number) for number in range(count))
    sources = (data[at : at + length].decode() for length, at in places)
    return {source for source in sources if source and "\0" not in source}
