"""Everything that anybody or a portrayed person reads is there in every language, and says the same."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

from tools.translations.catalogue import (
    Catalogue,
    CatalogueEntry,
    catalogue_file,
    is_compiled,
    read_catalogue,
    write_catalogue,
)
from tools.translations.sources import TEMPLATES, translatable
from tools.translations.update import bring_up_to_date

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
FACT = re.compile(r"{\w+}|%\(\w+\)s|</?\w[^>]*>|`[^`]+`")


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    return translatable()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_is_shown_is_translated_and_no_other(
    language: str, shown: dict[str, str]
) -> None:
    entries = read_catalogue(catalogue_file(language)).entries
    assert set(shown) - set(entries) == set(), "run `make messages`, then translate what it lists"
    assert set(entries) - set(shown) == set(), "run `make messages`"
    assert [entry.source for entry in entries.values() if not entry.is_translated] == []
    assert {source: entry.plural for source, entry in entries.items()} == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_and_tags_of_its_source(language: str) -> None:
    catalogue = read_catalogue(catalogue_file(language))
    for entry in catalogue.entries.values():
        sources = [entry.source, entry.plural or entry.source]
        assert len(entry.translations) == (catalogue.plural_forms if entry.plural else 1), entry.source
        for source, said in zip(sources, entry.translations, strict=False):
            assert sorted(FACT.findall(source)) == sorted(FACT.findall(said)), source
            assert said == said.strip(), source
            # They stand in attributes too.
            assert said.count('"') <= source.count('"'), source


def test_italian_sets_no_bare_article_before_a_day() -> None:
    """It is "il 7 dicembre" but "l'8 dicembre" and "l'11": "il giorno" goes with every number."""
    said = [
        text for entry in read_catalogue(catalogue_file("it")).entries.values() for text in entry.translations
    ]
    assert [
        text for text in said if re.search(r"\b(il|al|dal|del|nel|sul) (%\((day|moment)\)s|{day})", text)
    ] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_service_reads_is_compiled_from_what_people_write(language: str) -> None:
    path = catalogue_file(language)
    catalogue = read_catalogue(path)
    assert is_compiled(catalogue, path.with_suffix(".mo")), "run `make messages`"
    with path.with_suffix(".mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    for entry in catalogue.entries.values():
        if entry.plural:
            forms = [read.ngettext(entry.source, entry.plural, number) for number in (1, 2)]
            assert forms == entry.translations
        else:
            assert [read.gettext(entry.source)] == entry.translations


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["email", "sms"])
def test_every_message_is_there_and_names_what_the_english_one_names(language: str, kind: str) -> None:
    folder = TEMPLATES / "accounts" / kind
    translated = sorted((folder / language).glob("*.txt"))
    assert [path.name for path in translated] == sorted(path.name for path in folder.glob("*.txt"))
    for path in translated:
        assert _values(path) == _values(folder / path.name), path


def _values(path: Path) -> set[str]:
    return set(re.findall(r"{{ ([\w.]+)", path.read_text()))


def test_a_catalogue_is_read_as_it_was_written(tmp_path: Path) -> None:
    entries = [
        CatalogueEntry('A "word" of %(name)s', "", ['Un « mot » de %(name)s, "cité"']),
        CatalogueEntry("%(n)s day", "%(n)s days", ["%(n)s jour", "%(n)s jours"]),
        CatalogueEntry("Not sure", "", ["Pas sûr"], is_fuzzy=True),
        CatalogueEntry("Nothing yet", "", [""]),
    ]
    catalogue = Catalogue("# French.", HEADER, {entry.source: entry for entry in entries})
    write_catalogue(catalogue, tmp_path / "django.po")
    assert read_catalogue(tmp_path / "django.po") == catalogue
    with (tmp_path / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert read.gettext(entries[0].source) == entries[0].translations[0]
    assert read.ngettext("%(n)s day", "%(n)s days", 0) == "%(n)s jour"
    assert read.gettext("Not sure") == "Not sure"


def test_a_catalogue_as_other_programs_write_it_is_read(tmp_path: Path) -> None:
    header = "\n".join(f'"{line}\\n"' for line in HEADER.splitlines())
    (tmp_path / "django.po").write_text(
        f'# French.\n#, fuzzy\nmsgid ""\nmsgstr ""\n{header}\n\n#: a/b.html:3\n'
        'msgid ""\n"One sentence, "\n"in two lines"\nmsgstr ""\n"Une phrase, "\n"en deux lignes"\n'
    )
    entries = read_catalogue(tmp_path / "django.po").entries
    assert entries["One sentence, in two lines"].translations == ["Une phrase, en deux lignes"]


def test_what_is_new_is_added_at_the_end_and_what_nothing_shows_is_dropped() -> None:
    old = {"Old": CatalogueEntry("Old", "", ["Ancien"]), "Kept": CatalogueEntry("Kept", "", ["Gardé"])}
    catalogue = Catalogue("", HEADER, old)
    bring_up_to_date(catalogue, {"New": "", "Kept": "", "%(n)s day": "%(n)s days"})
    assert [(entry.source, entry.translations) for entry in catalogue.entries.values()] == [
        ("Kept", ["Gardé"]),
        ("New", [""]),
        ("%(n)s day", ["", ""]),
    ]


HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n > 1);\n"
