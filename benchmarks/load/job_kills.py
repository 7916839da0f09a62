"""Jobs whose service is killed: `python -m benchmarks.load.job_kills [--rounds 12] [--keep FILE]`.

Starts a whole service (broker, web server, workers, beat) with short leases. Each round submits two jobs of
one consent, and one of ten things happens while the first is being made: its worker is killed in one of four
stages, sleeps past its lease and wakes, or is told to stop; the web server is killed while it answers the
submission; the broker, the worker for everything else, or all at once are killed. What died is started again,
as systemd would. Prints what became of the jobs by kind, and everything that is wrong: a job that was lost or
made twice, a failure without a code, a video that cannot be fetched, uses of the consent that do not add up,
folders left behind, and what `auditlog_fsck --state` finds. With `--keep FILE` each round adds a line of
JSON, and the sum of all rounds in the file is printed; `--first N` begins with round N.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import wave
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from config.local_stack import LocalStack, StackDidNotStart
from tests.robustness.observing import (
    FINISHED,
    TooLate,
    ask_to_reconcile,
    attempt_folders,
    events,
    finished,
    hold,
    job_row,
    kill,
    renditions,
    rows,
    wait_for_lease_to_run_out,
    wait_until,
)
from tests.robustness.partner_program import Inputs, PartnerProgram, consented_inputs, program_of

ROOT = Path(__file__).resolve().parents[2]
PORTRAIT = ROOT / "samples/portraits/maya.jpg"
SPEECH = ROOT / "samples/speech/sample1_female_calm.wav"
SPEECH_S = 1.5
SMALL = {"LIKENESS_VIDEO_SIZE": "256", "LIKENESS_JOB_LEASE_S": "4", "LIKENESS_LOG_LEVEL": "WARNING"}
TRIES = 4
MADE = ["job.submitted"]
NOT_MADE = ["job.submitted", "job.failed"]


class Round:
    """Two jobs of a service, and what happens to it meanwhile."""

    def __init__(self, stack: LocalStack, partner: PartnerProgram, inputs: Inputs, number: int) -> None:
        self.stack, self.partner, self.inputs = stack, partner, inputs
        self.chance = random.Random(number)
        self.jobs: list[str] = []

    def submit(self) -> str:
        """A new job."""
        self.jobs.append(str(self.partner.call("POST", "/jobs", json=self.inputs.order)["id"]))
        return self.jobs[-1]

    def held_in(self, stage: str) -> str:
        """A new job whose worker is stopped in that stage; another job waits behind it."""
        for _ in range(TRIES):
            job_id = self.submit()
            self.submit()
            try:
                hold(self.stack, job_id, stage, attempt=1)
            except TooLate:
                continue  # the stage was over too soon; these two are looked at as all others
            return job_id
        raise AssertionError(f"No worker was stopped in {stage}.")

    def restart(self, job_id: str) -> None:
        """Start again what died, and have the silence noticed."""
        self.stack.revive()
        self.stack.wait_until_it_answers()
        if job_row(self.stack, job_id)["state"] not in FINISHED:
            wait_for_lease_to_run_out(self.stack, job_id)
        ask_to_reconcile(self.stack)

    def worker_killed(self, stage: str) -> None:
        """The worker is killed in a stage."""
        job_id = self.held_in(stage)
        kill(self.stack.processes["render"])
        self.restart(job_id)

    def worker_asleep(self) -> None:
        """The worker sleeps past its lease, another one takes the job, and the first wakes."""
        job_id = self.held_in("marking")
        sleeper = self.stack.processes["render"]
        self.stack.start("render")
        self.restart(job_id)
        finished(self.stack, job_id)
        os.killpg(sleeper.pid, signal.SIGCONT)
        sleeper.terminate()
        sleeper.wait(timeout=120)

    def worker_told_to_stop(self) -> None:
        """The worker is told to end, as by an update; it ends what it does first."""
        job_id = self.held_in("animating")
        worker = self.stack.processes["render"]
        os.killpg(worker.pid, signal.SIGCONT)
        worker.terminate()
        worker.wait(timeout=120)
        self.restart(job_id)

    def part_killed(self, *names: str) -> None:
        """Parts of the service are killed while a job is being made."""
        job_id = self.submit()
        self.submit()
        wait_until(lambda: job_row(self.stack, job_id)["state"] != "queued", "The start of a job")
        for name in names or tuple(self.stack.processes):
            kill(self.stack.processes[name])
        self.restart(job_id)

    def web_killed(self) -> None:
        """The web server is killed while it answers a submission, which is then sent again with its key."""
        self.submit()
        key = uuid4().hex
        answers: list[requests.Response] = []
        headers = {"Authorization": f"Bearer {self.partner.api_key}", "Idempotency-Key": key}
        address = f"{self.stack.base_url}/v1/jobs"

        def send() -> bool:
            try:
                answers.append(requests.post(address, headers=headers, json=self.inputs.order, timeout=60))
            except requests.RequestException:
                return False
            return answers[-1].ok

        sending = threading.Thread(target=send)
        sending.start()
        time.sleep(self.chance.uniform(0.0, 0.25))
        kill(self.stack.processes["web"])
        sending.join()
        self.restart(self.jobs[-1])
        wait_until(send, "An answer to the submission that was sent again", every_s=2.0)
        (job_id,) = {str(answer.json()["id"]) for answer in answers if answer.ok}
        self.jobs.append(job_id)


KINDS: dict[str, Callable[[Round], None]] = {
    "killed in animating": lambda one: one.worker_killed("animating"),
    "killed in marking": lambda one: one.worker_killed("marking"),
    "killed in signing": lambda one: one.worker_killed("signing"),
    "killed in verifying": lambda one: one.worker_killed("verifying"),
    "asleep past its lease": Round.worker_asleep,
    "told to stop": Round.worker_told_to_stop,
    "web server killed": Round.web_killed,
    "broker killed": lambda one: one.part_killed("redis"),
    "other worker killed": lambda one: one.part_killed("io"),
    "everything killed": lambda one: one.part_killed(),
}


def main() -> None:
    """Start, break, look, print. Exits 1 when something is wrong."""
    arguments = argparse.ArgumentParser(description="Jobs under ten kinds of kills.")
    arguments.add_argument("--rounds", type=int, default=12)
    arguments.add_argument("--first", type=int, default=0, help="the number of the first round")
    arguments.add_argument("--keep", type=Path, metavar="FILE")
    given = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # which ends the service too
    with (
        tempfile.TemporaryDirectory(prefix="likeness-kills-") as folder,
        LocalStack(Path(folder) / "data", port=0, environment=SMALL) as stack,
    ):
        found = measure(stack, Path(folder), range(given.first, given.first + given.rounds), given.keep)
    if given.keep:
        found = [json.loads(line) for line in given.keep.read_text().splitlines()]
    sys.exit(bool(print_sums(found)))


def measure(stack: LocalStack, folder: Path, numbers: range, keep: Path | None) -> list[dict[str, Any]]:
    """What came of each round."""
    speech = folder / "speech.wav"
    with wave.open(str(SPEECH)) as source, wave.open(str(speech), "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(round(SPEECH_S * source.getframerate())))
    partner = program_of(stack, json.loads(stack.manage("seed_demo")))
    inputs = consented_inputs(partner, PORTRAIT, speech, max_videos=1000)
    found = []
    for number in numbers:
        kind = list(KINDS)[number % len(KINDS)]
        one = Round(stack, partner, inputs, number)
        KINDS[kind](one)
        for job_id in one.jobs:
            finished(stack, job_id)
        found.append({"round": number, "kind": kind, **outcome(one)})
        print(json.dumps(found[-1]), flush=True)
        if keep:
            with keep.open("a") as file:
                file.write(json.dumps(found[-1]) + "\n")
    return found


def outcome(one: Round) -> dict[str, Any]:
    """How the jobs of a round ended, and what is wrong."""
    wrong: list[str] = []
    ends: Counter[str] = Counter()
    for job_id in one.jobs:
        row, made = job_row(one.stack, job_id), renditions(one.stack, job_id)
        ends[row["state"] if row["state"] == "released" else f"{row['state']}: {row['reason_code']}"] += 1
        said = [(job_id, events(one.stack, job_id)), *((each, events(one.stack, each)) for each in made)]
        if row["state"] == "released":
            expected = [MADE, ["rendition.sealed", "rendition.released"]]
            file = one.partner.send("GET", f"/renditions/{made[0]}/file") if made else None
            if file is None or file.headers.get("Content-Type") != "video/mp4":
                wrong.append(f"{job_id} is released and cannot be fetched")
        else:
            expected = [NOT_MADE]
            if row["reason_code"] in {"", "internal"}:
                wrong.append(f"{job_id} has no code")
        if [each for _, each in said] != expected:
            wrong.append(f"{job_id}, {row['state']}: the log says {said}")
    with rows(one.stack) as connection:
        (released,) = connection.execute(
            "SELECT count(*) FROM generation_job WHERE state = 'released'"
        ).fetchone()
    used = one.partner.videos_used(one.inputs.portrait_id)
    if used != released:
        wrong.append(f"the consent gave {used} videos, and {released} were released")
    try:
        wait_until(lambda: attempt_folders(one.stack) == [], "The removal of what attempts left", every_s=1.0)
        one.stack.manage("auditlog_fsck", "--state")
    except (AssertionError, StackDidNotStart) as error:
        wrong.append(str(error))
    return {"jobs": len(one.jobs), "ends": dict(ends), "wrong": wrong}


def print_sums(found: list[dict[str, Any]]) -> int:
    """The table by kind; how much is wrong."""
    for kind in KINDS:
        of_kind = [each for each in found if each["kind"] == kind]
        ends = sum((Counter(each["ends"]) for each in of_kind), Counter[str]())
        print(f"{kind:24}{len(of_kind):4} rounds  {json.dumps(dict(ends))}")
    jobs, wrong = sum(each["jobs"] for each in found), [line for each in found for line in each["wrong"]]
    print(f"{len(found)} rounds, {jobs} jobs, {len(wrong)} things wrong")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return len(wrong)


if __name__ == "__main__":
    main()
