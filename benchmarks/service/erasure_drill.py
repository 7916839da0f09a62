"""Withdraws, erases, and puts an old backup back: `python -m benchmarks.service.erasure_drill`.

A whole service on loopback makes a video of a consented portrait. Database and media are copied; the subject
withdraws; retention runs; everything in the data folder is searched for the portrait, the recording, the
video and the person's address. Then the old database and media are put back, and the video, the portrait and
a kept copy of the video are asked for. Prints what was found; exits 1 if anything was served or left.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from config.local_stack import LocalStack, StackDidNotStart
from tools.mailbox import Mailbox
from tools.staged_people import PORTRAITS, SPEECH
from tools.visitor import Visitor, say_yes, sign_in

ADDRESS = "somebody@mail.example"
NAME = "Quentin Quillfeather"
SETTINGS = {
    "LIKENESS_VIDEO_SIZE": "256",
    "LIKENESS_KEEP_SOURCES_DAYS": "0",
    "LIKENESS_KEEP_VIDEOS_DAYS": "0",
    "LIKENESS_KEEP_LIVE_RECORDINGS_DAYS": "0",
}
MEDIA = ("portraits", "stills", "driving-audio", "renditions", "live-recordings")
ROWS = 3  # a portrait with its still, a recording, a video
DATABASE = "likeness.sqlite3"
# Messages on localhost are kept for a day, and what is published has no names in it.
NOT_SEARCHED = ("mail", "staticfiles", "keys")


class Partner:
    """A partner's program."""

    def __init__(self, stack: LocalStack, key: str) -> None:
        self.stack = stack
        self.headers = {"Authorization": f"Bearer {key}"}

    def send(self, method: str, path: str, **arguments: object) -> requests.Response:
        """One call, whatever its answer."""
        return requests.request(  # type: ignore[arg-type]
            method, f"{self.stack.base_url}/v1{path}", headers=self.headers, timeout=120, **arguments
        )

    def call(self, method: str, path: str, **arguments: object) -> dict[str, str]:
        """One call that must be answered well."""
        answer = self.send(method, path, **arguments)
        answer.raise_for_status()
        found: dict[str, str] = answer.json()
        return found

    def verdict(self, video: bytes) -> str:
        """What anybody is told who checks a copy."""
        return str(self.call("POST", "/verify", files={"file": ("copy.mp4", video)})["verdict"])


def main() -> int:
    """Run the drill once."""
    failed = False

    def say(what: str, found: object, *, is_good: bool) -> None:
        nonlocal failed
        failed |= not is_good
        print(f"{'ok  ' if is_good else 'FAIL'} {what}: {found}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        data, backup = Path(folder, "data"), Path(folder, "backup")
        with LocalStack(data, port=0, environment=SETTINGS) as stack:
            partner, portrait, rendition, receipt = _make_video(stack)
            video = partner.send("GET", f"/renditions/{rendition}/file").content
            before = partner.verdict(video)
            say("verdict on the copy before", before, is_good=before == "ours_intact")
            _back_up(data, backup)
            Visitor(stack.base_url).send(f"{receipt}withdraw/")
            erased = json.loads(stack.manage("retention", "--json"))
            say("files erased", erased["files"], is_good=erased["files"] == ROWS)
            say("retention --check", _check(stack), is_good=_check(stack) == "nothing is left")
            files = sum(len(_media(data, kind)) for kind in MEDIA)
            say("stored media files", files, is_good=files == 0)
            left = list(_places_of(data, [ADDRESS.encode(), NAME.encode()]))
            say("files that hold the name or address", left, is_good=not left)
            after = partner.verdict(video)
            say("verdict on the copy", after, is_good=after == "ours_withdrawn")
            stack.stop()
            _put_back(data, backup)
            for name in ("redis", "time", "web", "render", "io"):
                _start(stack, name)
            stack.wait_until_it_answers()
            for what, path in (
                ("video", f"/renditions/{rendition}/file"),
                ("portrait", f"/portraits/{portrait}"),
            ):
                answer = partner.send("GET", path)
                good = answer.status_code in {409, 410}
                say(
                    f"{what} after the restore", f"{answer.status_code} {answer.json()['code']}", is_good=good
                )
            again = partner.verdict(video)
            say("verdict after the restore", again, is_good=again == "ours_withdrawn")
    return int(failed)


def _make_video(stack: LocalStack) -> tuple[Partner, str, str, str]:
    """The partner, the ids of portrait and rendition, and the subject's receipt."""
    seed = json.loads(stack.manage("seed_demo"))
    partner = Partner(stack, seed["api_key"])
    subject = partner.call("POST", "/subjects", json={"display_name": NAME, "email": ADDRESS})
    with (PORTRAITS / "maya.jpg").open("rb") as file:
        portrait = partner.call(
            "POST", "/portraits", files={"file": file}, data={"subject_id": subject["id"]}
        )
    with (SPEECH / "sample3_female_story.wav").open("rb") as file:
        audio = partner.call("POST", "/driving-audio", files={"file": file}, data={"voice": "synthetic"})
    request = {
        "portrait_id": portrait["id"],
        "basis": "other_person",
        "purpose": "A drill",
        "valid_until": "2030-01-01T00:00:00Z",
        "max_videos": 1,
    }
    partner.call("POST", "/consents", json=request)
    reviewer = next(person for person in seed["people"] if person["role"] == "reviewer")
    receipt = say_yes(Mailbox(stack.data_dir / "mail", ADDRESS), sign_in(stack, reviewer))
    job = partner.call("POST", "/jobs", json={"portrait_id": portrait["id"], "driving_audio_id": audio["id"]})
    deadline = time.monotonic() + 300
    while job["state"] != "released" and time.monotonic() < deadline:
        time.sleep(1)
        job = partner.call("GET", f"/jobs/{job['id']}")
    return partner, portrait["id"], job["rendition_id"], receipt


def _start(stack: LocalStack, name: str) -> None:
    if name == "redis":
        from config.local_broker import start_redis  # noqa: PLC0415

        stack.processes[name] = start_redis(stack.data_dir)
    else:
        stack.start(name)


def _check(stack: LocalStack) -> str:
    try:
        stack.manage("retention", "--check")
    except StackDidNotStart as error:
        return str(error)
    return "nothing is left"


def _media(data: Path, kind: str) -> list[Path]:
    return [path for path in (data / "media" / kind).rglob("*") if path.is_file()]


def _places_of(data: Path, texts: list[bytes]) -> Iterator[str]:
    for path in sorted(data.rglob("*")):
        place = path.relative_to(data)
        if path.is_file() and place.parts[0] not in NOT_SEARCHED:
            content = path.read_bytes()
            if any(text in content for text in texts):
                yield place.as_posix()


def _back_up(data: Path, backup: Path) -> None:
    backup.mkdir()
    with sqlite3.connect(data / DATABASE) as source, sqlite3.connect(backup / DATABASE) as copy:
        source.backup(copy)
    shutil.copytree(data / "media", backup / "media")


def _put_back(data: Path, backup: Path) -> None:
    """The database and the media as they were; the keys, with mark and journal, stay as they are."""
    for path in data.glob(f"{DATABASE}*"):
        path.unlink()
    shutil.copy(backup / DATABASE, data / DATABASE)
    shutil.rmtree(data / "media")
    shutil.copytree(backup / "media", data / "media")


if __name__ == "__main__":
    sys.exit(main())
