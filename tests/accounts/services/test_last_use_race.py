from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accounts.services.last_use_race import MAX_VIDEOS, ROUNDS, THREADS
from tests.migrated import copy_migrated_database


@pytest.mark.slow
def test_workers_that_race_for_the_last_use_never_get_one_too_many(tmp_path: Path, settings):
    copy_migrated_database(tmp_path / "race.sqlite3")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "LIKENESS_DATA_DIR": str(tmp_path),
        "LIKENESS_DATABASE_URL": f"sqlite:///{tmp_path / 'race.sqlite3'}",
    }

    done = subprocess.run(
        [sys.executable, "-m", "tests.accounts.services.last_use_race"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "taken": ROUNDS * MAX_VIDEOS,
        "refused": ROUNDS * (THREADS - MAX_VIDEOS),
        "counted": ROUNDS * MAX_VIDEOS,
    }
