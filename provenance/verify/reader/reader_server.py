"""A preloaded process that forks a confined reader for each untrusted file.

Loading the C2PA library, FFmpeg and the watermark takes longer than reading a short clip. So this process
loads them once, touches no file itself, and for each job has a child that gives up its rights (see
`provenance.sandbox.child`), reads the one file and ends. One job at a time, a line of JSON each way: a
`ReadOrder` in, a `ReadAnswer` out. To fork and confine a child takes longer than reading credentials, so it
is done ahead: while nobody waits, one child stands ready for the next file, and for no other after it. It has
read a file of ours before, as the first file takes a process twice as long as the second.

A file may take its child over. The child holds nothing but the pipe for its own answer, so that it cannot
speak for another; the nonce, which is another for each order, lets the parent tell if it ever should.

Run by `provenance.verify.reader.reader_pool`; ends when its input does, which is when its parent is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import sys
import time
import traceback

from provenance.common.strict_json import parse, to_plain
from provenance.sandbox.child import (
    EXIT_OUT_OF_MEMORY,
    EXIT_SANDBOX_INCOMPLETE,
    Confinement,
    Confiner,
    is_out_of_memory,
    withhold_memory,
)
from provenance.sandbox.isolation import (
    STDERR_KEPT_BYTES,
    STDOUT_LIMIT_BYTES,
    failure_kind,
    kill_group,
)
from provenance.sandbox.requirement import SandboxIncomplete
from provenance.sandbox.standstill import LOOKED_AFTER_S, Standstill
from provenance.verify.evidence.reader_report import FileReport
from provenance.verify.reader import inspect
from provenance.verify.reader.reader_order import ReadAnswer, ReadOrder

KEPT_BYTES = 256 * 1024 * 1024  # at most, of a child's memory
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # numbers of GNU's malloc.h


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # native libraries print where they like
    withhold_memory()
    _keep_freed_memory()
    inspect.preload()
    child: _Child | None = _Child()
    for line in sys.stdin:
        if child is not None and not child.is_ready:
            child.end()
            child = None
        child = child or _Child()
        answers.write(json.dumps(to_plain(child.answer(parse(ReadOrder, line)))) + "\n")
        answers.flush()
        child.end()
        child = None
        with contextlib.suppress(OSError):  # too many processes: tried again when there is a file to read
            child = _Child()


def _keep_freed_memory() -> None:
    """Let the C library reuse what was freed instead of handing it back to the kernel, also in all children.

    A search makes and drops planes of megabytes a thousand times; as mappings of their own each costs a page
    fault for every 4 KiB, together a seventh of the time. A child ends with its file, so nothing is kept for
    long.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, KEPT_BYTES)
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)


class _Child:
    """A process that waits for one order, reads the file and ends."""

    def __init__(self) -> None:
        order_end, order = os.pipe()
        self._order: int | None = order  # until it is given
        self._result, result_end = os.pipe()
        self._complaint, complaint_end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _read(order_end, result_end, complaint_end)
        for end in (order_end, result_end, complaint_end):
            os.close(end)
        self._said = {self._result: b"", self._complaint: b""}
        self._code: int | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it is there: the kernel or an operator may have ended it while it waited."""
        return os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def answer(self, order: ReadOrder) -> ReadAnswer:
        """What it says of the order's file, as soon as it has said so; else why it says nothing."""
        deadline = time.monotonic() + order.wall_s
        assert self._order is not None  # noqa: S101
        given, self._order = self._order, None
        with contextlib.suppress(BrokenPipeError), os.fdopen(given, "wb") as pipe:
            pipe.write(json.dumps(to_plain(order)).encode())
        report, is_late = self._listen(deadline)
        if report is not None:
            return ReadAnswer(order.nonce, report)
        code = self.end()
        stderr = self._said[self._complaint].decode("utf-8", errors="replace")
        if code == EXIT_SANDBOX_INCOMPLETE:
            return ReadAnswer(order.nonce, failure="sandbox_incomplete", stderr=stderr)
        is_too_long = len(self._said[self._result]) > STDOUT_LIMIT_BYTES
        failure = failure_kind(code, stderr, is_late=is_late, is_too_long=is_too_long) or "garbled"
        return ReadAnswer(
            order.nonce, failure=failure, stderr=f"exit {code}\n{stderr.strip()}", is_late=is_late
        )

    def _listen(self, deadline: float) -> tuple[FileReport | None, bool]:
        """Its report once that is whole; None when it ends without one, says too much, stands still or is
        late, and whether it was late.
        """
        standstill = Standstill(self._pid)
        said, result, complaint = self._said, self._result, self._complaint
        with selectors.DefaultSelector() as selector:
            for pipe in said:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0 or standstill.is_over:
                    return None, True
                for key, _ in selector.select(min(left, LOOKED_AFTER_S)):
                    piece = os.read(key.fd, 65536)
                    said[key.fd] += piece
                    if not piece:
                        selector.unregister(key.fd)
                        if key.fd == result:
                            with contextlib.suppress(ValueError):
                                return parse(FileReport, said[result]), False
                said[complaint] = said[complaint][-STDERR_KEPT_BYTES:]
                if len(said[result]) > STDOUT_LIMIT_BYTES:
                    return None, False
        return None, False

    def end(self) -> int:
        """End it and all that it started; its exit code."""
        if self._code is None:
            kill_group(self._pid)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
            for pipe in (self._result, self._complaint, *((self._order,) if self._order is not None else ())):
                os.close(pipe)
        return self._code


def _read(order_end: int, result_end: int, complaint_end: int) -> None:
    """The child: confined, it reads the file of one order, answers and ends. Never returns."""
    code = 1
    try:
        os.setsid()
        os.dup2(complaint_end, 1)
        os.dup2(complaint_end, 2)
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is all that is wanted
            os.dup2(nothing.fileno(), 0)
        _close_all_but({0, 1, 2, order_end, result_end})
        confiner = Confiner()
        inspect.rehearse()
        with os.fdopen(order_end, "rb") as pipe:
            line = pipe.read()
        if not line:  # nothing to read: the parent is gone
            os._exit(0)
        order = parse(ReadOrder, line)
        confiner.confine(
            Confinement(order.memory_bytes, order.cpu_s, (order.job.path,), order.may_be_reduced)
        )
        answer = json.dumps(to_plain(inspect.inspect(order.job))).encode()
        with os.fdopen(result_end, "wb") as out:
            out.write(answer)
        code = 0
    except BaseException as error:  # noqa: BLE001 - the last frame of the child: it only decides the exit code
        if is_out_of_memory(error):
            code = EXIT_OUT_OF_MEMORY
        elif isinstance(error, SandboxIncomplete):
            code = EXIT_SANDBOX_INCOMPLETE
            sys.stderr.write(f"missing: {', '.join(error.missing)}")
            sys.stderr.flush()
        else:
            traceback.print_exc()
            sys.stderr.flush()
    finally:
        os._exit(code)


def _close_all_but(kept: set[int]) -> None:
    """Close what the libraries and the parent have open, the pipe for answers to all orders among it."""
    for descriptor in [int(name) for name in os.listdir("/dev/fd")]:  # noqa: PTH208 - numbers, no paths
        if descriptor not in kept:
            with contextlib.suppress(OSError):  # the one that listed them is gone
                os.close(descriptor)


if __name__ == "__main__":
    main()
