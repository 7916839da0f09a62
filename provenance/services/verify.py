"""Verify a file now, against the service's own keys and records."""

from __future__ import annotations

import os
from functools import cache, partial
from pathlib import Path

from django.conf import settings

from provenance.keys.service_keys import trust_store
from provenance.selectors.evidence import record_facts
from provenance.services.journal import require_caught_up
from provenance.services.recorded_sounds import records_that_sound_like
from provenance.services.watermark_registry import IssuedWatermarks
from provenance.verify.reader.reader_pool import LONGEST_QUEUE_TIMEOUT_S, Readers
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file as verify_with


def verify_file(
    path: Path, *, queue_timeout_s: float = LONGEST_QUEUE_TIMEOUT_S, hurried_s: float | None = None
) -> Verdict:
    """The verdict on the file at `path`.

    Raises `UnsupportedMedia`, `ReadersBusy` when none was free for `queue_timeout_s`, too many wait, or the
    one that reads it had too little of a busy machine to end within `hurried_s`, and `JournalUnread`.
    """
    require_caught_up()
    return verify_with(
        path,
        trust=trust_store(),
        watermarks=IssuedWatermarks(),
        find=lambda field, value: record_facts(**{field: value}),
        find_sounds=records_that_sound_like,
        read=partial(_readers(os.getpid()).read, queue_timeout_s=queue_timeout_s, hurried_s=hurried_s),
    )


@cache
def _readers(process_id: int) -> Readers:
    """The readers of this process: pipes do not survive a fork, so each web process has its own."""
    return Readers(settings.LIKENESS_VERIFY_READERS)
