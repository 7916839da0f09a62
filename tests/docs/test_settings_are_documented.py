"""docs/settings.md names every variable that is read, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def variables_read() -> set[str]:
    """By the settings, and by the gateway of WebRTC, which has none: it holds no secret of the service."""
    settings = "".join(path.read_text() for path in (ROOT / "config/settings").rglob("*.py"))
    gateway = (ROOT / "generation/live/webrtc/gateway.py").read_text()
    return {
        *re.findall(r'env_\w+\(\s*"(LIKENESS_\w+)"', settings),
        *re.findall(r'environment\.get\(\s*"(LIKENESS_\w+)"', gateway),
    }


def test_it_documents_exactly_the_variables_that_are_read():
    documented = set(re.findall(r"`(LIKENESS_\w+)`", (ROOT / "docs/settings.md").read_text()))
    assert documented == variables_read()


def test_it_finds_the_variables_at_all():
    assert {"LIKENESS_DATA_DIR", "LIKENESS_SECRET_KEY", "LIKENESS_JOB_LEASE_S"} <= variables_read()
