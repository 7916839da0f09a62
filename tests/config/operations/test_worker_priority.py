"""Who renders recorded jobs leaves the processor to what people wait for; who sends and verifies does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, sys
from config.celery import app
from celery.signals import worker_process_init
import django
django.setup()
app.set_current()
app.amqp.queues.select(sys.argv[1].split(","))
worker_process_init.send(sender=None)
print(os.nice(0) - int(sys.argv[2]))
"""


def lower_by(queues: str) -> int:
    """By how much a worker's process that takes from those queues lowers its priority."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, queues, str(os.nice(0))],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.slow
def test_recorded_jobs_come_after_people() -> None:
    assert lower_by("cpu") == 5
    assert lower_by("io,verify") == 0
