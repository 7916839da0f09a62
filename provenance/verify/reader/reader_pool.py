"""A pool of reader processes for untrusted files, with limits on number, time and memory.

Each reader is a process of its own (`reader_server`) that confines a child for each file. Whoever comes when
all are busy waits a little; whoever would wait too long is told so, instead of the machine being asked for
more, and the service reads that file later.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from provenance.common.errors import CodedError
from provenance.common.strict_json import parse, to_plain
from provenance.sandbox.isolation import (
    STDOUT_LIMIT_BYTES,
    IsolatedFailure,
    confined_environment,
    kill_group,
    run_isolated,
)
from provenance.sandbox.requirement import SandboxIncomplete, may_be_reduced, sandbox_state
from provenance.verify.evidence.reader_report import FileReport, ReadJob
from provenance.verify.reader.reader_order import ReadAnswer, ReadOrder

# Address space, of which the libraries alone reserve most; 64 frames of 4K and a 100 MB file fit.
MEMORY_BYTES = 2 * 1024**3
CPU_S = 20
# What protects is the processor time; a busy machine must not make a file unreadable. A reader that stands
# still is ended sooner (`sandbox.standstill`).
WALL_S = 300.0
HURRIED_S = 30.0  # a caller who holds the line is told after so long, and answered later
# A reader that does not answer this long after its own deadline is replaced.
GRACE_S = 10.0
QUEUE_TIMEOUT_S = 10.0  # for a caller who can be answered later
LONGEST_QUEUE_TIMEOUT_S = 60.0
# Each one that waits holds a thread of the web server, and the other threads are for everybody else.
MOST_AT_ONCE = 52

SERVER = "provenance.verify.reader.reader_server"

Read = Callable[[ReadJob], FileReport]
logger = logging.getLogger(__name__)


class ReadersBusy(CodedError):
    """All readers have been busy for as long as anybody waits, and no file more can be kept for later."""

    code = "readers_busy"
    status = 503
    message = "Too many files are being checked at the moment."
    hint = "Try again in a minute."


def read_once(job: ReadJob) -> FileReport:
    """Read one file in a process that is started for it, as commands do.

    Raises `IsolatedFailure`, `ReaderLate`, or `SandboxIncomplete` where readers cannot be confined here.
    """
    report = run_isolated(
        "provenance.verify.reader.inspect",
        FileReport,
        stdin=json.dumps(to_plain(job)).encode(),
        readable=(job.path,),
        memory_bytes=MEMORY_BYTES,
        cpu_s=CPU_S,
        wall_s=WALL_S,
    )
    return _about(job, report)


class Readers:
    """Up to `count` reader processes, started when they are first needed. Safe for threads."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._idle: list[_Reader] = []
        self._lock = threading.Lock()

    def read(
        self,
        job: ReadJob,
        *,
        queue_timeout_s: float = LONGEST_QUEUE_TIMEOUT_S,
        hurried_s: float | None = None,
    ) -> FileReport:
        """The raw signals of one file. Raises `IsolatedFailure`, and `SandboxIncomplete` as `read_once` does.

        Raises `ReadersBusy` after `queue_timeout_s` of waiting, or at once where too many wait already, and
        where reading takes longer than `hurried_s` on the clock while its processor time is not used up.
        """
        if not self._places.acquire(blocking=False):
            raise ReadersBusy
        try:
            with self._one(queue_timeout_s) as reader:
                return reader.read(job, wall_s=WALL_S if hurried_s is None else hurried_s)
        except IsolatedFailure as failure:
            if failure.is_late and hurried_s is not None:
                raise ReadersBusy from failure
            raise
        finally:
            self._places.release()

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.end()

    @contextmanager
    def _one(self, queue_timeout_s: float) -> Iterator[_Reader]:
        if not self._free.acquire(timeout=queue_timeout_s):
            raise ReadersBusy
        try:
            with self._lock:
                reader = self._idle.pop() if self._idle else None
            if reader is None or not reader.is_alive:
                reader = _Reader()
            try:
                yield reader
            finally:
                if reader.is_usable:
                    with self._lock:
                        self._idle.append(reader)
                else:
                    reader.end()
        finally:
            self._free.release()


def _answer(line: bytes, order: ReadOrder) -> ReadAnswer:
    """The answer in a line. Raises `IsolatedFailure` for what is none, or one to another order.

    Nothing more that such a reader says can be relied on.
    """
    try:
        answer = parse(ReadAnswer, line)
    except ValueError:
        raise IsolatedFailure("garbled") from None
    if answer.nonce != order.nonce:
        raise IsolatedFailure("garbled")
    return answer


def _about(job: ReadJob, report: FileReport) -> FileReport:
    """The report, if it answers the job. Raises `IsolatedFailure`."""
    if not report.is_about(job):
        raise IsolatedFailure("garbled")
    return report


class _Reader:
    """One reader process; used by one thread at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-s", "-P", "-m", SERVER]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=confined_environment(),
            cwd=tempfile.gettempdir(),
            start_new_session=True,
        )
        self.is_usable = True

    @property
    def is_alive(self) -> bool:
        """Whether the process is there: the kernel or an operator may have ended it."""
        return self._process.poll() is None

    def read(self, job: ReadJob, *, wall_s: float) -> FileReport:
        order = ReadOrder(secrets.token_hex(16), job, MEMORY_BYTES, CPU_S, wall_s, may_be_reduced())
        try:
            deadline = time.monotonic() + wall_s + GRACE_S
            line = self._ask(json.dumps(to_plain(order)).encode() + b"\n", deadline=deadline)
            answer = _answer(line, order)
        except BaseException:
            self.is_usable = False
            raise
        if answer.failure == "sandbox_incomplete":
            logger.error("A file was not read: %s", answer.stderr)
            raise SandboxIncomplete(sandbox_state().missing)
        if answer.failure is not None:
            logger.warning("The reader of a file failed: %s\n%s", answer.failure, answer.stderr)
            raise IsolatedFailure(answer.failure, stderr=answer.stderr, is_late=answer.is_late)
        assert answer.result is not None  # noqa: S101
        return _about(job, answer.result)

    def _ask(self, order: bytes, *, deadline: float) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018
        answer = b""
        try:
            stdin.write(order)
            stdin.flush()
            while not answer.endswith(b"\n"):
                ready, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
                piece = os.read(stdout.fileno(), 1 << 20) if ready else b""
                if not piece or len(answer) > 2 * STDOUT_LIMIT_BYTES:
                    raise IsolatedFailure("crashed" if ready else "time", is_late=not ready)
                answer += piece
        except BrokenPipeError as error:
            raise IsolatedFailure("crashed") from error
        return answer

    def end(self) -> None:
        """Kill the process; its children die with it."""
        kill_group(self._process.pid)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
