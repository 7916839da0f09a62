"""Requests made up from the OpenAPI description: `python -m benchmarks.load.generated_requests`.

Fills a database of its own (SQLite, or with `--postgresql` a server that it starts) with partners in the
middle of their work, and sends `--requests` generated requests to the whole service, its middleware included.
Prints how many of each status came back, and everything that is wrong: unknown errors, and statuses, types
and bodies that the description does not have. A seed gives the same requests again.

Many are sent in pieces: with `--keep FILE` a piece (a seed and a database) adds a line of JSON to a file, is
left out if it is there already, and the sum of all pieces in the file is printed for each database.

Requests are answered in this process, by the application with all of its middleware. What examines an
uploaded file is asked once for each content, as in the tests: it takes a second in a process of its own.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.test import Client

from benchmarks.load.long_lists import database
from tests.contracts.generated_requests import Judge, Requests

ROOT = Path(__file__).resolve().parents[2]
CALLS_BETWEEN_CLEARINGS = 300  # below what a key may do in a minute
MOST_IDS = 2000


def main() -> None:
    """Fill, send, print. Exits 1 when something is wrong."""
    arguments = argparse.ArgumentParser(description="Generated requests over the whole API.")
    arguments.add_argument("--requests", type=int, default=5000)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--postgresql", action="store_true")
    arguments.add_argument("--keep", type=Path, metavar="FILE")
    given = arguments.parse_args()
    piece = {"database": "postgresql" if given.postgresql else "sqlite", "seed": given.seed}
    if given.keep and any(piece.items() <= each.items() for each in pieces_in(given.keep)):
        print_sums(given.keep)
        return
    with tempfile.TemporaryDirectory(prefix="likeness-calls-") as folder, database(given.postgresql) as url:
        if url:
            os.environ["LIKENESS_DATABASE_URL"] = url
            os.environ["LIKENESS_LOG_MARK_CALLBACK"] = (
                "tests.provenance.log.append.shared_mark.on_this_machine"
            )
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "LIKENESS_DATA_DIR": folder}
        os.environ |= {"LIKENESS_LOG_LEVEL": "ERROR"}
        begun = time.perf_counter()
        statuses, complaints = measure(given.requests, given.seed, Path(folder))
        found: dict[str, Any] = {
            **piece,
            "requests": statuses.total(),
            "seconds": round(time.perf_counter() - begun, 1),
            "statuses": dict(sorted(statuses.items())),
            "wrong": dict(complaints.most_common()),
        }
    print(json.dumps(found, indent=1, ensure_ascii=True))
    if given.keep:
        with given.keep.open("a") as file:
            file.write(json.dumps(found) + "\n")
        print_sums(given.keep)
    sys.exit(bool(complaints))


def pieces_in(file: Path) -> list[dict[str, Any]]:
    """What was measured before; nothing where the file does not exist yet."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def print_sums(file: Path) -> None:
    """Print, for each database, how many requests all pieces in a file sent, and all that was wrong."""
    for database_name in ("sqlite", "postgresql"):
        pieces = [piece for piece in pieces_in(file) if piece["database"] == database_name]
        wrong: Counter[str] = Counter()
        for piece in pieces:
            wrong.update(piece["wrong"])
        sent = sum(piece["requests"] for piece in pieces)
        print(f"{database_name}: {sent:,} requests in {len(pieces)} pieces; wrong: {dict(wrong)}")


def measure(count: int, seed: int, folder: Path) -> tuple[Counter[int], Counter[str]]:
    """How many answers had which status, and what was wrong with which call how often."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.cache import cache  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from generation.services import preflight  # noqa: PLC0415
    from tests.contracts.write_openapi import served  # noqa: PLC0415
    from tests.generation.examined_once import once  # noqa: PLC0415

    setup_test_environment()
    logging.getLogger("django.request").setLevel(logging.ERROR)
    # The same few files come thousands of times.
    for name in ("examine_portrait", "examine_driving_audio"):
        setattr(preflight, name, once(getattr(preflight, name)))
    call_command("create_keys", verbosity=0, stdout=io.StringIO())
    call_command("migrate", verbosity=0)
    document = served()
    requests = Requests(document, seed=seed, **a_partner_at_work(folder))
    judge, client = Judge(document), Client(raise_request_exception=False)
    statuses: Counter[int] = Counter()
    complaints: Counter[str] = Counter()
    for number in range(count):
        if number % CALLS_BETWEEN_CLEARINGS == 0:
            cache.clear()  # the limits of calls a minute are tested elsewhere
        status, complaint = send_next(client, requests, judge)
        statuses[status] += 1
        if complaint:
            complaints[complaint] += 1
    return statuses, complaints


def send_next(client: Client, requests: Requests, judge: Judge) -> tuple[int, str]:
    """Send one more request: the status of its answer, and what is wrong with that, if anything is.

    Ids of what it made are used in later ones.
    """
    request = requests.next()
    answer: Any = client.generic(
        request.method.upper(), request.target, request.body, request.media_type, headers=request.headers
    )
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    media_type = answer.headers.get("Content-Type", "")
    if (
        len(requests.ids) < MOST_IDS
        and body
        and media_type == "application/json"
        and answer.status_code < 300
    ):
        requests.ids += [value for value in texts_of(json.loads(body)) if "_" in value][:20]
    wrong = judge.complaint(request, status=answer.status_code, media_type=media_type, body=body)
    if wrong is None:
        return answer.status_code, ""
    name = request.call.name if request.call else f"{request.method.upper()} {request.target[:60]}"
    return answer.status_code, f"{name}: {wrong}"


def a_partner_at_work(folder: Path) -> dict[str, Any]:
    """Two partners with one of each thing: the ids, the API keys and some real files."""
    from accounts.access.actors import actor_of  # noqa: PLC0415
    from accounts.models import MemberRole, Scope, StaffRole  # noqa: PLC0415
    from accounts.services.webhooks import endpoints  # noqa: PLC0415
    from generation.services.review import approve  # noqa: PLC0415
    from tests.factories import PartnerFactory, issue_key, person, staff_member  # noqa: PLC0415
    from tests.generation.conftest import seal, stored_audio  # noqa: PLC0415
    from tests.pages import town  # noqa: PLC0415

    sealed = json.loads((ROOT / "tests/golden/0.5.0/released.bundle.json").read_text())
    manifest = (sealed["manifest_label"], base64.b64decode(sealed["manifest"]))
    ids: list[str] = [manifest[0]]
    keys: list[str] = []
    rita = staff_member("Rita", StaffRole.REVIEWER)
    for name in ("Alice", "Charlie"):
        partner = PartnerFactory()
        owner = person(name, partner=partner, role=MemberRole.OWNER)
        built = town.build(partner, owner, rita, folder)
        hook, _ = endpoints.add_endpoint(
            actor=actor_of(owner), url="https://93.184.215.14/hook", event_types=[]
        )
        job = built.queued
        if name == "Alice":
            approve(actor=actor_of(rita), rendition_id=seal(job, folder, manifest=manifest).id)
        ids += [partner.id, owner.id, job.id, job.portrait_id, job.driving_audio_id, job.consent_id]
        ids += [built.portrait_id, built.waiting.id, built.released.id, built.waiting.job_id, hook.id]
        ids += [job.portrait.subject_id, stored_audio(partner, folder, 0.8).id]
        keys += [issue_key(partner)] * (8 if name == "Alice" else 1)
        keys += [issue_key(partner, Scope.CONSENTS)]
    files = [(ROOT / "samples/portraits/maya.jpg").read_bytes(), (folder / "speech.wav").read_bytes()]
    return {"ids": ids, "keys": keys, "files": files}


def texts_of(value: Any) -> list[str]:
    """All strings in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for inner in value for text in texts_of(inner)]
    return [value] if isinstance(value, str) else []


if __name__ == "__main__":
    main()
