"""Everything of Likeness on one machine and on localhost, as child processes.

Redis, a time-stamp server, the web server, the server of live sessions and the workers.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from config.local_broker import start_redis
from provenance.sandbox.requirement import REDUCED, SETTING, sandbox_state

CELERY = (
    sys.executable,
    "-m",
    "celery",
    "-A",
    "config.celery",
    "worker",
    "--loglevel",
    "INFO",
    "--concurrency",
    "1",
)
# One after the other in one process: loading the service takes longer than each of them.
PREPARE = """
from django.core.management import execute_from_command_line
for command in (["create_keys"], ["migrate", "--noinput"], ["collectstatic", "--noinput"]):
    execute_from_command_line(["manage.py", *command])
"""

# As manage.py does, without the checks, which making the tables ran: they take longer than most commands.
MANAGE = """
import sys
import django
from django.core.management import CommandError, call_command
django.setup()
try:
    call_command(*sys.argv[1:])
except CommandError as error:
    sys.exit(f"CommandError: {error}")
"""


class StackDidNotStart(RuntimeError):
    """A part of the stack ended or did not answer in time; the message names it and its log file."""


def free_port(preferred: int) -> int:
    """`preferred` if nothing listens there on localhost, else any free port."""
    with held_port(preferred) as held:
        return int(held.getsockname()[1])


def held_port(preferred: int) -> socket.socket:
    """A socket bound to `preferred` if nothing listens there on localhost, else to any free port.

    While it is open nobody is given the port; a server, which reuses addresses, can still listen there.
    """
    for port in (preferred, 0):
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        return held
    raise StackDidNotStart("No port is free on localhost.")


def sandbox_remark() -> str:
    """What to say at start where strangers' files are read in a reduced sandbox; empty where it is whole.

    Raises StackDidNotStart, with what is missing and how to go on, where no file would be read at all.
    """
    sandbox = sandbox_state()
    missing = ", ".join(sandbox.missing)
    if not sandbox.reads_files:
        raise StackDidNotStart(
            f"uploaded files cannot be read safely on this machine: {missing} missing (Linux 5.13 or newer "
            f"has it, and a container has to allow it). On your own machine you can go on without: say "
            f"{SETTING}={REDUCED} in front of the command."
        )
    return f"Files are read in a reduced sandbox, as you allowed: {missing} missing." if missing else ""


@dataclass
class LocalStack:
    """Start with `with LocalStack(data_dir) as stack:`; leaving the block stops what it started.

    `data_dir` holds the database, media, keys, logs and the Redis socket. `environment` adds variables for
    all parts. Parts write to `data_dir`/log/NAME.log.
    """

    data_dir: Path
    port: int = 8000
    environment: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    timestamp_port: int = field(init=False)
    live_port: int = field(init=False)
    instance: str = field(init=False, default_factory=lambda: secrets.token_hex(8))
    held: tuple[socket.socket, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.data_dir = self.data_dir.resolve()
        # Held from now on: migrations take so long that another stack would be given the same ports.
        self.held = (held_port(self.port), held_port(0), held_port(0))
        self.port, self.timestamp_port, self.live_port = (one.getsockname()[1] for one in self.held)

    @property
    def base_url(self) -> str:
        """Where the web server listens. By name: browsers refuse passkeys on bare addresses."""
        return f"http://localhost:{self.port}"

    def child_environment(self) -> dict[str, str]:
        """The environment of every part: this process's own, with the stack's places and thread counts."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "LIKENESS_DATA_DIR": str(self.data_dir),
            "LIKENESS_BASE_URL": self.base_url,
            "LIKENESS_LIVE_URL": f"ws://localhost:{self.live_port}/live/",
            "LIKENESS_INSTANCE": self.instance,
            "LIKENESS_DEBUG": "false",
            "LIKENESS_TIMESTAMP_SERVERS": f"http://127.0.0.1:{self.timestamp_port}/",
            "LIKENESS_OCSP_RESPONDER": f"http://127.0.0.1:{self.timestamp_port}/ocsp",
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it printed. Raises StackDidNotStart."""
        return self._run(f"manage.py {arguments[0]}", "-c", MANAGE, *arguments)

    def _run(self, what: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.child_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            lines = (done.stderr.strip() or done.stdout.strip() or "it gave no reason").splitlines()
            reasons = [line.strip() for line in lines if line.strip() and "HINT:" not in line]
            raise StackDidNotStart(f"{what} failed: {reasons[-1]}")
        return done.stdout

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start one part (time, web, live, render, io) in a process group of its own."""
        commands: dict[str, tuple[str, ...]] = {
            "time": (
                sys.executable, "manage.py", "timestamp_server", "--skip-checks",
                "--port", str(self.timestamp_port),
            ),
            "web": (
                sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}",
                # Verifications wait in threads: there are more than may wait (verify/reader/reader_pool.py).
                "--workers", "1", "--worker-class", "config.web_server.receiving_worker.ReceivingWorker",
                "--worker-connections", "4000", "--threads", "64",
                # No access log: it would hold the links of subjects. Django logs requests without them.
                "--timeout", "120",
            ),
            "live": (
                sys.executable, "-m", "uvicorn", "config.asgi:application",
                "--host", "127.0.0.1", "--port", str(self.live_port), "--ws", "websockets-sansio",
                # Speech and pictures are compressed already; the access log would say nothing of use.
                "--ws-per-message-deflate", "false", "--no-access-log", "--timeout-graceful-shutdown", "5",
            ),
            "render": (*CELERY, "--hostname", "render@%h", "--queues", "cpu"),
            "io": (*CELERY, "--hostname", "io@%h", "--queues", "io,verify", "--beat"),
        }  # fmt: skip
        log = self.log_file(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as log_file:
            process = subprocess.Popen(
                commands[name],
                env=self.child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                start_new_session=True,
            )
        self.processes[name] = process
        return process

    def log_file(self, name: str) -> Path:
        """Where the part called `name` writes."""
        return self.data_dir / "log" / f"{name}.log"

    def __enter__(self) -> LocalStack:
        sandbox_remark()
        try:
            # Portraits, e-mails with links and the database: nobody else's on a shared machine.
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._run("Making keys, tables and static files", "-c", PREPARE)
            self.processes["redis"] = start_redis(self.data_dir)
            for name in ("time", "web", "live", "render", "io"):
                self.start(name)
            self.wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def wait_until_it_answers(self, *, wait_s: float = 60.0) -> None:
        """Return when the web server answers /readyz. Raises StackDidNotStart."""
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise StackDidNotStart(f"{name} ended at once; see {self.log_file(name)}.")
            try:
                with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=10) as answer:  # noqa: S310 - loopback, fixed scheme
                    told = json.load(answer).get("instance")
            except (urllib.error.URLError, OSError, ValueError):
                time.sleep(0.2)
                continue
            if told != self.instance:
                raise StackDidNotStart(f"Another service answers at {self.base_url}; nothing was done there.")
            return
        raise StackDidNotStart(
            f"The web server did not answer within {wait_s:.0f} s; see {self.log_file('web')}."
        )

    def revive(self) -> list[str]:
        """Start again what has died since, and return its names."""
        dead = [name for name, process in self.processes.items() if process.poll() is not None]
        for name in dead:
            if name == "redis":
                self.processes[name] = start_redis(self.data_dir)
            else:
                self.start(name)
        return dead

    def stop(self) -> None:
        """Stop every part this stack started, Redis last; kill what does not go within 10 s."""
        for name in ("web", "live", "io", "render", "time", "redis"):
            process = self.processes.pop(name, None)
            if process is None:
                continue
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        for one in self.held:
            one.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
