"""A little of the fuzz benchmark in every run: broken files cost no reader and raise nothing unforeseen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[4]


def test_broken_files_crash_nothing(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    command = [
        sys.executable,
        "-m",
        "benchmarks.verify.fuzz_readers",
        str(rows),
        "--cases",
        "100",
        "--seed",
        "7",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 cases" in done.stdout
    assert "reader:" not in done.stdout, done.stdout + done.stderr
