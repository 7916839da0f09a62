"""Processes that a rehearsal starts, and waiting for them."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 120.0


class RehearsalFailed(RuntimeError):
    """A part did not start or is not ready; the message says which."""


def start(
    folder: Path, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a command that writes what it says to `name`.log in `folder`."""
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, and wait until it is gone."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until `condition` holds; refused connections count as not yet. Raises RehearsalFailed."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise RehearsalFailed(f"{what}: not within {WAIT_S:.0f} s")


def answers(url: str) -> bool:
    """Whether anything answers at a URL, with whatever status."""
    try:
        fetch(url)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def fetch(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The body of an answer. Raises OSError, HTTPError among it."""
    request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return bytes(answer.read())
