"""Which parts of the service are there, and what is wrong with those that are not.

One function for each part; each answers within seconds whatever is broken, and says in a sentence what an
operator would want to know and a stranger may.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor

from accounts.access.members_by_log import (
    members_are_logged,
    unrecorded_invitations,
    unrecorded_members,
)
from config.operations import heartbeats
from generation.services.dispatch import queue_name
from provenance.checks.key_health import signing_certificate_health
from provenance.common.clock import MOST_DIFFERENCE_S, seconds_off
from provenance.common.shared_cache import cache_away
from provenance.keys.service_keys import SecretUnusable, marking_year, trust_store, watermark_key
from provenance.manifest.trust import TrustAnchorsMissing
from provenance.sandbox.requirement import sandbox_state

LEAST_DISK_BYTES = 2 * 1024**3  # the largest upload, its decoded pictures and the video, for two jobs
ANSWERS_IN_S = 2.0
REMEMBERED_S = 5.0  # what is asked over the network is not asked again for each caller


@dataclass(frozen=True)
class Part:
    """One part of the service. `problem` is empty while it is there."""

    name: str
    problem: str
    answers_need_it: bool
    """Whether requests are answered wrongly or not at all without it."""


@dataclass(frozen=True)
class _Check:
    name: str
    find_problem: Callable[[], str]
    answers_need_it: bool = False
    is_remote: bool = False


_remembered: dict[str, tuple[float, str]] = {}


def parts() -> list[Part]:
    """Every part with its problem, in the order in which they should be mended."""
    checks = [
        _DATABASE,
        _Check("migrations", _migrations, answers_need_it=True),
        _Check("static_files", _static_files, answers_need_it=True),
        _Check("keys", _keys),
        _Check("members", _members, is_remote=True),
        _Check("signing", lambda: signing_certificate_health().problem),
        _Check("time_stamps", _time_stamps),
        _Check("sandbox", _sandbox),
        _Check("kernels", _kernels),
        _Check("disk", _disk),
        _Check("storage", _storage, is_remote=True),
        _BROKER,
        _Check("clock", _clock, is_remote=True),
        _Check("beat", _beat, is_remote=True),
        *(_Check(f"queue_{name}", _queue(name), is_remote=True) for name in (_rendering(), "io", "verify")),
    ]
    return [Part(check.name, _problem(check), check.answers_need_it) for check in checks]


def _rendering() -> str:
    """The queue that jobs go to; while the database is away, which knows the workers, the usual one."""
    return "cpu" if _problem(_DATABASE) else queue_name()


def forget() -> None:
    """Ask again what was asked over the network a moment ago."""
    _remembered.clear()


def _problem(check: _Check) -> str:
    if not check.is_remote:
        return check.find_problem()
    asked_at, problem = _remembered.get(check.name, (0.0, ""))
    now = time.monotonic()
    if not asked_at or now - asked_at > REMEMBERED_S:
        problem = check.find_problem()
        _remembered[check.name] = (now, problem)
    return problem


def _database() -> str:
    # Over a connection of its own: an older one to a server that hangs would be waited for without end.
    probe = connection.copy()
    if probe.vendor == "postgresql":
        probe.settings_dict["OPTIONS"]["connect_timeout"] = int(ANSWERS_IN_S)
    try:
        with probe.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    finally:
        probe.close()
    return ""


_DATABASE = _Check("database", _database, answers_need_it=True, is_remote=True)


def _migrations() -> str:
    if _problem(_DATABASE):
        return "It cannot be seen which migrations were applied."
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except (DatabaseError, MigrationSchemaMissing):
        return "It cannot be seen which migrations were applied."
    return f"{missing} migrations are not applied: run manage.py migrate." if missing else ""


def _static_files() -> str:
    # Only the storage with a manifest needs one; tests and DEBUG read the sources.
    read_manifest = getattr(staticfiles_storage, "read_manifest", None)
    if read_manifest is not None and read_manifest() is None:
        return "Style sheets and scripts are not collected: run manage.py collectstatic."
    return ""


def _keys() -> str:
    try:
        watermark_key(marking_year())
        trust_store()
    except (SecretUnusable, TrustAnchorsMissing) as error:
        return error.message
    for path, what in (
        (settings.LIKENESS_LOG_KEY_FILE, "The log's key"),
        (settings.LIKENESS_COMMITMENT_KEY_FILE, "The key of commitments"),
    ):
        try:
            Path(path).read_bytes()
        except OSError:
            return f"{what} cannot be read."
    return ""


def _members() -> str:
    if _problem(_DATABASE):
        return ""  # said by the database
    try:
        if members_are_logged() or not (count := len(unrecorded_members()) + len(unrecorded_invitations())):
            return ""
    except DatabaseError:  # tables of another version: said by the migrations
        return ""
    return f"{count} memberships and invitations are not in the log: run manage.py record_members."


def _time_stamps() -> str:
    if settings.LIKENESS_TIMESTAMP_SERVERS or settings.LIKENESS_ON_LOOPBACK:
        return ""
    return "No time-stamp server is set, so no video is signed."


def _sandbox() -> str:
    sandbox = sandbox_state()
    missing = ", ".join(sandbox.missing)
    if not sandbox.reads_files:
        return f"No uploaded file is read: {missing} missing."
    return f"Uploaded files are read in a reduced sandbox: {missing} missing." if missing else ""


@lru_cache(maxsize=1)
def _kernels_by_source() -> dict[Path, int]:
    """How many kernels each source of the renderer has."""
    sources = (Path(settings.BASE_DIR) / "generation" / "animation").rglob("*.py")
    counts = {source: source.read_text(encoding="utf-8").count("\n@jit_kernel\n") for source in sources}
    return {source: count for source, count in counts.items() if count}


def _kernels() -> str:
    """Readers of portraits may not keep what they compile, and run out of their time meanwhile."""
    if "NUMBA_CACHE_DIR" in os.environ:  # who keeps machine code elsewhere knows where
        return ""
    for source, count in _kernels_by_source().items():
        changed_at = source.stat().st_mtime
        made = (source.parent / "__pycache__").glob(f"{source.stem}.*.nbi")
        if sum(one.stat().st_mtime >= changed_at for one in made) < count:
            return "The renderer's kernels are not compiled: run python -m tools.compile_kernels."
    return ""


def _disk() -> str:
    try:
        free = shutil.disk_usage(settings.LIKENESS_DATA_DIR).free
    except OSError:
        return "The data folder is missing."
    return "" if free >= LEAST_DISK_BYTES else f"Only {free // 1024**2} MB are free in the data folder."


def _storage() -> str:
    storage: Any = storages["media"]
    if isinstance(storage, FileSystemStorage):
        folder = Path(storage.location)
        while not folder.exists():  # it is made with the first file
            folder = folder.parent
        return "" if _is_writable(folder) else "The folder of the media cannot be written to."
    return "" if _bucket_answers(storage) else "The media's bucket does not answer."


def _bucket_answers(storage: Any) -> bool:
    """Asks with a client that neither waits nor tries again, as the storage's own does."""
    import boto3  # noqa: PLC0415 - for those with a bucket; the URLs load this module in every command
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    client = boto3.client(
        "s3",
        endpoint_url=storage.endpoint_url,
        region_name=storage.region_name,
        aws_access_key_id=storage.access_key,
        aws_secret_access_key=storage.secret_key,
        config=Config(connect_timeout=ANSWERS_IN_S, read_timeout=ANSWERS_IN_S, retries={"max_attempts": 0}),
    )
    try:
        client.head_bucket(Bucket=storage.bucket_name)
    except (BotoCoreError, ClientError):
        return False
    return True


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def _broker() -> str:
    return "" if _broker_time() is not None else "The broker does not answer."


_BROKER = _Check("broker", _broker, is_remote=True)


def _clock() -> str:
    if not _problem(_DATABASE) and (off := seconds_off()) > MOST_DIFFERENCE_S:
        return f"This machine's clock and the database's are {off:.0f} s apart."
    if _problem(_BROKER):
        return ""  # said by the broker; one that hangs is waited for once, and not by every check
    theirs = _broker_time()
    if theirs is None:
        return ""
    difference_s = abs(_now() - theirs)
    if difference_s <= MOST_DIFFERENCE_S:
        return ""
    return f"This machine's clock and the broker's are {difference_s:.0f} s apart."


def _now() -> float:
    return time.time()


def _broker_time() -> float | None:
    import redis  # noqa: PLC0415 - the URLs load this module in every command, and few ask

    url = settings.LIKENESS_REDIS_URL.replace("redis+socket://", "unix://")
    broker = redis.Redis.from_url(
        url, socket_timeout=ANSWERS_IN_S, socket_connect_timeout=ANSWERS_IN_S, retry=None
    )
    try:
        seconds, microseconds = broker.time()
    except (redis.RedisError, OSError):
        return None
    finally:
        broker.close()
    return float(seconds) + float(microseconds) / 1e6


def _queue(name: str) -> Callable[[], str]:
    return lambda: _silence(name, f"No worker takes from the queue {name}.")


def _beat() -> str:
    return _silence(heartbeats.BEAT, "No periodic task runs: one worker of the queue io needs --beat.")


def _silence(name: str, sentence: str) -> str:
    if _problem(_BROKER):
        return ""
    try:
        age_s = heartbeats.age_s(name)
    except (cache_away(), OSError):
        return ""  # said by the broker, which the cache is in
    return "" if age_s is not None and age_s <= heartbeats.STALE_AFTER_S else sentence
