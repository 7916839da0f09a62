"""The readers of files from strangers: how many at a time, and within what limits.

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
from typing import Any

from provenance.common.errors import CodedError
from provenance.sandbox.isolation import (
    FAILURE_KINDS,
    STDOUT_LIMIT_BYTES,
    IsolatedFailure,
    confined_environment,
    kill_group,
    parsed_object,
    run_isolated,
)

# Address space, of which the libraries alone reserve most; 64 frames of 4K and a 100 MB file fit.
MEMORY_BYTES = 2 * 1024**3
CPU_S = 20
WALL_S = 30.0
# While nobody holds the line: a busy machine must not make a file unreadable.
UNHURRIED_WALL_S = 120.0
# A reader that does not answer this long after its own deadline is replaced.
GRACE_S = 10.0
PATIENCE_S = 10.0  # of a caller who can be answered later
LONGEST_PATIENCE_S = 60.0
# Each one that waits holds a thread of the web server, and the other threads are for everybody else.
MOST_AT_ONCE = 52

SERVER = "provenance.verify.reader.reader_server"

Read = Callable[[dict[str, Any]], dict[str, Any]]
logger = logging.getLogger(__name__)


class ReadersBusy(CodedError):
    """All readers have been busy for as long as anybody waits, and no file more can be kept for later."""

    code = "readers_busy"
    status = 503
    message = "Too many files are being checked at the moment."
    hint = "Try again in a minute."


def read_once(job: dict[str, Any]) -> dict[str, Any]:
    """Read one file in a process that is started for it, as commands do. Raises `IsolatedFailure`."""
    stdin = json.dumps(job).encode()
    return run_isolated(
        "provenance.verify.reader.inspect", stdin=stdin, memory_bytes=MEMORY_BYTES, cpu_s=CPU_S, wall_s=WALL_S
    )


class Readers:
    """Up to `count` reader processes, started when they are first needed. Safe for threads."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._idle: list[_Reader] = []
        self._lock = threading.Lock()

    def read(
        self, job: dict[str, Any], *, patience_s: float = LONGEST_PATIENCE_S, wall_s: float = WALL_S
    ) -> dict[str, Any]:
        """The raw signals of one file. Raises `IsolatedFailure`.

        Raises `ReadersBusy` after `patience_s` of waiting, or at once where too many wait already.
        """
        if not self._places.acquire(blocking=False):
            raise ReadersBusy
        try:
            with self._one(patience_s) as reader:
                return reader.read(job, wall_s=wall_s)
        finally:
            self._places.release()

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.end()

    @contextmanager
    def _one(self, patience_s: float) -> Iterator[_Reader]:
        if not self._free.acquire(timeout=patience_s):
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


def _is_answer(answer: dict[str, Any]) -> bool:
    if "failure" in answer:
        return answer["failure"] in FAILURE_KINDS and isinstance(answer.get("stderr"), str)
    return isinstance(answer.get("result"), dict)


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

    def read(self, job: dict[str, Any], *, wall_s: float) -> dict[str, Any]:
        nonce = secrets.token_hex(16)
        order = {"nonce": nonce, "job": job, "memory_bytes": MEMORY_BYTES, "cpu_s": CPU_S, "wall_s": wall_s}
        try:
            deadline = time.monotonic() + wall_s + GRACE_S
            answer = parsed_object(self._ask(json.dumps(order).encode() + b"\n", deadline=deadline))
            if answer is None or answer.get("nonce") != nonce or not _is_answer(answer):
                # Not to this order, or not by the reader: nothing more that it says can be relied on.
                raise IsolatedFailure("garbled")
        except BaseException:
            self.is_usable = False
            raise
        if "failure" in answer:
            logger.warning("The reader of a file failed: %s\n%s", answer["failure"], answer["stderr"])
            raise IsolatedFailure(answer["failure"], stderr=answer["stderr"])
        result: dict[str, Any] = answer["result"]
        return result

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
                    raise IsolatedFailure("time" if not ready else "crashed")
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
