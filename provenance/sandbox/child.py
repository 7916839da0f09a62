"""Inside a sandboxed process: give up rights and resources, then run the module that was asked for.

Run as `python -m provenance.sandbox.child LIMITS_JSON MODULE ARGS...`. It imports next to nothing, because
all that it imports runs before the limits hold.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import runpy
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provenance.sandbox.file_access import Ruleset, library_paths
from provenance.sandbox.requirement import LANDLOCK, LIMITS, SECCOMP, SandboxIncomplete
from provenance.sandbox.syscall_filter import refuse_system_calls

EXIT_FAILED = 76  # not 1, with which Python ends when it does not come as far as here
EXIT_OUT_OF_MEMORY = 77
EXIT_SANDBOX_INCOMPLETE = 78
EXIT_NOT_STARTED = 79
# What Rust, C++, OpenCV and libc say when the address space is used up.
OUT_OF_MEMORY_WORDS = (
    "memory allocation of",
    "std::bad_alloc",
    "insufficient memory",
    "cannot allocate memory",
)

# No file is written; this bounds what a reduced sandbox without Landlock and seccomp could.
LARGEST_FILE_BYTES = 128 * 1024 * 1024
OPEN_FILES = 64
PROCESSES_AND_THREADS = 64

_PROJECT_ROOT = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


@dataclass(frozen=True)
class Confinement:
    """Under what a file is read: bytes of address space, processor seconds, and what may be read.

    `may_be_reduced` lets it be read with what the kernel offers, where that is less than a whole sandbox.
    """

    memory_bytes: int
    cpu_s: int
    readable: tuple[Path, ...]
    may_be_reduced: bool


class Confiner:
    """Confines this process for its whole life: as far as that goes before its file is known, and then whole.

    Made while the process has one thread. It restricts little by itself: call `confine` before anything of a
    stranger's is read.
    """

    def __init__(self, packages: Sequence[str] = ("provenance",)) -> None:
        """`packages` are those of ours, beside this file, whose code may still be read."""
        if sys.platform == "linux":
            libraries = library_paths([_PROJECT_ROOT / package for package in packages])
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            self._libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            _leave_namespaces(self._libc)
            self._files = Ruleset(self._libc, libraries)

    def confine(self, confinement: Confinement) -> None:
        """Limit this process as it says. Raises `SandboxIncomplete` where something is missing that must not
        be; then nothing may be read.
        """
        missing = () if _limit_resources(confinement) else (LIMITS,)
        if sys.platform != "linux":
            missing = (LANDLOCK, SECCOMP, *missing)
        else:
            has_landlock = self._files.enforced(confinement.readable)
            has_filter = refuse_system_calls(self._libc)  # last: it refuses all of the above
            missing = (*(() if has_landlock else (LANDLOCK,)), *(() if has_filter else (SECCOMP,)), *missing)
        if missing and not confinement.may_be_reduced:
            raise SandboxIncomplete(missing)


def withhold_memory() -> None:
    """Let no other process of this account look into this one, its descriptors or its memory."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the address space is used up."""
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in OUT_OF_MEMORY_WORDS)


def _leave_namespaces(libc: ctypes.CDLL) -> None:
    # A fresh user namespace has no rights over anything, a fresh network namespace has no way out. Containers
    # often forbid both: the filter keeps a reader off the network anyway.
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        # Counted inside the new namespace only; outside it would count all that this account runs.
        _limit(resource.RLIMIT_NPROC, PROCESSES_AND_THREADS)
    else:
        libc.unshare(_CLONE_NEWNET)


def _limit_resources(confinement: Confinement) -> bool:
    """Whether all limits hold. macOS refuses that of memory."""
    limits = (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES, LARGEST_FILE_BYTES),
        (resource.RLIMIT_CPU, confinement.cpu_s, confinement.cpu_s + 1),
        (resource.RLIMIT_AS, confinement.memory_bytes, confinement.memory_bytes),
    )
    done = [_limit(kind, soft, hard=hard) for kind, soft, hard in limits]  # each, whatever became of others
    return all(done)


def _limit(kind: int, soft: int, *, hard: int | None = None) -> bool:
    hard = soft if hard is None else hard
    try:
        _, present = resource.getrlimit(kind)
        if present != resource.RLIM_INFINITY:
            soft, hard = min(soft, present), min(hard, present)
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError):
        return False
    return True


def main(arguments: list[str]) -> None:
    """Confine this process and run the named module as `__main__`; only `sys.stdout` reaches the parent as
    answer.
    """
    limits, module, *rest = arguments
    answer = os.dup(1)
    os.dup2(2, 1)  # native libraries print where they like
    sys.stdout = os.fdopen(answer, "w", encoding="utf-8")
    given = json.loads(limits)
    # The folder of our packages is not listed once confined, since others' files lie in it: found before.
    package = importlib.import_module(module.partition(".")[0]).__name__
    try:
        Confiner(sorted({"provenance", package})).confine(
            Confinement(**{**given, "readable": tuple(map(Path, given["readable"]))})
        )
    except SandboxIncomplete as error:
        sys.stderr.write(f"missing: {', '.join(error.missing)}")
        sys.stderr.flush()
        os._exit(EXIT_SANDBOX_INCOMPLETE)
    sys.argv = [module, *rest]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # all was said, and taking everything apart would cost several milliseconds
    except Exception as error:  # noqa: BLE001 - the last frame: it only decides the exit code
        code = EXIT_OUT_OF_MEMORY
        if not is_out_of_memory(error):
            import traceback  # noqa: PLC0415 - every process would pay for it

            traceback.print_exc()
            # No file decides what is imported: what cannot be is not installed as it should be.
            code = EXIT_NOT_STARTED if isinstance(error, ImportError) else EXIT_FAILED
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
