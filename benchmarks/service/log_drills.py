"""Tries to make the log sign two roots for one size: `python -m benchmarks.service.log_drills [50 [SEED]]`.

Each drill has a database and keys of its own, and real processes that append entries and show the signed
head. They are killed at chosen places, databases are restored from copies of any age, two writers run on
copies of one database with one mark, and marks are lost. Every Ed25519 signature that any process makes is
written down before it is made. Prints a table (with `--json` an object): drills, signatures, sizes with two
roots, and how the processes ended. Exits 1 when a size was signed with two roots. `--migrated` names a
SQLite file with all tables, which saves making them.

The processes are forked from this one, which has loaded the service and has no connection to any database:
loading it takes fifty times as long as what most of them do.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import tempfile
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

KILLED, STANDS_STILL = 9, 3
DEATHS = ("in_transaction", "after_commit", "in_mark", "after_mark", "before_signature", "after_signature")


@dataclass
class Service:
    """One installation: keys, mark, database, and the list of signatures that were made."""

    folder: Path
    ends: Counter[str] = field(default_factory=Counter)

    @property
    def database(self) -> Path:
        """The SQLite file in use."""
        return self.folder / "likeness.sqlite3"

    @property
    def mark(self) -> Path:
        """The high-water mark's file."""
        return self.folder / "keys" / "log-ed25519.mark"

    def start(self, count: int, *, die: str = "", database: Path | None = None) -> int:
        """The id of a process that appends `count` entries, each followed by showing the head."""
        process = os.fork()
        if process == 0:
            _end_as_child(self.folder, database or self.database, count, die)
        return process

    def end(self, process: int) -> str:
        """Wait for a process, and count how it ended."""
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        how = {0: "went on", KILLED: "killed", STANDS_STILL: "stood still"}.get(code, f"failed with {code}")
        self.ends[how] += 1
        return how

    def append(self, count: int, *, die: str = "") -> str:
        """Run one such process to its end."""
        return self.end(self.start(count, die=die))

    def copy(self, name: str) -> Path:
        """A copy of the database as it is on the disk, as a backup would be."""
        for suffix in ("", "-wal"):
            source = Path(f"{self.database}{suffix}")
            if source.exists():
                shutil.copy(source, self.folder / f"{name}{suffix}")
        return self.folder / name

    def restore(self, backup: Path) -> None:
        """Put a copy in the database's place."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
            if Path(f"{backup}{suffix}").exists():
                shutil.copy(f"{backup}{suffix}", f"{self.database}{suffix}")

    def signatures(self) -> dict[int, set[str]]:
        """Size to the roots that were signed for it."""
        found: dict[int, set[str]] = defaultdict(set)
        journal = self.folder / "signed"
        for line in journal.read_text().splitlines() if journal.exists() else ():
            size, root = line.split()
            found[int(size)].add(root)
        return found


def restore_of_any_age(service: Service, chance: random.Random) -> None:
    """Backups are made on the way; one of them comes back, and the service is asked to go on."""
    backups = [service.copy("backup-0")]
    for number in range(1, 4):
        service.append(chance.randint(1, 4))
        backups.append(service.copy(f"backup-{number}"))
    service.append(chance.randint(1, 3))
    service.restore(chance.choice(backups))
    service.append(2)


def killed(service: Service, chance: random.Random) -> None:
    """A process is killed at one of the places, and others go on."""
    service.append(chance.randint(1, 3))
    service.append(1, die=chance.choice(DEATHS))
    service.append(2)


def killed_and_restored(service: Service, chance: random.Random) -> None:
    """A process is killed, and then the database from just before comes back."""
    service.append(chance.randint(1, 3))
    backup = service.copy("backup")
    service.append(1, die=chance.choice(DEATHS))
    service.restore(backup)
    service.append(2)


def two_writers(service: Service, chance: random.Random) -> None:
    """Two installations with one key and one mark, each with its own copy of the database."""
    service.append(chance.randint(1, 3))
    twin = service.copy("twin.sqlite3")
    both = [service.start(3), service.start(3, database=twin)]
    for process in both:
        service.end(process)


def mark_lost(service: Service, chance: random.Random) -> None:
    """A backup comes back, and the mark is gone or garbage too."""
    service.append(2)
    backup = service.copy("backup")
    service.append(2)
    service.restore(backup)
    if chance.random() < 0.5:
        service.mark.unlink()
    else:
        service.mark.write_bytes(chance.randbytes(chance.randint(0, 200)))
    service.append(2)


DRILLS: tuple[Callable[[Service, random.Random], None], ...] = (
    restore_of_any_age,
    killed,
    killed_and_restored,
    two_writers,
    mark_lost,
)


@dataclass
class Outcome:
    """What came of the drills of one kind."""

    drills: int = 0
    signatures: int = 0
    forked_sizes: int = 0
    ends: Counter[str] = field(default_factory=Counter)


def run_drills(
    count: int, folder: Path, *, seed: int = 0, migrated: Path | None = None
) -> dict[str, Outcome]:
    """Run `count` drills, kinds in turn, below an empty folder; once in a process, which is Django's then.

    `migrated` is a SQLite file with all tables.
    """
    chance = random.Random(seed)
    empty = _prepare(folder / "empty", migrated)
    outcomes = {drill.__name__: Outcome() for drill in DRILLS}
    for number in range(count):
        drill = DRILLS[number % len(DRILLS)]
        place = folder / f"drill-{number}"
        shutil.copytree(empty, place)
        service = Service(place)
        drill(service, chance)
        signed = service.signatures()
        outcome = outcomes[drill.__name__]
        outcome.drills += 1
        outcome.signatures += sum(len(roots) for roots in signed.values())
        outcome.forked_sizes += sum(len(roots) > 1 for roots in signed.values())
        outcome.ends += service.ends
        shutil.rmtree(place)
    return outcomes


def _prepare(folder: Path, migrated: Path | None) -> Path:
    """An installation to copy, with keys and tables; this process has loaded the service then."""
    (folder / "keys").mkdir(parents=True, mode=0o700)
    database = folder / "likeness.sqlite3"
    if migrated is not None:
        shutil.copy(migrated, database)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "LIKENESS_DATA_DIR": str(folder),
        "LIKENESS_DATABASE_URL": f"sqlite:///{database}",
    }
    import django  # noqa: PLC0415 - settings are read from what was just set

    django.setup()

    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    with Path(os.devnull).open("w") as nowhere:
        call_command("create_keys", stdout=nowhere)
        call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()  # no two processes may share one
    return folder


def _end_as_child(folder: Path, database: Path, count: int, die: str) -> None:
    """Be a process of the installation in `folder`. Never returns."""
    code = 1
    try:
        with (folder / "errors").open("ab") as errors:
            os.dup2(errors.fileno(), 2)
        from django.conf import settings  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        settings.LIKENESS_DATA_DIR = folder
        settings.LIKENESS_KEYS_DIR = folder / "keys"
        settings.LIKENESS_LOG_KEY_FILE = folder / "keys" / settings.LIKENESS_LOG_KEY_FILE.name
        connection.settings_dict["NAME"] = str(database)
        code = child(count, die)
    except BaseException:  # noqa: BLE001 - the last frame of the child: it only decides the exit code
        traceback.print_exc()
    finally:
        os._exit(code)


def child(count: int, die: str) -> int:
    """Append and show, and die at the chosen place of the last entry."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from provenance.log.checkpoint import sign_checkpoint as sign  # noqa: PLC0415
    from provenance.log.entries import LogEvent  # noqa: PLC0415
    from provenance.log.mark import FileMarkStore  # noqa: PLC0415
    from provenance.selectors import signed_head as signing  # noqa: PLC0415
    from provenance.services import log  # noqa: PLC0415

    journal = Path(settings.LIKENESS_DATA_DIR) / "signed"
    replace, dies_now = FileMarkStore.replace, False

    def at(place: str) -> None:
        if dies_now and die == place:
            os._exit(KILLED)

    def noted_sign(checkpoint, key):  # type: ignore[no-untyped-def]
        at("before_signature")
        with journal.open("a") as file:
            file.write(f"{checkpoint.size} {checkpoint.root.hex()}\n")
        note = sign(checkpoint, key)
        at("after_signature")
        return note

    def interrupted_replace(store, before, after):  # type: ignore[no-untyped-def]
        at("after_commit")
        if dies_now and die == "in_mark":
            store.path.with_name(f"{store.path.name}.partial").write_bytes(after[:20])
            os._exit(KILLED)
        is_replaced = replace(store, before, after)
        at("after_mark")
        return is_replaced

    signing.sign_checkpoint = noted_sign
    FileMarkStore.replace = interrupted_replace  # type: ignore[method-assign]
    for number in range(count):
        dies_now = number == count - 1
        try:
            with transaction.atomic():
                log.append(LogEvent.JOB_FAILED, actor="system", data={"job_id": f"job_{os.urandom(8).hex()}"})
                at("in_transaction")
            log.signed_head()
        except log.LogDamaged:
            return STANDS_STILL
    return 0


def main() -> int:
    """Run the drills and print what came of them."""
    parser = argparse.ArgumentParser(description="Tries to make the log sign two roots for one size.")
    parser.add_argument("count", nargs="?", type=int, default=50)
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--migrated", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="likeness-drills-") as folder:
        outcomes = run_drills(asked.count, Path(folder), seed=asked.seed, migrated=asked.migrated)
    if asked.json:
        print(json.dumps({name: vars(outcome) for name, outcome in outcomes.items()}))
        return int(any(outcome.forked_sizes for outcome in outcomes.values()))
    print(f"{'drill':<22}{'drills':>8}{'signatures':>12}{'sizes with two roots':>22}  processes")
    for name, outcome in outcomes.items():
        row = f"{name:<22}{outcome.drills:>8}{outcome.signatures:>12}{outcome.forked_sizes:>22}"
        print(f"{row}  {json.dumps(dict(outcome.ends))}")
    return int(any(outcome.forked_sizes for outcome in outcomes.values()))


if __name__ == "__main__":
    raise SystemExit(main())
