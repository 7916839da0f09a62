"""docs/settings.md names every variable that the settings read, and none that they do not."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def variables_read() -> set[str]:
    source = (ROOT / "config/settings/base.py").read_text()
    return set(re.findall(r'env_\w+\(\s*"(LIKENESS_\w+)"', source))


def test_it_documents_exactly_the_variables_that_are_read():
    documented = set(re.findall(r"`(LIKENESS_\w+)`", (ROOT / "docs/settings.md").read_text()))
    assert documented == variables_read()


def test_it_finds_the_variables_at_all():
    assert {"LIKENESS_DATA_DIR", "LIKENESS_SECRET_KEY", "LIKENESS_JOB_LEASE_S"} <= variables_read()
