"""Kills a real worker in the middle of real jobs and prints, as JSON, what became of them.

Run by test_worker_loss.py as `python -m tests.generation.tasks.worker_loss DATA_DIR`: a database in a file,
a Redis server, Celery workers as their own processes, the real model. Nothing in the product knows about it:
the stage to kill in is seen in the job's row.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE_S = 150.0
TRIES = 6  # signing and checking are over in a fraction of a second, so a kill may come too late


def main(data_dir: Path) -> list[dict[str, Any]]:
    """One report for each stage."""
    from config.embedded_redis import start_redis
    from config.local_stack import LocalStack

    stack = LocalStack(data_dir)
    stack.manage("create_keys")
    stack.manage("migrate", "--noinput")
    stack.processes["redis"] = start_redis(data_dir)
    try:
        order = _seed(data_dir)
        stack.start("render")
        reports = []
        for stage, whole_worker in (
            ("animating", True),
            ("marking", False),
            ("marking", True),
            ("signing", True),
            ("verifying", True),
        ):
            report = None
            for _ in range(TRIES):
                report = _kill_in(stack, order, stage, whole_worker=whole_worker)
                if report is not None:
                    break
            reports.append(report or {"stage": stage, "killed": False})
        return reports
    finally:
        stack.stop()


def _seed(data_dir: Path) -> dict[str, Any]:
    from accounts.actors import actor_of
    from accounts.models import MemberRole
    from tests.factories import PartnerFactory, granted_consent, person
    from tests.generation.conftest import let_out_without_review, stored_audio, stored_portrait

    partner = PartnerFactory()
    alice = person("Alice", partner=partner, role=MemberRole.OWNER)
    portrait = stored_portrait(partner, data_dir)
    granted_consent(portrait, alice, max_videos=100)
    let_out_without_review(partner)
    return {
        "actor": actor_of(alice),
        "portrait_id": portrait.id,
        "driving_audio_id": stored_audio(partner, data_dir, seconds=1.5).id,
        "controls": {},
        "seed": 1,
    }


def _kill_in(stack: Any, order: dict[str, Any], stage: str, *, whole_worker: bool) -> dict[str, Any] | None:
    """Submit a job, kill its worker in `stage`, see the job to its end. None when the stage was missed."""
    from django.utils import timezone

    from generation.models import Job, Rendition
    from generation.services.reconcile import reconcile
    from generation.services.submit import submit_job
    from provenance.models.log import LogEntry
    from provenance.models.record import Record

    job = submit_job(**order)
    _wait(lambda: _state(job.id) in {stage, "released", "failed"}, f"{stage} was not reached")
    if _state(job.id) != stage:
        return None
    _kill(stack, whole_worker=whole_worker)
    if _state(job.id) != stage:
        _restart(stack)
        return None
    _restart(stack)
    # The lease runs out: nobody renews it, so its time may as well be over now.
    Job.objects.filter(pk=job.id, state=stage).update(lease_expires_at=timezone.now())
    reconcile()

    def is_over() -> bool:
        reconcile()
        return _state(job.id) in {"released", "failed"}

    _wait(is_over, f"the job killed in {stage} hangs as {_state(job.id)}", step_s=0.5)
    job.refresh_from_db()
    renditions = Rendition.objects.filter(job=job)
    events = [
        entry.event
        for entry in LogEntry.objects.order_by("index")
        if any(str(row.pk) in entry.body for row in (job, *renditions))
    ]
    return {
        "stage": stage,
        "killed": True,
        "state": job.state,
        "reason_code": job.reason_code,
        "attempts": job.attempts,
        "renditions": renditions.count(),
        "records": Record.objects.filter(rendition_id__in=[row.id for row in renditions]).count(),
        "events": events,
        "left_behind": sorted(path.name for path in (stack.data_dir / "attempts").glob("*")),
    }


def _state(job_id: str) -> str:
    from generation.models import Job

    return str(Job.objects.values_list("state", flat=True).get(pk=job_id))


def _wait(condition: Any, message: str, *, step_s: float = 0.001) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(message)
        time.sleep(step_s)


def _kill(stack: Any, *, whole_worker: bool) -> None:
    """Kill with -9: the worker and its child, or only the child that works on the job."""
    worker = stack.processes["render"]
    if whole_worker:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        return
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)


def _restart(stack: Any) -> None:
    if stack.processes["render"].poll() is not None:
        stack.start("render")


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201
