"""A signed export of log entries, and its check without the service.

JSON Lines: a first line that says what was asked for, an entry's canonical bytes a line, and a last line
with the signature. CSV: the same with the first and the last line as comments (#). The signature is a signed
note (C2SP signed-note) by the log's key over the count of entries and the SHA-256 of all lines before it. Its
first line is the log's origin with "/export" behind it, so that it never passes for a checkpoint.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from provenance.log.checkpoint import NoteSigner, NoteVerifier, open_note, sign_note
from provenance.log.entries import Entry, parse_entry
from provenance.log.errors import EntryRejected, LogCheckFailed

COLUMNS = ("index", "time", "event", "actor", "data")
MAX_LINE_BYTES = 1 << 20
_COMMENT = "# "
_SIGNED = "signature"


class ExportForm(StrEnum):
    """The form of an export."""

    JSONL = "jsonl"
    CSV = "csv"


class ExportRejected(LogCheckFailed):
    """An export is cut short, was changed, or carries no valid signature by the given key."""


@dataclass(frozen=True)
class CheckedExport:
    """What a sound export holds: how many entries, and what was asked for."""

    count: int
    about: dict[str, Any]


def export_lines(
    entries: Iterable[Entry], *, form: ExportForm, about: dict[str, Any], key: NoteSigner
) -> Iterator[str]:
    """The lines of an export, each with its newline. `about` is said in the first one, plain JSON values."""
    digest, count = hashlib.sha256(), 0
    comment = _COMMENT if form is ExportForm.CSV else ""

    def counted(line: str) -> str:
        digest.update(line.encode())
        return line

    yield counted(f"{comment}{json.dumps(about, sort_keys=True)}\n")
    if form is ExportForm.CSV:
        yield counted(_csv_row(COLUMNS))
    for entry in entries:
        count += 1
        yield counted(_csv_row(_cells(entry)) if form is ExportForm.CSV else f"{entry.body.decode()}\n")
    note = sign_note(_text(key.name, count, digest.digest()), key)
    yield f"{comment}{json.dumps({_SIGNED: note})}\n"


def check_export(path: Path, key: NoteVerifier) -> CheckedExport:
    """Check an export of either form, line by line. Raises ExportRejected, OSError.

    That the entries are in the log is what `likeness log check` tells; this tells that the service said so.
    """
    digest, count, last = hashlib.sha256(), 0, -1
    about: dict[str, Any] | None = None
    is_csv = False
    with path.open("r", encoding="utf-8", newline="") as file:
        lines = _lines(file)
        for number, line in enumerate(lines):
            if number == 0:
                is_csv = line.startswith(_COMMENT)
                about = _json(line, is_csv=is_csv)
            elif (note := _signature(line, is_csv=is_csv)) is not None:
                if next(lines, None) is not None:
                    raise ExportRejected("Something follows the signature.")
                return _signed(note, key, count, digest.digest(), about or {})
            elif not (is_csv and number == 1):
                index = _index(line, is_csv=is_csv)
                if index <= last:
                    raise ExportRejected("The entries are not in the order of the log.")
                last, count = index, count + 1
            digest.update(line.encode())
    raise ExportRejected("The export is cut short: its signature is missing.")


def _signed(note: str, key: NoteVerifier, count: int, digest: bytes, about: dict[str, Any]) -> CheckedExport:
    try:
        text = open_note(note, key)
    except LogCheckFailed as error:
        raise ExportRejected(str(error)) from error
    if text != _text(key.name, count, digest):
        raise ExportRejected("The export was changed after it was signed.")
    return CheckedExport(count, about)


def _text(name: str, count: int, digest: bytes) -> str:
    return f"{name}/export\n{count}\n{base64.b64encode(digest).decode()}\n"


def _lines(file: Iterable[str]) -> Iterator[str]:
    try:
        for line in file:
            if len(line) > MAX_LINE_BYTES:
                raise ExportRejected("A line is longer than an entry can be.")
            yield line
    except UnicodeDecodeError as error:
        raise ExportRejected("The export is not UTF-8.") from error


def _signature(line: str, *, is_csv: bool) -> str | None:
    if is_csv and not line.startswith(_COMMENT):
        return None
    if not is_csv and not line.startswith(f'{{"{_SIGNED}"'):
        return None
    note = _json(line, is_csv=is_csv).get(_SIGNED)
    if not isinstance(note, str):
        raise ExportRejected("The signature of the export is malformed.")
    return note


def _json(line: str, *, is_csv: bool) -> dict[str, Any]:
    try:
        value = json.loads(line.removeprefix(_COMMENT) if is_csv else line)
    except (ValueError, RecursionError) as error:
        raise ExportRejected("A line of the export is not JSON.") from error
    if not isinstance(value, dict):
        raise ExportRejected("A line of the export is not a JSON object.")
    return value


def _index(line: str, *, is_csv: bool) -> int:
    if not is_csv:
        try:
            return parse_entry(line.rstrip("\n").encode()).index
        except EntryRejected as error:
            raise ExportRejected(str(error)) from error
    cells = next(csv.reader([line]), [])
    if len(cells) != len(COLUMNS) or not cells[0].isascii() or not cells[0].isdigit():
        raise ExportRejected("A row of the export has the wrong form.")
    return int(cells[0])


def _cells(entry: Entry) -> tuple[str, ...]:
    data = json.dumps(dict(entry.data), sort_keys=True)
    return str(entry.index), f"{entry.time:%Y-%m-%dT%H:%M:%SZ}", entry.event.value, entry.actor, data


def _csv_row(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
