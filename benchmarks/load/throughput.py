"""What a minute of video costs: `make load`, or `python -m benchmarks.load.throughput [--jobs 12] ...`.

Starts the whole service on this machine and, one after the other, as many render workers as `--workers` says
(1, 2 and 4 unless told otherwise), and has each set of workers make `--jobs` videos of `--seconds` of speech;
`--first` many with the first set, to see whether its memory grows. Prints for each: seconds of video for an
hour of the processor and on the clock, the jobs' speed against the first set's, and the memory of a worker;
then what is stored and sent for a minute of video, and what more workers would do by the model of
`docs/cost.md`. The numbers of other machines are other numbers: this is how to get them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.local_stack import CELERY, LocalStack
from tests.robustness.observing import FINISHED, rows
from tests.robustness.partner_program import Inputs, PartnerProgram, consented_inputs, program_of

ROOT = Path(__file__).resolve().parents[2]
PORTRAIT = ROOT / "samples/portraits/maya.jpg"
SPEECH = ROOT / "samples/speech/sample1_female_calm.wav"
AT_A_TIME = 10  # what a partner may have waiting and running
LONGEST_S = 3600
MEMORY_EVERY_S = 1.0
MIB = 1024**2
MAKE_PARTNER = """
from accounts.models import ReviewPolicy
from tests.factories import PartnerFactory, issue_key
print(issue_key(PartnerFactory(review_policy=ReviewPolicy.RELEASE)))
"""


@dataclass(frozen=True)
class Run:
    """What one set of workers did: seconds of video, of the processor and on the clock; memory in bytes."""

    workers: int
    jobs: int
    video_s: float
    used_s: float
    took_s: float
    peak_bytes: int
    memory: list[int]
    """Of the first worker's processes, after each job."""

    @property
    def cost(self) -> float:
        """Seconds of the processor for a second of video."""
        return self.used_s / self.video_s

    @property
    def rate(self) -> float:
        """Seconds of video for a second on the clock."""
        return self.video_s / self.took_s

    @property
    def growth_bytes(self) -> float:
        """By how much memory grows with a job: the line through all but the first fifth, by least squares."""
        later = self.memory[len(self.memory) // 5 :]
        middle = (len(later) - 1) / 2
        spread = sum((at - middle) ** 2 for at in range(len(later)))
        return sum((at - middle) * value for at, value in enumerate(later)) / spread if spread else 0.0


def main() -> None:
    """Start, submit, wait, print."""
    arguments = argparse.ArgumentParser(description="What a minute of video costs.")
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    arguments.add_argument("--jobs", type=int, default=12)
    arguments.add_argument("--first", type=int, default=50)
    arguments.add_argument("--seconds", type=float, default=4.0)
    arguments.add_argument("--a-core-each", action="store_true", help="keep each worker to a core of its own")
    given = arguments.parse_args()
    environment = {
        "LIKENESS_JOB_MAX_WAIT_S": str(LONGEST_S),
        "LIKENESS_JOB_DEADLINE_S": str(2 * LONGEST_S),
        "LIKENESS_LOG_LEVEL": "WARNING",
        "OMP_NUM_THREADS": "1",
    }
    with (
        tempfile.TemporaryDirectory(prefix="lkld-") as folder,
        LocalStack(Path(folder) / "data", port=0, environment=environment) as stack,
    ):
        speech = shortened(SPEECH, Path(folder) / "speech.wav", given.seconds)
        key = stack.manage("shell", "--verbosity", "0", "-c", MAKE_PARTNER).strip()
        reviewer = program_of(stack, json.loads(stack.manage("seed_demo"))).reviewer
        partner = PartnerProgram(stack.base_url, key, stack.data_dir / "mail", reviewer)
        inputs = consented_inputs(partner, PORTRAIT, speech, max_videos=5000)
        stack.processes["render"].terminate()
        stack.processes["render"].wait()
        runs: list[Run] = []
        for count in given.workers:
            jobs = given.jobs if runs else max(given.jobs, given.first)
            runs.append(run(stack, partner, inputs, count, jobs, a_core_each=given.a_core_each))
            print_run(runs[-1], runs[0])
        print_stored(stack, speech)
        print_model(runs[0])


def shortened(source: Path, target: Path, seconds: float) -> Path:
    """The first seconds of a recording, in a file of its own."""
    with wave.open(str(source)) as whole, wave.open(str(target), "wb") as part:
        part.setparams(whole.getparams())
        part.writeframes(whole.readframes(round(seconds * whole.getframerate())))
    return target


@contextmanager
def render_workers(
    stack: LocalStack, count: int, a_core_each: bool
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many render workers, each with a session of its own, for as long as the block."""
    started = []
    cores = sorted(os.sched_getaffinity(0))
    try:
        for number in range(count):
            own = ["taskset", "--cpu-list", str(cores[number % len(cores)])] if a_core_each else []
            command = [*own, *CELERY, "--hostname", f"load{count}-{number}@%h", "--queues", "cpu"]
            with stack.log_file(f"load{count}-{number}").open("ab") as log:
                started.append(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=stack.child_environment(),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        yield started
    finally:
        for worker in started:
            worker.terminate()
        for worker in started:
            worker.wait()


def run(
    stack: LocalStack, partner: PartnerProgram, inputs: Inputs, count: int, jobs: int, *, a_core_each: bool
) -> Run:
    """Have `count` workers make `jobs` videos. One for each, before, loads the model."""
    with render_workers(stack, count, a_core_each=a_core_each) as workers:
        make(stack, partner, inputs, count, workers)
        used, begun = used_s(workers), time.monotonic()
        made, memory, peak = make(stack, partner, inputs, jobs, workers)
        took = time.monotonic() - begun
        return Run(count, jobs, video_s(stack, made), used_s(workers) - used, took, peak, memory)


def make(
    stack: LocalStack,
    partner: PartnerProgram,
    inputs: Inputs,
    jobs: int,
    workers: list[subprocess.Popen[bytes]],
) -> tuple[list[str], list[int], int]:
    """Submit so many jobs, never more than a partner may have at a time, and wait for all.

    Their ids, the memory of the first worker after each, and the most that one worker had.
    """
    made: list[str] = []
    memory: list[int] = []
    peak = 0
    now, read_at = [0] * len(workers), -MEMORY_EVERY_S
    deadline = time.monotonic() + LONGEST_S
    while len(memory) < jobs:
        assert time.monotonic() < deadline, "The jobs were not made in time."
        with rows(stack) as connection:
            found = connection.execute("SELECT id, state FROM generation_job").fetchall()
        states = [row["state"] for row in found if row["id"] in set(made)]
        assert set(states) <= {"released"} or set(states) - FINISHED, states
        ended = sum(state in FINISHED for state in states)
        if time.monotonic() - read_at > MEMORY_EVERY_S:  # it takes a core some milliseconds for each gigabyte
            now, read_at = [memory_of(worker) for worker in workers], time.monotonic()
            peak = max(peak, *now)
        memory += [now[0]] * (ended - len(memory))
        for _ in range(min(AT_A_TIME - (len(made) - ended), jobs - len(made))):
            made.append(str(partner.call("POST", "/jobs", json=inputs.order)["id"]))
        time.sleep(0.2)
    return made, memory, peak


def video_s(stack: LocalStack, job_ids: list[str]) -> float:
    """Seconds of video that were made for some jobs."""
    with rows(stack) as connection:
        found = connection.execute("SELECT job_id, duration_s FROM generation_rendition").fetchall()
    return sum(float(row["duration_s"]) for row in found if row["job_id"] in set(job_ids))


def used_s(workers: list[subprocess.Popen[bytes]]) -> float:
    """Seconds of the processor that workers have used, with all that they started."""
    ticks = sum(sum(int(field) for field in fields[11:15]) for fields in processes_of(workers).values())
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_of(worker: subprocess.Popen[bytes]) -> int:
    """Bytes of a worker's processes, what they share counted once (their proportional set size)."""
    total = 0
    for pid in processes_of([worker]):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended meanwhile
            continue
        total += 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def processes_of(workers: list[subprocess.Popen[bytes]]) -> dict[int, list[str]]:
    """The fields of /proc/PID/stat after the name, of all processes of the workers' sessions."""
    sessions = {str(worker.pid) for worker in workers}
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[3] in sessions:
            found[int(folder.name)] = fields
    return found


def print_run(done: Run, first: Run) -> None:
    """One line of the table."""
    print(
        f"{done.workers} workers, {done.jobs} jobs, {done.video_s:.0f} s of video: {done.used_s:.0f} s of "
        f"the processor, {done.took_s:.0f} s; {3600 / done.cost:.0f} s of video an hour of the processor, "
        f"{3600 * done.rate:.0f} an hour on the clock ({done.rate / first.rate:.2f} times the first); "
        f"{done.used_s / done.took_s:.2f} cores used; a worker's memory {done.peak_bytes / MIB:.0f} MiB at "
        f"most, {done.growth_bytes / MIB:+.2f} MiB a job, "
        f"{done.memory[len(done.memory) // 5] / MIB:.0f} to {done.memory[-1] / MIB:.0f}",
        flush=True,
    )


def print_stored(stack: LocalStack, speech: Path) -> None:
    """What is stored and sent for a minute of video."""
    with rows(stack) as connection:
        (videos_s, videos_bytes, count) = connection.execute(
            "SELECT sum(duration_s), sum(size_bytes), count(*) FROM generation_rendition"
        ).fetchone()
        (entries,) = connection.execute("SELECT count(*) FROM provenance_logentry").fetchone()
    database = sum(path.stat().st_size for path in stack.data_dir.glob("likeness.sqlite3*"))
    minute = 60 / videos_s
    with wave.open(str(speech)) as sound:
        speech_s = sound.getnframes() / sound.getframerate()
    print(
        f"for a minute of video: {videos_bytes * minute / MIB:.2f} MiB of video stored, and sent with each "
        f"download; {speech.stat().st_size * 60 / speech_s / MIB:.2f} MiB of speech received; for a job "
        f"{database / count / 1024:.0f} KiB of database and {entries / count:.1f} entries of the log; "
        f"a portrait {PORTRAIT.stat().st_size / MIB:.2f} MiB"
    )


def print_model(first: Run) -> None:
    """What more workers would do, each with a core of its own."""
    for cores in (8, 32, 128):
        print(f"by the model, {cores} cores: {3600 * cores / first.cost:.0f} s of video an hour")


if __name__ == "__main__":
    main()
