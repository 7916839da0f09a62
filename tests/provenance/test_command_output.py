"""A command whose output nobody reads to its end says nothing more and leaves no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from provenance.command_output import NOBODY_READS
from tests.likeness.conftest import SHELF

pytestmark = pytest.mark.slow

VIDEO = [str(SHELF / "released.mp4"), "--keys", str(SHELF / "keys.json")]


@pytest.mark.parametrize("command", [["provenance.offline"], ["likeness", "verify"]])
def test_it_ends_quietly_when_nobody_reads(command: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", *command, *VIDEO], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert complaint == ""
    assert process.returncode == NOBODY_READS
