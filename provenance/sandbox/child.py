"""Inside a sandboxed process: give up rights and resources, then run the module that was asked for.

Run as `python -m provenance.sandbox.child LIMITS_JSON MODULE ARGS...`. It imports next to nothing, because
all that it imports runs before the limits hold.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import runpy
import signal
import sys
import traceback

from provenance.sandbox.syscall_filter import refuse_system_calls

EXIT_OUT_OF_MEMORY = 77
# What Rust, C++, OpenCV and libc say when the address space is used up.
OUT_OF_MEMORY_WORDS = (
    "memory allocation of",
    "std::bad_alloc",
    "insufficient memory",
    "cannot allocate memory",
)

# A decoded 12 megapixel portrait is 36 MB, two minutes of float32 mono at 48 kHz are 23 MB.
LARGEST_FILE_BYTES = 128 * 1024 * 1024
OPEN_FILES = 64
PROCESSES_AND_THREADS = 64

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def confine(*, memory_bytes: int, cpu_s: int) -> None:
    """Limit this process for the rest of its life. Limits that the kernel does not offer are left out."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        # A fresh user namespace has no rights over anything, a fresh network namespace has no way out.
        # Containers often forbid both: then the filter alone keeps a reader off the network.
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            # Counted inside the new namespace only; outside it would count all that this account runs.
            _limit(resource.RLIMIT_NPROC, PROCESSES_AND_THREADS)
        else:
            libc.unshare(_CLONE_NEWNET)
        refuse_system_calls(libc)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES)
    _limit(resource.RLIMIT_CPU, cpu_s, hard=cpu_s + 1)
    _limit(resource.RLIMIT_AS, memory_bytes)


def withhold_memory() -> None:
    """Let no other process of this account look into this one, its descriptors or its memory."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the address space is used up."""
    return isinstance(error, MemoryError) or any(word in str(error).lower() for word in OUT_OF_MEMORY_WORDS)


def _limit(kind: int, soft: int, *, hard: int | None = None) -> None:
    _, present = resource.getrlimit(kind)
    hard = soft if hard is None else hard
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError):
        # macOS refuses RLIMIT_AS; the deadline on the clock still holds.
        sys.stderr.write(f"limit {kind} not set\n")


def main(arguments: list[str]) -> None:
    """Confine this process and run the named module as `__main__`; only `sys.stdout` reaches the parent as
    answer.
    """
    limits, module, *rest = arguments
    answer = os.dup(1)
    os.dup2(2, 1)  # native libraries print where they like
    sys.stdout = os.fdopen(answer, "w", encoding="utf-8")
    confine(**json.loads(limits))
    sys.argv = [module, *rest]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the last frame: it only decides the exit code
        is_memory = is_out_of_memory(error)
        if not is_memory:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(EXIT_OUT_OF_MEMORY if is_memory else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
