"""Database models of provenance: log, erasure journal, records, verifications, reports of misuse."""

from __future__ import annotations

from provenance.models.cosignature import LogCosignature
from provenance.models.journal import JournalEntry
from provenance.models.log import LogCheckpoint, LogEntry, LogNode, LogReference
from provenance.models.misuse import MisuseKind, MisuseReport
from provenance.models.record import Record, RecordState
from provenance.models.verification import Verification, VerificationState

__all__ = [
    "JournalEntry",
    "LogCheckpoint",
    "LogCosignature",
    "LogEntry",
    "LogNode",
    "LogReference",
    "MisuseKind",
    "MisuseReport",
    "Record",
    "RecordState",
    "Verification",
    "VerificationState",
]
