"""Verify a file now, against the service's own keys and records."""

from __future__ import annotations

import logging
import os
from functools import cache, partial
from pathlib import Path

from django.conf import settings

from provenance.keys.service_keys import SecretUnusable, trust_store
from provenance.sandbox.isolation import IsolatedFailure
from provenance.selectors.evidence import record_facts
from provenance.services.journal import require_caught_up
from provenance.services.recorded_sounds import records_that_sound_like
from provenance.services.watermark_registry import IssuedWatermarks
from provenance.verify.evidence.reader_report import ReadJob
from provenance.verify.evidence.signals import MarkReading
from provenance.verify.reader.reader_pool import (
    HURRIED_S,
    LONGEST_QUEUE_TIMEOUT_S,
    QUEUE_TIMEOUT_S,
    Readers,
    ReadersBusy,
)
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file as verify_with

logger = logging.getLogger(__name__)


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


def read_mark(picture: Path) -> MarkReading | None:
    """What our watermark says of a PNG that this service wrote; None where nobody could look for it now."""
    try:
        watermarks = IssuedWatermarks()
        keys = tuple(key.secret for key in watermarks.keys())  # noqa: SIM118  no dictionary
        job = ReadJob(picture, "image", "image/png", trust_store(), keys)
        report = _readers(os.getpid()).read(job, queue_timeout_s=QUEUE_TIMEOUT_S, hurried_s=HURRIED_S)
    except (IsolatedFailure, ReadersBusy, SecretUnusable) as error:
        logger.warning("Our mark was not looked for in a portrait: %s", error)
        return None
    return watermarks.interpret(report.watermark) if report.watermark else None


@cache
def _readers(process_id: int) -> Readers:
    """The readers of this process: pipes do not survive a fork, so each web process has its own."""
    return Readers(settings.LIKENESS_VERIFY_READERS)
