"""The disk that attempts work on is full: a coded failure, nothing half-written, and the next job is made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.local_stack import CELERY, LocalStack
from tests.robustness.observing import events, finished, kill, renditions, rows, wait_until
from tests.robustness.partner_program import Inputs

DISK_BYTES = 8 * 1024 * 1024
ROOM_FOR_NO_INPUT = ROOM_FOR_NO_VIDEO = 64 * 1024
BALLAST = "something else"
# A new mount namespace, in which the folder is a small disk of its own, and then the worker.
ON_A_SMALL_DISK = 'mount -t tmpfs -o size="$1" small-disk "$2" && shift 2 && exec "$@"'
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")


def can_mount() -> bool:
    """Whether this kernel lets an account without rights mount a disk of its own; containers often do not."""
    tried = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "x", "/mnt"], capture_output=True, check=False)
    return sys.platform == "linux" and tried.returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_mount(), reason="needs user namespaces, which this kernel does not allow"),
]


@pytest.fixture
def leave_free(stack: LocalStack) -> Iterator[Callable[[int], Path]]:
    """Runs the render worker on a small disk; call it to say how much is free there. Gives its attempts."""
    kill(stack.processes["render"])
    attempts = stack.data_dir / "attempts"
    attempts.mkdir(exist_ok=True)
    with stack.log_file("render").open("ab") as log:
        worker = subprocess.Popen(
            [
                *UNSHARE, "sh", "-c", ON_A_SMALL_DISK, "sh", str(DISK_BYTES), str(attempts),
                *CELERY, "--hostname", "render@%h", "--queues", "cpu",
            ],
            env=stack.child_environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )  # fmt: skip
    stack.processes["render"] = worker
    seen_by_worker = Path(f"/proc/{worker.pid}/root{attempts}")
    wait_until(lambda: os.statvfs(seen_by_worker).f_blocks * 4096 == DISK_BYTES, "Mounting the disk")

    def leave(free_bytes: int) -> Path:
        with (seen_by_worker / BALLAST).open("wb") as ballast:
            ballast.write(bytes(DISK_BYTES - free_bytes))
        return seen_by_worker

    yield leave
    kill(worker)


def stored_bytes(stack: LocalStack, inputs: Inputs) -> int:
    """How much the stored inputs of the job take; those of other tests in this stack do not count."""
    with rows(stack) as connection:
        keys = [
            connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (public_id,)).fetchone()[0]  # noqa: S608
            for table, column, public_id in (
                ("generation_portrait", "image_key", inputs.portrait_id),
                ("generation_drivingaudio", "audio_key", inputs.driving_audio_id),
            )
        ]
    return sum((stack.data_dir / "media" / key).stat().st_size for key in keys)


def test_a_full_disk_fails_the_job_with_its_code_and_leaves_nothing(stack, partner, inputs, leave_free):
    used = partner.videos_used(inputs.portrait_id)
    videos = set((stack.data_dir / "media").rglob("*.mp4"))
    for free_bytes in (ROOM_FOR_NO_INPUT, stored_bytes(stack, inputs) + ROOM_FOR_NO_VIDEO):
        attempts = leave_free(free_bytes)
        job = partner.call("POST", "/jobs", json=inputs.order)

        assert finished(stack, job["id"]) == "failed"
        assert partner.job(job["id"])["failure"]["code"] == "out_of_space"
        assert events(stack, job["id"]) == ["job.submitted", "job.failed"]
        assert partner.videos_used(inputs.portrait_id) == used
        assert renditions(stack, job["id"]) == []
        assert [path.name for path in attempts.iterdir()] == [BALLAST]
        assert set((stack.data_dir / "media").rglob("*.mp4")) == videos

    leave_free(DISK_BYTES)
    job = partner.call("POST", "/jobs", json=inputs.order)
    assert finished(stack, job["id"]) == "released"
