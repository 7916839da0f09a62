"""Studio processes: one for each portrait that is being worked with, started when it is first needed.

A process is as confined as what reads strangers' files, holds one portrait, and ends by itself a few minutes
after its last order. There are few of them; whoever comes when all are in use is told so.
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
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Final, Literal

from generation.draft.refusals import DraftFailed
from generation.studio.refusals import DraftRefused, StudioBusy
from generation.studio.studio_order import StudioAnswer, StudioOrder
from provenance.common.strict_json import parse, to_plain
from provenance.sandbox.child import EXIT_SANDBOX_INCOMPLETE, Confinement
from provenance.sandbox.isolation import confined_environment, kill_group
from provenance.sandbox.requirement import SandboxIncomplete, may_be_reduced, sandbox_state

MODULE: Final = "generation.studio.studio_process"
MEMORY_BYTES: Final = 8 * 1024**3  # of address space; torch reserves most of it and uses little
CPU_S: Final = 3600
WALL_S: Final = 60.0  # of one order; the first loads the model and fits the portrait
QUEUE_S: Final = 8.0  # that an order waits for those before it
MOST_WAITING: Final = 4  # orders for one portrait; each holds a thread of the web server
HELD_S: Final = 20.0  # after its last order a portrait keeps its process for so long
MOST_BYTES: Final = 8 * 1000 * 1000

Files = Mapping[Literal["portrait", "sound", "motion"], Callable[[], bytes]]
logger = logging.getLogger(__name__)


class StudioPool:
    """Up to `count` studio processes. Safe for threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._processes: dict[str, _StudioProcess] = {}
        # A confined process dies with the thread that started it, and those that serve requests come and go.
        self._starter = ThreadPoolExecutor(1, "studio-starter")

    def make(self, order: StudioOrder, *, portrait: str, files: Files) -> bytes:
        """What is ordered of the portrait with the id `portrait`.

        `files` are read only if the process has not been given them yet. Raises StudioBusy, DraftRefused,
        DraftFailed and SandboxIncomplete.
        """
        process = self._process_of(portrait)
        if not process.places.acquire(blocking=False):
            raise StudioBusy
        try:
            return self._make(process, order, files)
        finally:
            process.places.release()

    def _make(self, process: _StudioProcess, order: StudioOrder, files: Files) -> bytes:
        if not process.lock.acquire(timeout=QUEUE_S):
            raise StudioBusy
        try:
            return process.make(order, files)
        except BaseException as error:
            if not isinstance(error, DraftRefused):
                process.end()
            raise
        finally:
            process.used_at = time.monotonic()
            process.lock.release()

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            processes, self._processes = list(self._processes.values()), {}
        for process in processes:
            process.end()

    def _process_of(self, portrait: str) -> _StudioProcess:
        with self._lock:
            if portrait not in self._processes:
                if len(self._processes) >= self._count:
                    self._give_up_one()
                self._processes[portrait] = _StudioProcess(self._starter)
            self._processes[portrait].used_at = time.monotonic()
            return self._processes[portrait]

    def _give_up_one(self) -> None:
        """End the process that has been idle longest. Raises StudioBusy where each was used just now."""
        idle = [
            (process.used_at, portrait)
            for portrait, process in self._processes.items()
            if time.monotonic() - process.used_at > HELD_S
        ]
        for _, portrait in sorted(idle):
            process = self._processes[portrait]
            if process.lock.acquire(blocking=False):
                del self._processes[portrait]
                process.end()
                process.lock.release()
                return
        raise StudioBusy


class _StudioProcess:
    """One studio process, started with its first order and again when it has ended. `lock` is held by whoever
    uses it, one of `places` by whoever waits for it too."""

    def __init__(self, starter: Executor) -> None:
        self.lock = threading.Lock()
        self.places = threading.BoundedSemaphore(MOST_WAITING)
        self._starter = starter
        self.used_at = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether there is a process; it may end by itself at any time."""
        return self._process is not None and self._process.poll() is None

    def make(self, order: StudioOrder, files: Files) -> bytes:
        given = dict.fromkeys(files, b"")
        for _ in range(len(files) + 1):
            order = replace(
                order,
                nonce=secrets.token_hex(16),
                portrait_bytes=len(given["portrait"]),
                sound_bytes=len(given["sound"]),
                motion_bytes=len(given["motion"]),
            )
            answer, data = self._ask(order, b"".join(given[name] for name in ("portrait", "sound", "motion")))
            if answer.refusal:
                raise DraftRefused(answer.refusal)
            if answer.failure:
                logger.warning("A studio process failed:\n%s", answer.failure)
                raise DraftFailed
            if answer.lacks is None:
                return data
            given = dict.fromkeys(files, b"") | {answer.lacks: files[answer.lacks]()}
        raise DraftFailed

    def _ask(self, order: StudioOrder, data: bytes) -> tuple[StudioAnswer, bytes]:
        message = json.dumps(to_plain(order)).encode() + b"\n" + data
        deadline = time.monotonic() + WALL_S
        if not self.is_alive:
            self._start()
        try:
            self._send(message)
        except BrokenPipeError:  # it ended by itself just now
            self._start()
            self._send(message)
        line, behind = self._receive(b"", until_line=True, deadline=deadline)
        try:
            answer = parse(StudioAnswer, line)
        except ValueError:
            raise DraftFailed from None
        if answer.nonce != order.nonce or not 0 <= answer.size <= MOST_BYTES:
            raise DraftFailed
        while len(behind) < answer.size:
            behind = self._receive(behind, until_line=False, deadline=deadline)[1]
        return answer, behind[: answer.size]

    def _send(self, message: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018
        self._process.stdin.write(message)
        self._process.stdin.flush()

    def _receive(self, data: bytes, *, until_line: bool, deadline: float) -> tuple[bytes, bytes]:
        """The next bytes behind `data`, or all up to the end of a line and what came behind it."""
        assert self._process is not None and self._process.stdout is not None  # noqa: S101, PT018
        stdout = self._process.stdout
        while True:
            ready, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(stdout.fileno(), 1 << 20) if ready else b""
            if not piece:
                self._explain_end(is_late=not ready)
            data += piece
            if not until_line:
                return b"", data
            line, end, behind = data.partition(b"\n")
            if end:
                return line, behind
            if len(data) > MOST_BYTES:
                raise DraftFailed

    def _explain_end(self, *, is_late: bool) -> None:
        code = None if is_late or self._process is None else self._process.wait(timeout=5)
        if code == EXIT_SANDBOX_INCOMPLETE:
            raise SandboxIncomplete(sandbox_state().missing)
        logger.warning("A studio process %s", "took too long" if is_late else f"ended with {code}")
        raise DraftFailed

    def _start(self) -> None:
        self.end()
        limits = json.dumps(to_plain(Confinement(MEMORY_BYTES, CPU_S, (), may_be_reduced())))
        self._process = self._starter.submit(
            subprocess.Popen[bytes],
            [sys.executable, "-s", "-P", "-m", "provenance.sandbox.child", limits, MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=confined_environment(),
            cwd=tempfile.gettempdir(),
            start_new_session=True,
        ).result()

    def end(self) -> None:
        """Kill the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        kill_group(process.pid)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
