"""Verifying a file against our own keys and records."""

from __future__ import annotations

from pathlib import Path

from provenance.selectors import record_facts
from provenance.services.keys import trust_store, watermark_secret
from provenance.verify.collect import judge
from provenance.verify.verdict import Verdict


def verify_file(path: Path) -> Verdict:
    """The verdict on the file at `path`. Raises `UnsupportedMedia`."""
    return judge(
        path,
        trust=trust_store(),
        watermark_secret=watermark_secret(),
        find=lambda field, value: record_facts(**{field: value}),
    )
