"""What crosses a border has a type: `provenance` passes no dictionaries of anything around."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST = 20
# What is read from a confined process, and what it is told.
BORDERS = (
    "provenance/sandbox/isolation.py",
    "provenance/verify/evidence/reader_report.py",
    "provenance/verify/reader/inspect.py",
    "provenance/verify/reader/reader_order.py",
    "provenance/verify/reader/reader_pool.py",
    "provenance/verify/reader/reader_server.py",
    "provenance/verify/reader/watermark_search.py",
    "provenance/verify/verify_file.py",
    "provenance/verify/watermark_answer.py",
    "generation/intake/examine.py",
    "generation/intake/inspect_audio.py",
    "generation/intake/inspect_portrait.py",
    "generation/intake/inspection.py",
)


def test_few_dictionaries_of_anything_are_left() -> None:
    found = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / "provenance").rglob("*.py")
        if (count := len(re.findall(r"(?:dict|Mapping)\[[^\[\]]*, Any\]", path.read_text())))
    }
    assert sum(found.values()) <= MOST, found


@pytest.mark.parametrize("module", BORDERS)
def test_nothing_untyped_crosses_to_a_confined_process(module: str) -> None:
    assert not re.search(r"\bAny\b", (ROOT / module).read_text())
