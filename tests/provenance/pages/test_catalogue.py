"""The sentences of the compiled catalogues: those that templates are looked for among."""

from __future__ import annotations

import gettext
import io
import struct

import pytest
from django.conf import settings

from provenance.pages.catalogue import MAGIC, sources_in, translated_sentences
from tools.translations.catalogue import (
    Catalogue,
    CatalogueEntry,
    catalogue_file,
    compiled,
    read_catalogue,
)

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES if code != "en"])
def test_every_sentence_of_a_language_is_found(language: str) -> None:
    entries = read_catalogue(catalogue_file(language)).entries.values()
    single = {entry.source for entry in entries if entry.is_translated and not entry.plural}
    assert translated_sentences(language) == single


def test_english_has_no_catalogue_and_so_no_sentences() -> None:
    assert translated_sentences("en") == set()


def test_a_country_has_the_sentences_of_its_language() -> None:
    assert translated_sentences("de-at") == translated_sentences("de")


def test_neither_header_nor_counted_things_nor_what_is_untranslated_are_sentences() -> None:
    entries = [
        CatalogueEntry("Über {name}", translations=["About {name}"]),
        CatalogueEntry("{count} line", "{count} lines", ["{count} Zeile", "{count} Zeilen"]),
        CatalogueEntry("Not yet", translations=[""]),
    ]
    data = compiled(Catalogue("", HEADER, {entry.source: entry for entry in entries}))
    assert sources_in(data) == {"Über {name}"}


def test_a_catalogue_in_the_other_byte_order_is_read_as_the_standard_library_reads_it() -> None:
    source, text = b"About", b"Etwa"
    places = (len(source), 44, len(text), 44 + len(source) + 1)
    head = struct.pack(">7I", MAGIC, 0, 1, 28, 36, 0, 44) + struct.pack(">4I", *places)
    data = head + source + b"\0" + text + b"\0"
    assert gettext.GNUTranslations(io.BytesIO(data)).gettext("About") == "Etwa"
    assert sources_in(data) == {"About"}


def test_what_is_no_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="no compiled catalogue"):
        sources_in(b"\0" * 40)
