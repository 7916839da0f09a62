"""The orders that the reader pool sends to a reader process, and the answers: a line of JSON each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from provenance.sandbox.isolation import FailureKind
from provenance.verify.evidence.reader_report import FileReport, ReadJob


@dataclass(frozen=True)
class ReadOrder:
    """One file to read, and within what limits. The nonce is another for each order."""

    nonce: str
    job: ReadJob
    memory_bytes: int
    cpu_s: int
    wall_s: float
    may_be_reduced: bool


@dataclass(frozen=True)
class ReadAnswer:
    """The answer to the order with that nonce: the report, or why there is none.

    `sandbox_incomplete`: the file was not read, since the reader could not be confined. `stderr` is for the
    log and never for an answer to a caller. `is_late`: the clock ended it before its processor time did.
    """

    nonce: str
    result: FileReport | None = None
    failure: FailureKind | Literal["sandbox_incomplete"] | None = None
    stderr: str = ""
    is_late: bool = False

    def __post_init__(self) -> None:
        if (self.result is None) == (self.failure is None):
            raise ValueError("An answer holds either a report or the reason why there is none.")
