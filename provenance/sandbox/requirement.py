"""What a sandbox must have before a stranger's file is read in it, and the one setting that asks for less.

Landlock, a filter of system calls, and limits: a process with the three reads its input and its libraries and
writes nothing but its answer. A namespace of users and network comes on top where the kernel gives one.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from provenance.common.errors import CodedError
from provenance.sandbox.file_access import landlock_version
from provenance.sandbox.syscall_filter import offers_filters

SETTING = "LIKENESS_SANDBOX"
WHOLE, REDUCED = "whole", "reduced"

LANDLOCK, SECCOMP, LIMITS = "Landlock", "seccomp", "resource limits"


class SandboxIncomplete(CodedError):
    """This machine lacks what a sandbox must have, so no file is read. `missing` names it, if it is known."""

    code = "sandbox_incomplete"
    status = 503
    message = "Files cannot be read safely on this machine, so none is read."
    hint = (
        "The operator needs Linux 5.13 or newer with Landlock and seccomp allowed for the service; "
        f"{SETTING}={REDUCED} reads files with what there is, and says so on every page."
    )

    def __init__(self, missing: Iterable[str] = ()) -> None:
        super().__init__()
        self.missing = tuple(missing)


class ReaderUnavailable(CodedError):
    """The process that reads files did not come to its work, so no file is read: this says nothing of any."""

    code = "reader_unavailable"
    status = 503
    message = "The program that reads files does not start on this machine, so none is read."
    hint = "Nothing was found to be wrong with the file: try again later. The operator finds why in the log."


class ReaderLate(ReaderUnavailable):
    """The clock ended a reader that was at work and had processor time left: the machine is busy."""

    code = "reader_late"
    message = "This machine has too much to do to read the file in time."
    hint = "Nothing was found to be wrong with the file: try again in a few minutes."


@dataclass(frozen=True)
class SandboxState:
    """What this machine lacks of a whole sandbox, and whether files are read nevertheless."""

    missing: tuple[str, ...]
    may_be_reduced: bool

    @property
    def reads_files(self) -> bool:
        """Whether strangers' files are read here at all."""
        return not self.missing or self.may_be_reduced

    @property
    def is_reduced(self) -> bool:
        """Whether they are read in less than a whole sandbox."""
        return bool(self.missing) and self.may_be_reduced


def sandbox_state() -> SandboxState:
    """Of this process, whose sandboxed processes can have no more than it may ask for itself."""
    return SandboxState(_missing(), may_be_reduced())


def may_be_reduced() -> bool:
    """Whether an operator said that files are read without a whole sandbox."""
    return os.environ.get(SETTING, WHOLE).lower() == REDUCED


@cache
def _missing() -> tuple[str, ...]:
    # Cached: what the kernel offers a process does not change while it runs, but for filters it gives itself.
    if sys.platform != "linux":
        return (LANDLOCK, SECCOMP)
    libc = ctypes.CDLL(None, use_errno=True)
    offered = {LANDLOCK: landlock_version(libc) > 0, SECCOMP: offers_filters(libc)}
    return tuple(name for name, is_there in offered.items() if not is_there)
