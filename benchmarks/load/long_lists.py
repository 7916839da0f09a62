"""Times of long lists: `python -m benchmarks.load.long_lists [--rows 1000000] [--postgresql]`.

Fills a database of its own (SQLite, or a PostgreSQL server that it starts) with that many rows in each table,
most of them one partner's, and asks for pages of every list of the API and of the site: the first, one in the
middle, the last. Prints the milliseconds that five requests of each took: the median and the longest on the
clock, and the mean of the processors, of the database server's too.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generation.choices.wanted_job import WantedJob

TIMES = 5
IN_REVIEW = 2_000  # of the jobs; a queue that nobody works off
APPLIED = 100  # of the partners
OF_ONE_PERSON = 20  # of the consents, with a hundred videos each


def main() -> None:
    """Fill, ask, print."""
    arguments = argparse.ArgumentParser(description="Time of the pages of long lists.")
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--postgresql", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="likeness-lists-") as folder, database(given.postgresql) as url:
        if url:
            os.environ["LIKENESS_DATABASE_URL"] = url
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "LIKENESS_DATA_DIR": folder}
        os.environ |= {"LIKENESS_PUBLIC_CALLS_PER_MINUTE": "100000", "LIKENESS_LOG_LEVEL": "ERROR"}
        measure(given.rows, Path(folder))


@contextmanager
def database(is_postgresql: bool) -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the block, or nothing for SQLite."""
    if not is_postgresql:
        yield ""
        return
    from tests.postgresql_server import postgresql_server  # noqa: PLC0415

    with postgresql_server() as url:
        yield url


def measure(rows: int, folder: Path) -> None:
    """Fill the environment's database and time the pages."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    setup_test_environment()
    call_command("create_keys", verbosity=0)
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    clients = fill(rows, folder)
    print(f"filled with {rows:,} rows in each table in {time.perf_counter() - begun:.0f} s", flush=True)
    slowest = busiest = 0.0
    for name, path, client in addresses(rows, clients):
        client.get(path)
        used, took = processor_s(), [timed(client, path) for _ in range(TIMES)]
        mean = (processor_s() - used) / TIMES * 1000
        slowest, busiest = max(slowest, statistics.median(took)), max(busiest, mean)
        print(f"{name:45} {statistics.median(took):7.1f} {max(took):7.1f} {mean:7.1f} ms", flush=True)
    print(f"slowest median: {slowest:.1f} ms; most of the processors: {busiest:.1f} ms")


def timed(client: Any, path: str) -> float:
    """Milliseconds until the whole answer is there."""
    begun = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])
    assert answer.content
    return (time.perf_counter() - begun) * 1000


def processor_s() -> float:
    """Seconds that this process and the server at the other end of its connection have used."""
    from django.db import connection  # noqa: PLC0415

    used = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used


def addresses(rows: int, clients: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """What is asked for: a name, an address, and who asks."""
    api = clients["api"]
    last = -(-rows // 50)
    for name in ("jobs", "portraits", "driving-audio", "subjects", "consents"):
        path = f"/v1/{name}"
        yield f"{path} first", path, api
        for title, page in (("middle", last // 2), ("near the end", last - 2)):
            cursor = api.get(path, {"page": page}).json()["next_cursor"]
            yield f"{path} {title}", f"{path}?cursor={cursor}", api
        yield f"{path} page in the middle (deprecated)", f"{path}?page={last // 2}", api
        yield f"{path} last page (deprecated)", f"{path}?page={last}", api
    for path in ("/console/", "/console/jobs/", "/console/jobs/new/", "/console/portraits/new/", "/partner/"):
        yield path, path, clients["alice"]
    for path in ("/review/", "/review/consents/", "/review/reports/"):
        yield path, path, clients["rita"]
    for path in ("/operator/partners/", "/operator/partners/?state=approved"):
        yield path, path, clients["otto"]
    yield "My likeness", f"/likeness/{clients['token']}/", clients["vera"]
    for name, query in (
        ("newest", ""),
        ("middle", f"?before={rows // 2}"),
        ("by event", "?event=job.submitted"),
        ("by actor", f"?actor={clients['actor']}"),
        ("by id", f"?id={clients['mentioned']}"),
        ("of a day", f"?date={clients['day']}"),
    ):
        yield f"/log/ {name}", f"/log/{query}", clients["vera"]
    yield "/v1/log/entries in the middle", f"/v1/log/entries?after={rows // 2}", clients["vera"]


def fill(rows: int, folder: Path) -> dict[str, Any]:
    """Make one of each by the services, and copy it in the database; who may ask for them."""
    from django.core import mail  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from accounts.access.actors import actor_of  # noqa: PLC0415
    from accounts.models import (  # noqa: PLC0415  # noqa: PLC0415
        ConsentGrant,
        ConsentState,
        MemberRole,
        Partner,
        StaffRole,
        Subject,
    )
    from accounts.services.likeness import send_link  # noqa: PLC0415
    from generation.models import DrivingAudio, Job, Portrait, Rendition  # noqa: PLC0415
    from generation.services.submit import submit_job  # noqa: PLC0415
    from provenance.models import LogEntry  # noqa: PLC0415
    from provenance.models.misuse import MisuseReport  # noqa: PLC0415
    from provenance.services.misuse import report_misuse  # noqa: PLC0415
    from tests.factories import PartnerFactory, granted_consent, issue_key, person, staff_member  # noqa: PLC0415
    from tests.generation.conftest import seal, stored_audio, stored_portrait  # noqa: PLC0415

    partner = PartnerFactory()
    alice = person("Alice", partner=partner, role=MemberRole.OWNER)
    rita, otto = staff_member("Rita", StaffRole.REVIEWER), staff_member("Otto", StaffRole.OPERATOR)
    portrait, sound = stored_portrait(partner, folder), stored_audio(partner, folder)
    grant = granted_consent(portrait, alice).grant
    job = submit_job(
        actor=actor_of(alice), wanted=WantedJob(portrait_id=portrait.id, driving_audio_id=sound.id, seed=7)
    )
    rendition = seal(job, folder)
    report = report_misuse(kind="other", text="Something is wrong.")
    others = PartnerFactory()
    assert grant.contact is not None
    send_link(grant.contact)
    link = re.search(r"/likeness/([\w-]{43})/", str(mail.outbox[-1].body))
    assert link is not None
    text = text_of(connection.vendor)

    def copy(row: Any, count: int = rows, **columns: str) -> None:
        multiply(row, count, {"id": text(f"{row.pk[:4]}x"), **columns})

    copy(
        others,
        name=text("Partner "),
        name_key=text("partner"),
        host_key=text("partner"),
        state=f"CASE WHEN n <= {APPLIED} THEN 'applied' ELSE 'approved' END",
        applied_at=ago(),
    )
    copy(Subject.objects.get(pk=portrait.subject_id), created_at=ago())
    copy(portrait, created_at=ago(), sha256=text("p"))
    copy(sound, created_at=ago(), sha256=text("s"))
    copy(grant.contact, address=text("a"), identity=text("i"))
    # Each portrait has a consent of its own. The newest wait for a reviewer, and some are of one person.
    copy(
        ConsentGrant.objects.get(pk=grant.pk),
        created_at=ago(),
        link_token_hash="NULL",  # noqa: S106
        withdraw_token_hash="NULL",  # noqa: S106
        contact_id=f"CASE WHEN n <= {OF_ONE_PERSON} THEN '{grant.contact_id}' ELSE {text('con_x')} END",
        portrait_id=text(f"{portrait.pk[:4]}x"),
        state=f"CASE WHEN n <= {IN_REVIEW} THEN '{ConsentState.ATTESTED}' ELSE '{ConsentState.GRANTED}' END",
    )
    copy(
        Job.objects.get(pk=job.pk),
        created_at=ago(),
        state=f"CASE WHEN n <= {IN_REVIEW} THEN 'in_review' ELSE 'released' END",
        started_at=ago(),
        consent_id=text(f"{grant.pk[:4]}x", "n / 100 + 1"),
    )
    copy(Rendition.objects.get(pk=rendition.pk), sealed_at=ago(), job_id=text(f"{job.pk[:4]}x"))
    copy(MisuseReport.objects.get(pk=report.pk), created_at=ago())
    entry = LogEntry.objects.filter(event="job.submitted").get()
    multiply(entry, rows, {"index": "n + 1000", "time": ago()})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    key = issue_key(partner)

    def browser(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    assert Portrait.objects.count() > rows < DrivingAudio.objects.count()
    assert Partner.objects.count() > rows
    return {
        "api": Client(headers={"Authorization": f"Bearer {key}"}),
        "alice": browser(alice),
        "rita": browser(rita),
        "otto": browser(otto),
        "vera": Client(),
        "token": link[1],
        "actor": entry.actor,
        "mentioned": job.id,
        "day": f"{entry.time:%Y-%m-%d}",
    }


def text_of(vendor: str) -> Callable[..., str]:
    """How SQL writes a text that ends with the number of the copy."""

    def text(start: str, number: str = "n") -> str:
        if vendor == "postgresql":
            return f"'{start}' || lpad(({number})::text, 12, '0')"
        return f"'{start}' || printf('%%012d', {number})"

    return text


def ago() -> str:
    """SQL for a moment some seconds ago, more for each copy."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        return "now() - n * interval '20 seconds'"
    return "datetime('now', '-' || (n * 20) || ' seconds')"


def multiply(row: Any, count: int, columns: dict[str, str]) -> None:
    """Copy a row `count` times, with other values in some columns: SQL in terms of the copy's number `n`."""
    from django.db import connection  # noqa: PLC0415

    names = [field.column for field in row._meta.concrete_fields]
    quoted = [f'"{name}"' for name in names]
    values = [columns.get(name, f'old."{name}"') for name in names]
    table, key = row._meta.db_table, row._meta.pk.column
    counter = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %s) SELECT n FROM c"
    series = "SELECT generate_series(1, %s) AS n"
    numbers = series if connection.vendor == "postgresql" else counter
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({", ".join(quoted)}) SELECT {", ".join(values)} '  # noqa: S608
            f'FROM ({numbers}) AS numbers, "{table}" AS old WHERE old."{key}" = %s',
            [count, row.pk],
        )


if __name__ == "__main__":
    main()
