"""Each table of the documentation is one: a line without a heading above it is shown as text with bars."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_RULE = re.compile(r"\|[\s:|-]+\|")


@pytest.mark.parametrize("page", PAGES)
def test_each_table_begins_with_a_heading(page: str) -> None:
    lines = [*(ROOT / page).read_text(encoding="utf-8").splitlines(), ""]
    begins = [
        number
        for number, line in enumerate(lines[:-1])
        if line.startswith("|") and not (number and lines[number - 1].startswith("|"))
    ]
    assert [lines[one] for one in begins if not _RULE.fullmatch(lines[one + 1])] == []
