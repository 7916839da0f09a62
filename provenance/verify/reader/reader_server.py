"""A preloaded process that forks a confined reader for each untrusted file.

Loading the C2PA library, FFmpeg and the watermark takes longer than reading a short clip. So this process
loads them once, touches no file itself, and for each job forks a child that gives up its rights (see
`provenance.sandbox.child`), reads the one file and ends. One job at a time, a line of JSON each way: a
`ReadOrder` in, a `ReadAnswer` out.

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
    confine,
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
    for line in sys.stdin:
        answers.write(json.dumps(to_plain(_serve(parse(ReadOrder, line)))) + "\n")
        answers.flush()


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


def _serve(order: ReadOrder) -> ReadAnswer:
    result, result_end = os.pipe()
    complaint, complaint_end = os.pipe()
    child = os.fork()
    if child == 0:
        _read(order, result_end, complaint_end)
    os.close(result_end)
    os.close(complaint_end)
    said = {result: b"", complaint: b""}
    is_late = _listen(said, result, complaint, deadline=time.monotonic() + order.wall_s)
    kill_group(child)
    _, status = os.waitpid(child, 0)
    for pipe in said:
        os.close(pipe)
    code = os.waitstatus_to_exitcode(status)
    stderr = said[complaint].decode("utf-8", errors="replace")
    if code == EXIT_SANDBOX_INCOMPLETE:
        return ReadAnswer(order.nonce, failure="sandbox_incomplete", stderr=stderr)
    is_too_long = len(said[result]) > STDOUT_LIMIT_BYTES
    failure = failure_kind(code, stderr, is_late=is_late, is_too_long=is_too_long)
    if failure is None:
        try:
            return ReadAnswer(order.nonce, parse(FileReport, said[result]))
        except ValueError:
            failure = "garbled"
    return ReadAnswer(order.nonce, failure=failure, stderr=f"exit {code}\n{stderr.strip()}")


def _listen(said: dict[int, bytes], result: int, complaint: int, *, deadline: float) -> bool:
    """Collect what the child says until it is done, says too much, or is late; whether it was late."""
    with selectors.DefaultSelector() as selector:
        for pipe in said:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return True
            for key, _ in selector.select(left):
                piece = os.read(key.fd, 65536)
                if not piece:
                    selector.unregister(key.fd)
                said[key.fd] += piece
            said[complaint] = said[complaint][-STDERR_KEPT_BYTES:]
            if len(said[result]) > STDOUT_LIMIT_BYTES:
                return False
    return False


def _read(order: ReadOrder, result_end: int, complaint_end: int) -> None:
    """The child: confined, it reads one file, answers and ends. Never returns."""
    code = 1
    try:
        os.setsid()
        os.dup2(complaint_end, 1)
        os.dup2(complaint_end, 2)
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is all that is wanted
            os.dup2(nothing.fileno(), 0)
        _close_all_but({0, 1, 2, result_end})
        confine(Confinement(order.memory_bytes, order.cpu_s, (order.job.path,), order.may_be_reduced))
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
