"""A long video that two workers share, one of which is killed at its segment."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local_stack import CELERY, LocalStack
from tests.robustness.observing import attempt_folders, finished, job_row, kill, rows, wait_until
from tests.robustness.partner_program import Inputs, PartnerProgram

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

ROOT = Path(__file__).resolve().parents[2]
SPEECH_S = 25.2  # three segments: the helper comes in time for one, however long it takes to start


@pytest.fixture
def helper(stack: LocalStack) -> Iterator[subprocess.Popen[bytes]]:
    """A second worker of the queue, which has said that it is there, and is held."""
    with (stack.data_dir / "log" / "helper.log").open("ab") as log:
        process = subprocess.Popen(
            (*CELERY, "--hostname", "helper@%h", "--queues", "cpu"),
            env=stack.child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    wait_until(lambda: len(workers(stack)) == 2, "The second worker's word that it is there")
    os.killpg(process.pid, signal.SIGSTOP)
    time.sleep(1.5)  # until the broker has given up handing it a message
    yield process
    if process.poll() is None:
        kill(process)


def workers(stack: LocalStack) -> list[str]:
    with rows(stack) as connection:
        found = connection.execute("SELECT name FROM generation_renderworker WHERE queue = 'cpu'")
        return [str(row["name"]) for row in found]


def makers(stack: LocalStack, job_id: str) -> list[str]:
    """Who has or had each segment of a job: "attempt", "helper" or nobody yet."""
    with rows(stack) as connection:
        found = connection.execute(
            "SELECT attempt, claimed_by FROM generation_rendersegment WHERE job_id = ? ORDER BY number",
            (job_id,),
        )
        return [
            "" if not row["claimed_by"] else "attempt" if row["claimed_by"] == row["attempt"] else "helper"
            for row in found
        ]


@pytest.fixture
def long_speech(partner: PartnerProgram, tmp_path: Path) -> str:
    """Bundled speech, several times over, uploaded."""
    path = tmp_path / "long.wav"
    with (
        wave.open(str(ROOT / "samples/speech/sample1_female_calm.wav")) as sample,
        wave.open(str(path), "wb") as long,
    ):
        long.setparams(sample.getparams())
        frames = sample.readframes(sample.getnframes())
        wanted = round(SPEECH_S * sample.getframerate()) * sample.getsampwidth() * sample.getnchannels()
        long.writeframes((frames * (wanted // len(frames) + 1))[:wanted])
    return str(partner.upload("/driving-audio", path, voice="synthetic")["id"])


def test_a_long_video_whose_helper_is_killed_is_finished_by_the_same_attempt(
    stack: LocalStack, partner: PartnerProgram, inputs: Inputs, helper, long_speech: str
) -> None:
    order = {**inputs.order, "driving_audio_id": long_speech, "video": {"fps": 24, "size": 256}}
    job_id = partner.call("POST", "/jobs", json=order)["id"]
    wait_until(lambda: job_row(stack, job_id)["state"] != "queued", "A worker's claim")
    os.killpg(helper.pid, signal.SIGCONT)
    wait_until(lambda: "helper" in makers(stack, job_id), "The helper's claim", every_s=0.01)
    kill(helper)
    assert finished(stack, job_id) == "released"
    row = partner.job(job_id)
    assert row["attempts"] == 1
    assert row["progress"] == {"frames_done": 605, "frames_total": 605}
    wait_until(lambda: attempt_folders(stack) == [], "The end of the attempt's folder")
    assert makers(stack, job_id) == []
    assert [path for path in (stack.data_dir / "media/segments").rglob("*") if path.is_file()] == []
