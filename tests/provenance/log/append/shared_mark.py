"""A high-water mark for tests with several processes on PostgreSQL that all run on this machine."""

from __future__ import annotations

from provenance.keys.log_mark import log_mark_file
from provenance.log.mark import FileMarkStore, MarkStore


def on_this_machine() -> MarkStore:
    """For LIKENESS_LOG_MARK_CALLBACK."""
    return FileMarkStore(log_mark_file())
