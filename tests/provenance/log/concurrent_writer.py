"""One of several writers at once: `python -m tests.provenance.log.concurrent_writer NAME COUNT`.

Appends COUNT entries, each in a transaction of its own; every fifth transaction fails after appending.
"""

from __future__ import annotations

import sys

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


if __name__ == "__main__":
    django.setup()
    write(sys.argv[1], int(sys.argv[2]))
