"""What the pure log functions raise. Everything that is malformed or does not verify ends as one of these."""

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
