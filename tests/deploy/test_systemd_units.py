"""systemd takes the units, and they start what the containers start."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.deployment.compose_file import commands

UNITS = Path(__file__).resolve().parents[2] / "deploy/systemd"


def started(unit: str) -> list[str]:
    line = next(line for line in (UNITS / unit).read_text().splitlines() if line.startswith("ExecStart="))
    return line.removeprefix("ExecStart=/srv/likeness/.venv/bin/").split()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_finds_no_fault_in_them(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        # The programs are not installed here, and their absence is no fault of the unit.
        text = (
            unit.read_text()
            .replace("/srv/likeness/.venv/bin/gunicorn", "/bin/true")
            .replace("/srv/likeness/.venv/bin/uvicorn", "/bin/true")
            .replace("/srv/likeness/.venv/bin/celery", "/bin/true")
        )
        (tmp_path / unit.name.replace("@", "@cpu")).write_text(text.replace("%i", "cpu"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(str(path) for path in tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    faults = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "likeness" in line]
    assert faults == []


def test_they_start_the_same_programs_as_the_containers() -> None:
    web, in_container = started("likeness-web.service"), commands()["web"]
    assert [part for part in web if part not in in_container] == ["127.0.0.1:8000"]
    assert started("likeness-worker@.service")[:4] == list(commands()["worker-cpu"][:4])
    assert started("likeness-beat.service")[:4] == list(commands()["beat"][:4])
