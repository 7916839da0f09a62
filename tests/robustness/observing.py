"""Looking at a running stack from outside: its rows, its log, its files, its processes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import Celery
from kombu import Queue

from config.local_stack import LocalStack

PATIENCE_S = 150
FINISHED = {"released", "rejected", "failed", "cancelled", "revoked"}


def wait_until(condition: Callable[[], Any], what: str, *, every_s: float = 0.05) -> Any:
    """The first true value of `condition`."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(every_s)
    raise AssertionError(f"{what} did not happen within {PATIENCE_S} s.")


@contextmanager
def rows(stack: LocalStack) -> Iterator[sqlite3.Connection]:
    """The stack's SQLite database, for reading."""
    connection = sqlite3.connect(f"file:{stack.data_dir / 'likeness.sqlite3'}?mode=ro", uri=True, timeout=30)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    finally:
        connection.close()


def job_row(stack: LocalStack, job_id: str) -> sqlite3.Row:
    """The row of a job."""
    with rows(stack) as connection:
        row: sqlite3.Row = connection.execute(
            "SELECT * FROM generation_job WHERE id = ?", (job_id,)
        ).fetchone()
    return row


def events(stack: LocalStack, public_id: str) -> list[str]:
    """What the log says about an id, in order."""
    with rows(stack) as connection:
        found = connection.execute(
            "SELECT entry.event FROM provenance_logentry AS entry JOIN provenance_logreference AS mention"
            ' ON mention.entry_id = entry."index" WHERE mention.value = ? ORDER BY entry."index"',
            (public_id,),
        )
        return [str(row["event"]) for row in found]


def renditions(stack: LocalStack, job_id: str) -> list[str]:
    """The ids of what was sealed for a job."""
    with rows(stack) as connection:
        found = connection.execute("SELECT id FROM generation_rendition WHERE job_id = ?", (job_id,))
        return [str(row["id"]) for row in found]


def attempt_folders(stack: LocalStack) -> list[Path]:
    """The folders that attempts work in."""
    return sorted((stack.data_dir / "attempts").glob("*"))


def finished(stack: LocalStack, job_id: str) -> str:
    """The state in which the job ends."""
    return str(
        wait_until(
            lambda: (state := job_row(stack, job_id)["state"]) in FINISHED and state,
            f"The end of job {job_id}",
        )
    )


def ask_to_reconcile(stack: LocalStack) -> None:
    """Send the io worker the message that beat sends it every 30 seconds."""
    with Celery(broker=f"redis+socket://{stack.data_dir}/redis.sock", set_as_current=False) as app:
        app.conf.task_queues = [Queue("io")]
        app.conf.task_default_queue = "io"
        app.send_task("generation.tasks.reconcile", queue="io", ignore_result=True)


def wait_for_lease_to_run_out(stack: LocalStack, job_id: str) -> None:
    """Return when nobody holds the job any more as far as the clock is concerned."""

    def is_over() -> bool:
        with rows(stack) as connection:
            (over,) = connection.execute(
                "SELECT lease_expires_at IS NULL OR lease_expires_at < strftime('%Y-%m-%d %H:%M:%f', 'now')"
                " FROM generation_job WHERE id = ?",
                (job_id,),
            ).fetchone()
        return bool(over)

    wait_until(is_over, "The end of the lease")


class TooLate(Exception):
    """The job has left the state that it was to be held in."""


def hold(stack: LocalStack, job_id: str, state: str, *, attempt: int) -> subprocess.Popen[bytes]:
    """Freeze the render worker while it works on the job in this state; its process, stopped.

    The last states of a job are over in a fraction of a second, which a busy machine can miss. Raises
    TooLate.
    """
    process = stack.processes["render"]
    deadline = time.monotonic() + PATIENCE_S
    with rows(stack) as connection:

        def now() -> tuple[str, int]:
            found = connection.execute("SELECT state, attempts FROM generation_job WHERE id = ?", (job_id,))
            return tuple(found.fetchone())

        while (seen := now()) != (state, attempt):
            if seen[0] in FINISHED or seen[1] > attempt:
                raise TooLate(f"It is {seen[0]} already, in attempt {seen[1]}.")
            assert time.monotonic() < deadline, f"the job never was {state}, it is {seen}"
            # A worker that starts needs the processor, and the first state of its attempt is a long one.
            time.sleep(0.001 if seen[1] == attempt else 0.02)
        os.killpg(process.pid, signal.SIGSTOP)
        if now() == (state, attempt):
            return process
    os.killpg(process.pid, signal.SIGCONT)
    raise TooLate(f"It left {state} before it was stopped.")


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a part and its children at once, as the kernel does when memory runs out."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
