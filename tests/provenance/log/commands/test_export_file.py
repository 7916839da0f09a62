"""A signed export is accepted as it was made, and in no other form."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance.log.entries import Entry, LogEvent
from provenance.log.export_file import ExportForm, ExportRejected, check_export, export_lines
from provenance.log.keys import LogSigningKey
from tests.provenance.log.store import KEY

ABOUT = {"export": "log entries", "tree_size": 9}


def entries(count: int = 3) -> list[Entry]:
    when = datetime(2026, 11, 29, tzinfo=UTC)
    data = {"rendition_id": "rnd_abc", "reason_code": None}
    return [Entry(2 * index, when, LogEvent.RENDITION_RELEASED, "usr_a", data) for index in range(count)]


@pytest.fixture(params=list(ExportForm))
def lines(request: pytest.FixtureRequest) -> list[str]:
    return list(export_lines(entries(), form=request.param, about=ABOUT, key=KEY))


def check(lines: list[str], folder: Path, key: LogSigningKey = KEY):
    file = folder / "export"
    file.write_text("".join(lines), newline="")
    return check_export(file, key.verify_key)


def test_an_export_says_what_it_holds(lines: list[str], tmp_path: Path) -> None:
    found = check(lines, tmp_path)
    assert (found.count, found.about) == (3, ABOUT)


def test_an_export_without_entries_is_sound(tmp_path: Path) -> None:
    assert check(list(export_lines([], form=ExportForm.CSV, about={}, key=KEY)), tmp_path).count == 0


def test_a_spreadsheet_reads_the_rows(tmp_path: Path) -> None:
    made = export_lines(entries(), form=ExportForm.CSV, about=ABOUT, key=KEY)
    rows = list(csv.DictReader(line for line in made if not line.startswith("#")))
    assert [(row["index"], row["event"], row["actor"]) for row in rows] == [
        (str(2 * index), "rendition.released", "usr_a") for index in range(3)
    ]


@pytest.mark.parametrize("change", ["drop", "double", "swap", "edit", "cut", "add", "empty"])
def test_a_changed_export_is_rejected(lines: list[str], tmp_path: Path, change: str) -> None:
    at = len(lines) - 2
    changed = {
        "drop": lines[:at] + lines[at + 1 :],
        "double": [*lines[: at + 1], *lines[at:]],
        "swap": [*lines[: at - 1], lines[at], lines[at - 1], lines[-1]],
        "edit": [line.replace("rnd_abc", "rnd_xyz") for line in lines],
        "cut": lines[:-1],
        "add": [*lines, lines[at]],
        "empty": [],
    }[change]
    with pytest.raises(ExportRejected):
        check(changed, tmp_path)


def test_the_signature_of_another_log_does_not_count(lines: list[str], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with pytest.raises(ExportRejected):
        check(lines, tmp_path, LogSigningKey(KEY.name, Ed25519PrivateKey.generate()))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"[]\n", b"{}\n{}\n", b"# {}\n# 1\n", b'{}\n{"signature": 1}\n']
)
def test_what_is_no_export_is_rejected(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "export"
    file.write_bytes(content)
    with pytest.raises(ExportRejected):
        check_export(file, KEY.verify_key)
