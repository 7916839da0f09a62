"""Have a draft made in a confined process, which writes no file: the video comes back as bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generation.draft.draft_request import DraftAnswer, DraftRequest
from generation.draft.refusals import DraftBusy, DraftFailed
from provenance.common.strict_json import to_plain
from provenance.sandbox.isolation import IsolatedFailure, run_isolated_for_data
from provenance.watermark import WatermarkKey

MEMORY_BYTES = 8 * 1024**3  # of address space; torch reserves most of it and uses little
CPU_S = 90
WALL_S = 120.0
MOST_BYTES = 4 * 1000 * 1000

_one_at_a_time = threading.Lock()


@contextmanager
def reserved() -> Iterator[None]:
    """One draft at a time in a process. Raises `DraftBusy` while there is another."""
    if not _one_at_a_time.acquire(blocking=False):
        raise DraftBusy
    try:
        yield
    finally:
        _one_at_a_time.release()


def make_draft(portrait: Path, *, language: str, watermark_id: int, key: WatermarkKey) -> bytes:
    """An MP4 in which the portrait's person says the sentence of a language of `sentences.WORDS`: two or
    three seconds, 256 x 256 pixels.

    Every frame has the labels of that language and of English, and carries the id as a draft's mark.

    Takes ten seconds and more; call it in `reserved`. Raises `DraftFailed` and `SandboxIncomplete`.
    """
    try:
        request = DraftRequest(portrait.resolve(), language, watermark_id, key.secret)
        answer, video = run_isolated_for_data(
            "generation.draft.render_draft",
            DraftAnswer,
            stdin=json.dumps(to_plain(request)).encode(),
            readable=(request.portrait,),
            memory_bytes=MEMORY_BYTES,
            cpu_s=CPU_S,
            wall_s=WALL_S,
            most_data_bytes=MOST_BYTES,
        )
    except IsolatedFailure as failure:
        raise DraftFailed from failure
    if answer.frames < 1 or video[4:8] != b"ftyp":
        raise DraftFailed
    return video
