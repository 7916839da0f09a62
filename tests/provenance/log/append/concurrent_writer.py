"""Several writers at once: `python -m tests.provenance.log.append.concurrent_writer COUNT NAME...`.

Migrates the database that the environment names. Then a process for each name appends COUNT entries, each in
a transaction of its own; every fifth transaction fails after appending. Last, auditlog_fsck says what it
finds. The processes are forked once the service is loaded, and share no connection.
"""

from __future__ import annotations

import os
import sys
import traceback

import django


class Failed(Exception):
    """What makes a transaction fail on purpose."""


def write(name: str, count: int) -> None:
    from django.db import transaction

    from provenance.services import log

    for number in range(count):
        try:
            with transaction.atomic():
                log.append(
                    log.LogEvent.JOB_SUBMITTED, actor="system", data={"job_id": f"job_{name}_{number}"}
                )
                if number % 5 == 4:
                    raise Failed
        except Failed:
            continue


def write_and_end(name: str, count: int) -> None:
    """Be the writer of this name. Never returns."""
    code = 1
    try:
        write(name, count)
        code = 0
    except BaseException:  # noqa: BLE001 - the last frame of the process: it only decides the exit code
        traceback.print_exc()
    finally:
        os._exit(code)


def main(count: int, names: list[str]) -> int:
    """Whether a writer failed."""
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
    writers = []
    for name in names:
        writers.append(os.fork())
        if writers[-1] == 0:
            write_and_end(name, count)
    ends = [os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) for writer in writers]
    call_command("auditlog_fsck")
    return int(any(ends))


if __name__ == "__main__":
    django.setup()
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
