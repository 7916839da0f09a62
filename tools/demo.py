"""The whole way in one go: `make demo`.

Starts everything on loopback, then acts as a partner through the public HTTP API and as a reviewer through
the pages: the portrait shows a person who does not exist, so the partner attests that and the reviewer
confirms it. Waits for the video, checks it by the API and again by command, and stops what it started.
A living person would be asked at their own mailbox, and nobody else could answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from config.local_broker import RedisDidNotStart
from config.local_stack import LocalStack, StackDidNotStart, sandbox_remark
from tools.visitor import VisitFailed, confirm_attestation, sign_in

ROOT = Path(__file__).resolve().parent.parent
PORTRAIT = ROOT / "samples/portraits/amara.jpg"
SPEECH = ROOT / "samples/speech/sample1_female_calm.wav"
FINISHED = {"released", "rejected", "failed", "cancelled", "revoked"}
PATIENCE_S = 600


class DemoFailed(Exception):
    """A step did not go as it should; the message says which and how."""


@dataclass
class PartnerClient:
    """A partner's program: nothing but HTTP and a key."""

    base_url: str
    api_key: str

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """One call; the decoded answer. Raises DemoFailed with the refusal's code and sentence."""
        headers = {"Authorization": f"Bearer {self.api_key}", **arguments.pop("headers", {})}
        answer = requests.request(
            method, f"{self.base_url}/v1{path}", headers=headers, timeout=120, **arguments
        )
        if not answer.ok:
            problem = answer.json()
            raise DemoFailed(f"{method} {path}: {problem['code']}: {problem['title']} {problem['hint']}")
        return answer.json()

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        """One multipart upload under the field name `file`."""
        with file.open("rb") as stream:
            return self.call("POST", path, files={"file": (file.name, stream)}, data=fields)


def confirm_as_the_reviewer(stack: LocalStack, reviewer: dict[str, str], consent_id: str) -> str:
    """Sign in with the second factor, read the statement and confirm it; the address of the review."""
    browser = sign_in(stack, reviewer)
    review = f"/review/consents/{consent_id}/"
    if "does not exist" not in browser.read(review):
        raise DemoFailed("The reviewer's page does not say what is attested.")
    confirm_attestation(browser, review)
    return f"{stack.base_url}{review}"


def show_progress(job: dict[str, Any], previous: dict[str, Any]) -> None:
    """State, bar and frames: one line drawn over on a terminal, a line per state elsewhere."""
    done, total = job["progress"]["frames_done"], job["progress"]["frames_total"]
    width = 32
    filled = width * done // total if total else 0
    line = f"   [{'#' * filled}{'.' * (width - filled)}] {job['state']:<10} {done} of {total} frames"
    if sys.stdout.isatty():
        print(f"\r{line:<79}", end="" if job["state"] not in FINISHED else "\n", flush=True)
    elif job["state"] != previous["state"]:
        print(line, flush=True)


def wait_for(client: PartnerClient, job: dict[str, Any]) -> dict[str, Any]:
    """Poll a job to its end. Raises DemoFailed when it fails or takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while job["state"] not in FINISHED:
        if time.monotonic() > deadline:
            raise DemoFailed(f"The job is still {job['state']} after {PATIENCE_S} s.")
        time.sleep(0.5)
        previous, job = job, client.call("GET", f"/jobs/{job['id']}")
        show_progress(job, previous)
    if job["state"] != "released":
        failure = job.get("failure") or {"code": job["state"], "message": ""}
        raise DemoFailed(f"The job ended {job['state']}: {failure['code']}: {failure['message']}")
    return job


def run(stack: LocalStack) -> Path:
    """The main job on real input; the path of the video."""
    seed = json.loads(stack.manage("seed_demo"))
    partner = PartnerClient(stack.base_url, seed["api_key"])

    print(f"1. The partner names an invented person and uploads {PORTRAIT.name} and {SPEECH.name}")
    subject = partner.call("POST", "/subjects", json={"display_name": "Amara (a person who does not exist)"})
    portrait = partner.upload("/portraits", PORTRAIT, subject_id=subject["id"])
    speech = partner.upload("/driving-audio", SPEECH, voice="synthetic")

    print("2. The partner attests that nobody is shown; a reviewer reads the statement and confirms it")
    consent = partner.call(
        "POST",
        "/consents",
        json={
            "portrait_id": portrait["id"],
            "basis": "nonexistent_person",
            "purpose": "A short welcome at the harbour",
            "statement": "An invented person: one of the bundled samples, described in samples/README.md.",
            "valid_until": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
            "max_videos": 3,
        },
    )
    reviewer = next(person for person in seed["people"] if person["role"] == "reviewer")
    print(f"   confirmed: {confirm_as_the_reviewer(stack, reviewer, consent['id'])}")

    print("3. The partner submits the job")
    order = {"portrait_id": portrait["id"], "driving_audio_id": speech["id"], "seed": 7}
    partner.call("POST", "/jobs?dry_run=true", json=order)
    started = time.monotonic()
    job = partner.call("POST", "/jobs", json=order, headers={"Idempotency-Key": str(uuid.uuid4())})
    job = wait_for(partner, job)
    print(f"   done in {time.monotonic() - started:.0f} s")

    video = stack.data_dir / "demo" / f"{job['rendition_id']}.mp4"
    video.parent.mkdir(parents=True, exist_ok=True)
    answer = requests.get(
        f"{stack.base_url}/v1/renditions/{job['rendition_id']}/file",
        headers={"Authorization": f"Bearer {seed['api_key']}"},
        timeout=120,
    )
    if not answer.ok:
        raise DemoFailed(f"The download answered {answer.status_code}.")
    video.write_bytes(answer.content)

    print("4. Anybody verifies it: by the public API, and again offline by command")
    with video.open("rb") as stream:
        public = requests.post(
            f"{stack.base_url}/v1/verify", files={"file": (video.name, stream)}, timeout=120
        ).json()
    by_command = json.loads(stack.manage("verify_video", str(video), "--json"))
    if public != by_command:
        raise DemoFailed(f"The API says {public['verdict']}, the command {by_command['verdict']}.")
    print(f"\n   {public['sentence']}")
    for reason in public["reasons"]:
        print(f"   - {reason['sentence']}")
    if public["verdict"] != "ours_intact":
        raise DemoFailed(f"The verdict is {public['verdict']}.")
    return video


def main() -> int:
    """Run the demonstration; 0 when every step went well."""
    started = time.monotonic()
    try:
        if remark := sandbox_remark():
            print(remark)
        print("Starting Redis, the web server and the workers on loopback ...", flush=True)
        with LocalStack(ROOT / "var") as stack:
            video = run(stack)
    except KeyboardInterrupt:
        print("\nmake demo: stopped.", file=sys.stderr)
        return 130
    except (
        DemoFailed,
        VisitFailed,
        StackDidNotStart,
        RedisDidNotStart,
        requests.RequestException,
        subprocess.SubprocessError,
    ) as error:
        print(f"\nmake demo: {error} (log files: {ROOT / 'var/log'})", file=sys.stderr)
        return 1
    print(f"\nThe video: {video}")
    print(f"Took {time.monotonic() - started:.0f} s; what was started has stopped. `make dev` keeps it up.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
