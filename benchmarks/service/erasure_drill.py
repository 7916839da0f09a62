"""Withdraws, erases, and puts an old backup back: `python -m benchmarks.service.erasure_drill [--bucket]`.

A whole service on loopback makes everything of a consented person that it can: a portrait that arrived in
pieces, with its still; a recording with a performer's motion; a video with captions and small pictures that
were looked at; a live session that was kept. Database and media are copied; the subject withdraws; retention
runs. Then every file of the data folder, temporary ones too, and every version of every object of a bucket
is searched for pieces of what was stored, shown, recorded and sent, and for the person's name and address.
Then the old database and media are put back, and everything is asked for again; the log stands still then,
and what was put back is erased again once its operator lets it go on (docs/runbook.md). Prints what was
found; exits 1 if anything was served or left.

With --bucket the media are in a versioned bucket: of a real server where one is on the PATH (SeaweedFS,
OpenStack Swift), else of moto.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks.consent.everything_made import ADDRESS, NAME, make_everything
from benchmarks.consent.stored_media import Media, pieces_of, places_of, versioned_bucket
from config.local_broker import start_redis
from config.local_stack import LocalStack, StackDidNotStart
from tools.visitor import Visitor

SETTINGS = {
    "LIKENESS_VIDEO_SIZE": "256",
    "LIKENESS_KEEP_SOURCES_DAYS": "0",
    "LIKENESS_KEEP_VIDEOS_DAYS": "0",
    "LIKENESS_KEEP_LIVE_RECORDINGS_DAYS": "0",
}
DATABASE = "likeness.sqlite3"
GONE = {404, 409, 410}


def main() -> int:
    """Run the drill once."""
    failed = False

    def say(what: str, found: object, *, is_good: bool) -> None:
        nonlocal failed
        failed |= not is_good
        print(f"{'ok  ' if is_good else 'FAIL'} {what}: {found}", flush=True)

    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        data = Path(folder, "data")
        settings = {**SETTINGS, "TMPDIR": str(data / "temporary")}
        client = None
        if "--bucket" in sys.argv[1:]:
            client, more, told = versioned_bucket(Path(folder), servers)
            settings |= more
            say("bucket", told, is_good=True)
        (data / "temporary").mkdir(parents=True)
        media = Media(data / "media", client)
        with LocalStack(data, port=0, environment=settings) as stack:
            made = make_everything(stack, Path(folder))
            partner = made.partner
            for name, video in made.copies.items():
                say(
                    f"verdict on the {name} before",
                    before := partner.verdict(video),
                    is_good="ours" in before,
                )
            stored = media.files()
            say("stored before", dict(_kinds(stored)), is_good=len(_kinds(stored)) >= 7)
            _copy_database(data / DATABASE, Path(folder, "backup"))
            pieces = list(pieces_of([*stored.values(), *made.copies.values(), *made.seen]))
            texts = [ADDRESS.encode(), NAME.encode()]
            before_it = len(list(places_of(data, media, pieces)))
            say(f"places with any of {len(pieces)} pieces before", before_it, is_good=before_it > 0)
            Visitor(stack.base_url).send(f"{made.receipt}withdraw/")
            erased = json.loads(stack.manage("retention", "--json"))
            say("rows erased", erased["files"], is_good=erased["files"] > 0)
            say("retention --check", checked := _check(stack), is_good=checked == "nothing is left")
            say("stored after", left := sorted(media.files()), is_good=not left)
            say("places with any piece", left := list(places_of(data, media, pieces)), is_good=not left)
            say("places with name or address", left := list(places_of(data, media, texts)), is_good=not left)
            for name, video in made.copies.items():
                after = partner.verdict(video)
                say(f"verdict on the {name}", after, is_good=after == "ours_withdrawn")
            stack.stop()
            for path in data.glob(f"{DATABASE}*"):
                path.unlink()
            shutil.copy(Path(folder, "backup"), data / DATABASE)
            media.put_back(stored)
            stack.processes["redis"] = start_redis(stack.data_dir)
            for name in ("time", "web", "render", "io"):
                stack.start(name)
            stack.wait_until_it_answers()
            for what, path in made.files.items():
                answer = partner.send("GET", path)
                code = answer.json()["code"] if answer.status_code in GONE else ""
                say(f"{what} after the restore", f"{answer.status_code} {code}", is_good=bool(code))
            for name, video in made.copies.items():
                again = partner.verdict(video)
                say(f"verdict on the {name} after the restore", again, is_good=again == "ours_withdrawn")
    return int(failed)


def _check(stack: LocalStack) -> str:
    try:
        stack.manage("retention", "--check")
    except StackDidNotStart as error:
        return str(error)
    return "nothing is left"


def _kinds(stored: Mapping[str, bytes]) -> dict[str, int]:
    kinds = [name.partition("/")[0] for name in stored]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def _copy_database(database: Path, target: Path) -> None:
    with sqlite3.connect(database) as source, sqlite3.connect(target) as copy:
        source.backup(copy)


if __name__ == "__main__":
    sys.exit(main())
