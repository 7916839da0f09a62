"""The runbook's way to copy a running SQLite database gives a whole one."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[2] / "docs/runbook.md"


def test_a_running_database_is_copied_with_its_newest_rows(tmp_path: Path) -> None:
    stated = re.search(r'`python (-c) "([^"]+)" var/likeness.sqlite3 (\S+)`', RUNBOOK.read_text())
    assert stated is not None
    option, program, copy = stated.groups()
    source = tmp_path / "likeness.sqlite3"
    with closing(sqlite3.connect(source)) as running:
        running.execute("PRAGMA journal_mode=WAL")
        running.execute("PRAGMA wal_autocheckpoint=0")
        running.execute("CREATE TABLE entries (number INTEGER)")
        running.executemany("INSERT INTO entries VALUES (?)", [(number,) for number in range(100)])
        running.commit()
        subprocess.run([sys.executable, option, program, source, tmp_path / copy], check=True)
    with closing(sqlite3.connect(tmp_path / copy)) as copied:
        assert copied.execute("SELECT count(*) FROM entries").fetchone() == (100,)
