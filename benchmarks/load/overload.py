"""Five times more jobs than the workers can do: `python -m benchmarks.load.overload [--seconds 240]`.

Starts the whole service on this machine (broker, web server, Celery workers), measures how long a tiny job
takes, and then lets five partners submit five times as many as that allows. Half-way a sixth partner submits
one job. Prints how many were taken and refused, how many of the taken ones finished, how busy the worker
was, and how long the lone job waited, as one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
import wave
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from config.local_stack import LocalStack
from tests.robustness.observing import FINISHED, rows, wait_until
from tests.robustness.partner_program import Inputs, PartnerProgram, consented_inputs, program_of

ROOT = Path(__file__).resolve().parents[2]
PORTRAIT = ROOT / "samples/portraits/maya.jpg"
SPEECH = ROOT / "samples/speech/sample1_female_calm.wav"
SPEECH_S = 0.8
FLOODING = 5
TIMES_CAPACITY = 5
WARM_UP_JOBS = 3
PROMISE_S = 120

MAKE_PARTNERS = """
import json
from accounts.models import Partner, ReviewPolicy
from tests.factories import PartnerFactory, issue_key
partners = [PartnerFactory(review_policy=ReviewPolicy.RELEASE) for _ in range({count})]
print(json.dumps([issue_key(partner) for partner in partners]))
"""


@dataclass
class Outcome:
    """What came of the submissions of one partner."""

    taken: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    retry_after_s: list[int] = field(default_factory=list)


def main() -> None:
    """Start, measure, flood, wait, print."""
    arguments = argparse.ArgumentParser(description="The service under five times its capacity.")
    arguments.add_argument("--seconds", type=float, default=240.0)
    given = arguments.parse_args()
    environment = {
        "LIKENESS_VIDEO_SIZE": "256",
        "LIKENESS_JOB_MAX_WAIT_S": str(PROMISE_S),
        "LIKENESS_JOB_DEADLINE_S": "180",
        "LIKENESS_LOG_LEVEL": "WARNING",
    }
    with (
        tempfile.TemporaryDirectory(prefix="lkov-") as folder,
        LocalStack(Path(folder) / "data", port=0, environment=environment) as stack,
    ):
        print(json.dumps(measure(stack, Path(folder), given.seconds), indent=1))


def measure(stack: LocalStack, folder: Path, seconds: float) -> dict[str, Any]:
    """The figures of one run."""
    speech = folder / "speech.wav"
    with wave.open(str(SPEECH)) as source, wave.open(str(speech), "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(round(SPEECH_S * source.getframerate())))
    make = MAKE_PARTNERS.format(count=FLOODING + 1)
    keys = json.loads(stack.manage("shell", "--verbosity", "0", "-c", make))
    reviewer = program_of(stack, json.loads(stack.manage("seed_demo"))).reviewer
    partners = [PartnerProgram(stack.base_url, key, stack.data_dir / "mail", reviewer) for key in keys]
    inputs = [consented_inputs(partner, PORTRAIT, speech, max_videos=5000) for partner in partners]
    took_s = warm_up(stack, partners[0], inputs[0])
    pause_s = took_s * FLOODING / TIMES_CAPACITY

    outcomes = [Outcome() for _ in range(FLOODING)]
    begun = time.time()
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=flood, args=(*each, until, pause_s))
        for each in zip(partners, inputs, outcomes, strict=False)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds / 2)
    lone = partners[-1].send("POST", "/jobs", json=inputs[-1].order)
    for thread in threads:
        thread.join()
    ended = time.time()
    taken = [job_id for outcome in outcomes for job_id in outcome.taken]
    lone_id = str(lone.json()["id"]) if lone.status_code == 202 else None
    wait_until(lambda: states(stack, taken) <= FINISHED, "The end of all jobs that were taken", every_s=1.0)
    with rows(stack) as connection:
        jobs = [dict(row) for row in connection.execute("SELECT * FROM generation_job")]
    by_id = {job["id"]: job for job in jobs}
    refused = sum((outcome.refused for outcome in outcomes), Counter[str]())
    released = [job_id for job_id in taken if by_id[job_id]["state"] == "released"]
    ran = [(moment(job["started_at"]), moment(job["finished_at"])) for job in jobs if job["started_at"]]
    busy_s = sum(max(0.0, min(end, ended) - max(start, begun)) for start, end in ran)
    done = sum(max(0.0, min(end, ended) - max(start, begun)) / (end - start) for start, end in ran)
    return {
        "seconds_of_a_lone_job": round(took_s, 2),
        "submitted": len(taken) + sum(refused.values()),
        "times_capacity": round((len(taken) + sum(refused.values())) * took_s / (ended - begun), 2),
        "taken": len(taken),
        "refused": dict(refused),
        "retry_after_s": statistics.median([s for each in outcomes for s in each.retry_after_s] or [0]),
        "taken_that_finished": round(len(released) / max(1, len(taken)), 4),
        "worker_busy": round(busy_s / (ended - begun), 3),
        "throughput_of_capacity": round(done * took_s / (ended - begun), 3),
        "lone_job": answer_of_lone(lone.status_code, by_id.get(lone_id or "")),
        "median_seconds_of_a_job": round(statistics.median(end - start for start, end in ran), 2),
    }


def warm_up(stack: LocalStack, partner: PartnerProgram, inputs: Inputs) -> float:
    """Seconds that the worker needs for one job when it has nothing else to do; the first loads the model."""
    took = []
    for _ in range(WARM_UP_JOBS):
        job_id = str(partner.call("POST", "/jobs", json=inputs.order)["id"])
        wait_until(lambda: states(stack, [job_id]) <= FINISHED, "The end of a job", every_s=0.2)  # noqa: B023
        with rows(stack) as connection:
            query = "SELECT started_at, finished_at FROM generation_job WHERE id = ?"
            start, end = connection.execute(query, (job_id,)).fetchone()
        took.append(moment(end) - moment(start))
    return statistics.median(took[1:])


def flood(partner: PartnerProgram, inputs: Inputs, outcome: Outcome, until: float, pause_s: float) -> None:
    """Submit a job every `pause_s` seconds, whatever the answers are."""
    due = time.monotonic()
    while (now := time.monotonic()) < until:
        if now < due:
            time.sleep(min(due - now, until - now))
            continue
        due += pause_s
        answer = partner.send("POST", "/jobs", json=inputs.order)
        if answer.status_code == 202:
            outcome.taken.append(str(answer.json()["id"]))
        else:
            outcome.refused[str(answer.json()["code"])] += 1
            if "Retry-After" in answer.headers:
                outcome.retry_after_s.append(int(answer.headers["Retry-After"]))


def states(stack: LocalStack, job_ids: list[str]) -> set[str]:
    """The states of some jobs."""
    with rows(stack) as connection:
        found = connection.execute("SELECT id, state FROM generation_job").fetchall()
    return {row["state"] for row in found if row["id"] in set(job_ids)}


def moment(text: str) -> float:
    """A moment as SQLite keeps it, in seconds since 1970."""
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


def answer_of_lone(status: int, job: dict[str, Any] | None) -> dict[str, Any]:
    """What became of the job of the partner that had nothing else."""
    if job is None:
        return {"status": status}
    waited = moment(job["started_at"]) - moment(job["created_at"]) if job["started_at"] else None
    return {"status": status, "state": job["state"], "waited_s": waited and round(waited, 2)}


if __name__ == "__main__":
    main()
