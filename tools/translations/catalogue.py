"""Reads and writes a catalogue of translations as GNU gettext does (.po), and compiles it (.mo).

Of the format only what our catalogues have: no contexts, no obsolete entries. Entries keep their order, so
that a change is seen as what it is.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[2] / "locale"
MAGIC = 0x950412DE  # of compiled catalogues, revision 0
_KEYWORD = re.compile(r'(msgid|msgid_plural|msgstr(?:\[(\d)\])?) (".*")$')


@dataclass
class CatalogueEntry:
    """A sentence, its plural if it has one, and what stands for them: a text, or one for each form."""

    source: str
    plural: str = ""
    translations: list[str] = field(default_factory=list)
    is_fuzzy: bool = False

    @property
    def is_translated(self) -> bool:
        """Whether a person has said what stands for it, in every form."""
        return not self.is_fuzzy and bool(self.translations) and all(self.translations)


@dataclass
class Catalogue:
    """The entries of one language under their sources, and what stands above them in the file."""

    comment: str
    header: str
    entries: dict[str, CatalogueEntry]

    @property
    def plural_forms(self) -> int:
        """How many forms a counted thing has in the language."""
        found = re.search(r"nplurals=(\d)", self.header)
        if found is None:
            raise ValueError("The catalogue's header names no plural forms.")
        return int(found.group(1))


def catalogue_file(language: str) -> Path:
    """The .po file of a language."""
    return LOCALE / language / "LC_MESSAGES/django.po"


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in a .po file. Raises ValueError for a source that is there twice."""
    entries: dict[str, CatalogueEntry] = {}
    comments: list[str] = []
    entry, fields, target = CatalogueEntry(""), list[str](), ""
    for number, line in enumerate([*path.read_text().splitlines(), 'msgid "end of file"'], 1):
        if line.startswith("#"):
            comments.append(line)
            continue
        keyword = _KEYWORD.match(line)
        text = ast.literal_eval(keyword.group(3) if keyword else line) if line else ""
        if not line:
            continue
        if keyword is None:
            fields[-1] += text
            continue
        if keyword.group(1) == "msgid":
            if fields:
                _keep(entries, entry, fields, target, number)
            entry = CatalogueEntry(
                "", is_fuzzy=any(one.startswith("#,") and "fuzzy" in one for one in comments)
            )
            if not entries and not fields:
                top = "\n".join(comments)
            comments, fields, target = [], [], ""
        target += "p" if keyword.group(1) == "msgid_plural" else ""
        fields.append(text)
    header = entries.pop("")
    return Catalogue(top, header.translations[0], entries)


def _keep(
    entries: dict[str, CatalogueEntry], entry: CatalogueEntry, fields: list[str], plural: str, number: int
) -> None:
    entry.source, *rest = fields
    if plural:
        entry.plural, *rest = rest
    entry.translations = rest
    if entry.source in entries:
        raise ValueError(f"{entry.source!r} is there twice, before line {number}.")
    entries[entry.source] = entry


def write_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write the .po file, and beside it the .mo file that the service reads."""
    header = "".join(f"{_quoted(line)}\n" for line in catalogue.header.splitlines(keepends=True))
    parts = [f'{catalogue.comment}\nmsgid ""\nmsgstr ""\n{header}']
    parts += [_entry_text(entry) for entry in catalogue.entries.values()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts))
    path.with_suffix(".mo").write_bytes(compiled(catalogue))


def _entry_text(entry: CatalogueEntry) -> str:
    flags = ["fuzzy"] * entry.is_fuzzy + ["python-format"] * bool(re.search(r"%\(\w+\)s", entry.source))
    lines = [f"#, {', '.join(flags)}"] * bool(flags) + [f"msgid {_quoted(entry.source)}"]
    if entry.plural:
        lines.append(f"msgid_plural {_quoted(entry.plural)}")
        lines += [f"msgstr[{number}] {_quoted(text)}" for number, text in enumerate(entry.translations)]
    else:
        lines.append(f"msgstr {_quoted(entry.translations[0])}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def compiled(catalogue: Catalogue) -> bytes:
    """The .mo file of a catalogue: its translated entries in the order of their sources."""
    texts = {"": catalogue.header}
    for entry in catalogue.entries.values():
        if entry.is_translated:
            key = f"{entry.source}\0{entry.plural}" if entry.plural else entry.source
            texts[key] = "\0".join(entry.translations)
    return _machine_object(texts)


def is_compiled(catalogue: Catalogue, path: Path) -> bool:
    """Whether the .mo file at `path` says what the catalogue says, whichever program compiled it."""
    return path.exists() and _texts(path.read_bytes()) == _texts(compiled(catalogue))


def _texts(data: bytes) -> dict[bytes, bytes]:
    _, _, count, sources, said = struct.unpack_from("<5I", data)
    pairs = [
        [struct.unpack_from("<2I", data, table + 8 * number) for table in (sources, said)]
        for number in range(count)
    ]
    return {data[a : a + m]: data[b : b + n] for (m, a), (n, b) in pairs}


def _machine_object(texts: Mapping[str, str]) -> bytes:
    pairs = sorted((source.encode(), text.encode()) for source, text in texts.items())
    count = len(pairs)
    tables_end = 28 + 16 * count
    sources, source_table = _strings((source for source, _ in pairs), tables_end)
    said, said_table = _strings((text for _, text in pairs), tables_end + len(sources))
    head = struct.pack("<7I", MAGIC, 0, count, 28, 28 + 8 * count, 0, tables_end)
    return head + source_table + said_table + sources + said


def _strings(texts: Iterable[bytes], offset: int) -> tuple[bytes, bytes]:
    """The texts, each ended by a zero, and the table of their lengths and places in the file."""
    data, table = b"", b""
    for text in texts:
        table += struct.pack("<2I", len(text), offset + len(data))
        data += text + b"\0"
    return data, table
