"""Run a module that parses hostile input in a sandboxed process, and read its answer strictly.

Native parsers (C2PA, FFmpeg, image and audio decoders) are fed with whatever strangers upload. They run here:
no file but the one to read and the libraries, nothing written but the answer, little memory, little time, no
network, nothing of our environment, and an end by the clock at which the whole process group is killed.
What comes back is of the type that was asked for, read strictly from the JSON that it prints, or an
`IsolatedFailure`. Where the kernel does not offer that, no file is read (`SandboxIncomplete`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Literal, TypeVar

from provenance.common.strict_json import parse, to_plain
from provenance.sandbox.child import (
    EXIT_NOT_STARTED,
    EXIT_OUT_OF_MEMORY,
    EXIT_SANDBOX_INCOMPLETE,
    OUT_OF_MEMORY_WORDS,
    Confinement,
)
from provenance.sandbox.requirement import (
    ReaderLate,
    ReaderUnavailable,
    SandboxIncomplete,
    may_be_reduced,
    sandbox_state,
)
from provenance.sandbox.standstill import LOOKED_AFTER_S, Standstill

T = TypeVar("T")
FailureKind = Literal["memory", "time", "crashed", "garbled"]
_End = Literal["by_itself", "late", "still"]

# Of ten minutes looked at in 150 places, four readings may tell 3.6 kB of each.
STDOUT_LIMIT_BYTES = 8 * 1024 * 1024
STDERR_KEPT_BYTES = 8 * 1024

# Our own exit code, and those of a Python that does not find our code or its own.
NOT_STARTED = frozenset({EXIT_NOT_STARTED, 1, 2, 126, 127})

_SENTENCES: dict[FailureKind, str] = {
    "memory": "The file needs more memory than its reader may use.",
    "time": "The file takes longer to read than its reader may take.",
    "crashed": "The reader of the file stopped unexpectedly.",
    "garbled": "The reader of the file gave no usable answer.",
}
_PROJECT_ROOT = Path(__file__).resolve().parents[2]

log = logging.getLogger(__name__)


class IsolatedFailure(Exception):
    """The isolated process gave no result.

    `kind` says why; `stderr` is for the log and never for an answer. `is_late`: the clock ended one that
    serves many files before its processor time did.
    """

    def __init__(self, kind: FailureKind, *, stderr: str = "", is_late: bool = False) -> None:
        super().__init__(_SENTENCES[kind])
        self.kind: FailureKind = kind
        self.stderr = stderr
        self.is_late = is_late


def run_isolated(
    module: str,
    answer: type[T],
    *,
    args: Sequence[str] = (),
    stdin: bytes | None = None,
    readable: Sequence[Path] = (),
    memory_bytes: int,
    cpu_s: int,
    wall_s: float,
) -> T:
    """Run `python -m module args...` under limits and return the `answer` that it prints as JSON.

    `readable` are the absolute paths of what it may read besides its libraries; it writes no file.
    `memory_bytes` limits the address space, `cpu_s` the processor seconds, `wall_s` the time on the clock,
    which may be many times as long: what stands still is ended sooner (`standstill`).
    Only Python's own `sys.stdout` is the answer: what native code prints goes to the log. Safe to call from
    any thread (limits are set by the child itself before it imports `module`, so nothing runs between fork
    and exec). Raises `IsolatedFailure` with kind `memory`, `time` (of the processor, or it stood still),
    `crashed` (ended with an error) or `garbled` (ended well, but what it printed is not the JSON of an
    `answer`, or more than 8 MB of it). With nothing said about the file: `SandboxIncomplete` where this
    machine cannot confine it, `ReaderUnavailable` where it does not start, and `ReaderLate` where it is still
    at work at the end of `wall_s`.
    """
    return run_isolated_for_data(
        module,
        answer,
        args=args,
        stdin=stdin,
        readable=readable,
        memory_bytes=memory_bytes,
        cpu_s=cpu_s,
        wall_s=wall_s,
        most_data_bytes=None,
    )[0]


def run_isolated_for_data(
    module: str,
    answer: type[T],
    *,
    args: Sequence[str] = (),
    stdin: bytes | None = None,
    readable: Sequence[Path] = (),
    memory_bytes: int,
    cpu_s: int,
    wall_s: float,
    most_data_bytes: int | None,
) -> tuple[T, bytes]:
    """As `run_isolated`, for a module that prints its answer in one line and then bytes, at most so many.

    The bytes are as untrusted as the file. With None there are none, and the answer may be of many lines.
    """
    confinement = Confinement(memory_bytes, cpu_s, tuple(readable), may_be_reduced())
    limits = json.dumps(to_plain(confinement))
    command = [sys.executable, "-s", "-P", "-m", "provenance.sandbox.child", limits, module, *args]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=confined_environment(),
            cwd=tempfile.gettempdir(),
            start_new_session=True,
        )
    except OSError as error:
        log.exception("isolated %s was not run", module)
        raise ReaderUnavailable from error
    stdout = _Head(process.stdout, process, STDOUT_LIMIT_BYTES + (most_data_bytes or 0))
    stderr = _Tail(process.stderr)
    threads = [threading.Thread(target=pump, daemon=True) for pump in (stdout.read, stderr.read)]
    if stdin is not None:
        threads.append(threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True))
    for thread in threads:
        thread.start()
    ended: _End = "by_itself"
    try:
        ended = _wait_for(process, wall_s)
    finally:
        # Also after a normal end: whatever it started must not outlive it, and would keep the pipes open.
        kill_group(process.pid)
        process.wait()
        for thread in threads:
            thread.join()
    if process.returncode == EXIT_SANDBOX_INCOMPLETE:
        log.error("isolated %s was not run: %s", module, stderr.text)
        raise SandboxIncomplete(sandbox_state().missing)
    if ended == "late":
        log.warning(
            "isolated %s was at work after %.0f s on the clock\n%s", module, wall_s, stderr.text.strip()
        )
        raise ReaderLate
    if ended == "by_itself" and process.returncode in NOT_STARTED:
        log.error("isolated %s did not start (exit %s)\n%s", module, process.returncode, stderr.text.strip())
        raise ReaderUnavailable
    failure = failure_kind(
        process.returncode, stderr.text, is_late=ended == "still", is_too_long=stdout.is_too_long
    )
    if failure is None:
        said, data = stdout.data, b""
        if most_data_bytes is not None:
            said, _, data = stdout.data.partition(b"\n")
        try:
            return parse(answer, said), data
        except ValueError:
            failure = "garbled"
    log.warning(
        "isolated %s failed: %s (exit %s)\n%s", module, failure, process.returncode, stderr.text.strip()
    )
    raise IsolatedFailure(failure, stderr=stderr.text)


def _wait_for(process: subprocess.Popen[bytes], wall_s: float) -> _End:
    """How a process ends: by itself, or neither within `wall_s` on the clock nor before it stands still."""
    deadline, standstill = time.monotonic() + wall_s, Standstill(process.pid)
    while (left := deadline - time.monotonic()) > 0:
        if standstill.is_over:
            return "still"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=min(left, LOOKED_AFTER_S))
            return "by_itself"
    return "late"


def confined_environment() -> dict[str, str]:
    """All that a confined process sees of our environment: nothing of ours."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "TMPDIR": tempfile.gettempdir(),
        "PYTHONPATH": str(_PROJECT_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Each thread pool and each malloc arena reserves address space, which is what the memory limit
        # counts.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        # Frames and planes come and go by the thousand. What one leaves is kept for the next, up to the size
        # from which glibc maps memory of its own in any case.
        "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
        "MALLOC_TRIM_THRESHOLD_": str(128 * 1024 * 1024),
    }


def failure_kind(code: int, stderr: str, *, is_late: bool, is_too_long: bool) -> FailureKind | None:
    """What a confined process ended with, or None for a good end."""
    if is_late or code == -signal.SIGXCPU:
        return "time"
    if is_too_long:
        return "garbled"
    if code == 0:
        return None
    # Rust and C++ abort where Python would raise; they say so before they go.
    if code == EXIT_OUT_OF_MEMORY or any(word in stderr.lower() for word in OUT_OF_MEMORY_WORDS):
        return "memory"
    return "crashed"


def kill_group(leader: int) -> None:
    """Kill a process that leads its own session, and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _feed(pipe: IO[bytes] | None, data: bytes) -> None:
    assert pipe is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(data)


class _Head:
    """The first bytes of a pipe; more than the limit ends the process."""

    def __init__(self, pipe: IO[bytes] | None, process: subprocess.Popen[bytes], limit_bytes: int) -> None:
        assert pipe is not None  # noqa: S101
        self._pipe, self._process, self._limit_bytes = pipe, process, limit_bytes
        self.data = b""
        self.is_too_long = False

    def read(self) -> None:
        with self._pipe:
            self.data = self._pipe.read(self._limit_bytes + 1)
            if len(self.data) > self._limit_bytes:
                self.is_too_long = True
                kill_group(self._process.pid)


class _Tail:
    """The last bytes of a pipe, which is where a traceback says what happened."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        assert pipe is not None  # noqa: S101
        self._pipe = pipe
        self._data = b""

    def read(self) -> None:
        with self._pipe:
            while piece := self._pipe.read1(65536):  # type: ignore[attr-defined]
                self._data = (self._data + piece)[-STDERR_KEPT_BYTES:]

    @property
    def text(self) -> str:
        return self._data.decode("utf-8", errors="replace")
