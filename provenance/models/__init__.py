"""Rows of the provenance side: the log and one record per rendition."""

from __future__ import annotations

from provenance.models.log import LogCheckpoint, LogEntry, LogNode, LogReference
from provenance.models.record import Record, RecordState

__all__ = ["LogCheckpoint", "LogEntry", "LogNode", "LogReference", "Record", "RecordState"]
