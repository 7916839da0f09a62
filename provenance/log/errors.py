"""Exceptions of the pure log functions: malformed or unverified proofs, notes, entries and tiles."""

from __future__ import annotations


class LogCheckFailed(ValueError):
    """Base: something that should belong to the log does not."""


class ProofRejected(LogCheckFailed):
    """An inclusion or consistency proof does not lead to the given root."""


class NoteRejected(LogCheckFailed):
    """A signed note or checkpoint is malformed, or carries no valid signature by the given key."""


class EntryRejected(LogCheckFailed):
    """A log entry is malformed, or holds something that a log entry may not hold."""


class TileRejected(LogCheckFailed):
    """A tile path or an entry bundle is malformed."""
