"""Verifying a file against our own keys and records."""

from __future__ import annotations

import os
from functools import cache, partial
from pathlib import Path

from django.conf import settings

from provenance.keys.service_keys import trust_store
from provenance.selectors.evidence import record_facts
from provenance.services.watermark_registry import IssuedMarks
from provenance.verify.reader.reader_pool import LONGEST_PATIENCE_S, WALL_S, Readers
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import judge


def verify_file(path: Path, *, patience_s: float = LONGEST_PATIENCE_S, wall_s: float = WALL_S) -> Verdict:
    """The verdict on the file at `path`, of which reading may take `wall_s`.

    Raises `UnsupportedMedia`, or `ReadersBusy` when none was free for `patience_s` or too many wait.
    """
    return judge(
        path,
        trust=trust_store(),
        marks=IssuedMarks(),
        find=lambda field, value: record_facts(**{field: value}),
        read=partial(_readers(os.getpid()).read, patience_s=patience_s, wall_s=wall_s),
    )


@cache
def _readers(process_id: int) -> Readers:
    """The readers of this process: pipes do not survive a fork, so each web process has its own."""
    return Readers(settings.LIKENESS_VERIFY_READERS)
