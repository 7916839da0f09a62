"""Starts, ends and kills live sessions, and looks for what was lost.

`python -m benchmarks.live.kills [COUNT [FILE]]`: a service on loopback and two live servers beside it, so
that sessions are placed. Four sessions at a time are ended in every way in turn; at the end the servers are
killed with their sessions and started again. Each session has to be ended with the reason that fits and
sealed, or never to have started; each `live.opened` of the log needs its `live.ended`, and with a
`live.started` its `live.hashed`.
Results are appended to FILE, so that several runs add up. The portrait only sways: everything else is the
service's own.
"""

from __future__ import annotations

import json
import os
import signal
import socket as sockets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.live.staged import LiveStage, live_stage, speech
from config.local_stack import LocalStack, free_port

AT_ONCE: Final = 4
ALLOWED: Final = {
    "ended": {"ended_by_partner"},
    "vanished": {"connection_lost"},
    "by_partner": {"ended_by_partner"},
    "killed": {"worker_lost"},
    "killed_starting": {"worker_lost"},
    # A viewer whom a killed server refuses has no session yet: its program sees that at once, and asks again.
    "server_killed": {"worker_lost", "connection_lost", "not_connected"},
    "no_token": {"not_connected"},
}
# What the log has of a session that never started, and of one that did.
WHOLE: Final = (
    ["live.ended", "live.opened"],
    ["live.ended", "live.hashed", "live.opened", "live.started"],
)
WAYS: Final = ("ended", "killed", "vanished", "by_partner", "killed", "ended", "killed_starting", "killed")


class Servers:
    """Live servers of swaying portraits beside a stack, each with its own address."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self.ports = [free_port(0) for _ in range(2)]
        self.processes = {port: self._start(port) for port in self.ports}

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        environment = self._stack.child_environment() | {
            "LIKENESS_LIVE_URL": f"ws://localhost:{port}/live/",
            "LIKENESS_LIVE_SESSIONS": str(AT_ONCE // 2),
        }
        with self._stack.log_file(f"live-{port}").open("ab") as log:
            return subprocess.Popen(
                [
                    sys.executable, "-m", "uvicorn", "benchmarks.live.swaying_server:application",
                    "--host", "127.0.0.1", "--port", str(port), "--ws", "websockets-sansio",
                    "--ws-per-message-deflate", "false", "--no-access-log",
                ],
                env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill_and_restart(self, port: int) -> None:
        """Kill a server, and start it again."""
        self.processes[port].kill()
        self.processes[port].wait()
        self.processes[port] = self._start(port)

    def close(self) -> None:
        """End them."""
        for process in self.processes.values():
            process.terminate()
            process.wait()


def process_of(session_id: str) -> int | None:
    """The id of a session's process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if session_id.encode() in words and b"benchmarks.live.swaying_session" in words:
            return int(folder.name)
    return None


def hold(stage: LiveStage, way: str, killed: threading.Event) -> dict[str, Any]:
    """Hold one session and end it in this way; its id and what the viewer was told."""
    opened = stage.open(size=256)
    told = ""
    if way == "no_token":
        return {"id": opened["id"], "way": way, "told": told}
    sound = speech(1.0).astype("<i2").tobytes()
    try:
        connected = connect(opened["url"], max_size=None, compression=None, close_timeout=1)
    except ConnectionRefusedError:
        if way != "server_killed":
            raise
        return {"id": opened["id"], "way": way, "told": "refused"}
    with connected as socket:
        socket.send(json.dumps({"type": "start", "token": opened["token"]}))
        if way == "killed_starting":
            deadline = time.monotonic() + 10
            while (pid := process_of(opened["id"])) is None and time.monotonic() < deadline:
                time.sleep(0.02)
            os.kill(pid or 0, signal.SIGKILL)
        frames = 0
        try:
            while True:
                message = socket.recv(timeout=60)
                if isinstance(message, str):
                    note = json.loads(message)
                    told = note["code"] if note["type"] == "ended" else told
                    continue
                frames += 1
                if frames == 2:
                    socket.send(sound)
                if frames != 25:
                    continue
                if way == "ended":
                    socket.send(json.dumps({"type": "end"}))
                elif way == "vanished":
                    socket.socket.shutdown(sockets.SHUT_RDWR)
                    break
                elif way == "by_partner":
                    stage.call("POST", f"/live/{opened['id']}/end")
                elif way == "killed" and (pid := process_of(opened["id"])):
                    os.kill(pid, signal.SIGKILL)
                elif way == "server_killed":
                    killed.set()
        except (ConnectionClosed, TimeoutError, OSError):
            pass
    return {"id": opened["id"], "way": way, "told": told, "frames": frames}


def held_again(stage: LiveStage, way: str, killed: threading.Event) -> dict[str, Any]:
    """As `hold`; what goes wrong is a result too."""
    try:
        return hold(stage, way, killed)
    except Exception as error:  # noqa: BLE001 - it is counted as lost
        return {"id": "", "way": way, "told": f"{type(error).__name__}: {error}"}


def check(stage: LiveStage, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Which sessions were lost, and which entries of the log have no counterpart."""
    deadline, lost = time.monotonic() + 150, list(results)
    while lost and time.monotonic() < deadline:
        time.sleep(2)
        lost = [one for one in lost if not is_over(stage, one)]
    database = sqlite3.connect(f"file:{stage.stack.data_dir / 'likeness.sqlite3'}?mode=ro", uri=True)
    rows = database.execute("select event, body from provenance_logentry where event like 'live.%'")
    entries: dict[str, list[str]] = {}
    for event, body in rows:
        entries.setdefault(json.loads(body)["data"]["rendition_id"], []).append(event)
    return {
        "sessions": len(results),
        "ways": Counter(one["way"] for one in results),
        "lost": [one for one in results if one in lost or not one["id"]],
        "unmatched": {key: found for key, found in entries.items() if sorted(found) not in WHOLE},
        "opened": len(entries),
        "started": sum("live.started" in found for found in entries.values()),
        "spools_left": len(list((stage.stack.data_dir / "live").glob("*"))),
    }


def is_over(stage: LiveStage, one: dict[str, Any]) -> bool:
    """Whether a session has ended for a reason that fits and is sealed, or never started."""
    if not one["id"]:
        return False
    session = stage.call("GET", f"/live/{one['id']}")
    if session["state"] != "ended" or session["end"]["code"] not in ALLOWED[one["way"]]:
        return False
    return session["started_at"] is None or session["sealed_at"] is not None


def main() -> None:
    """Measure, print and append."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    kept = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    os.environ["LIKENESS_LIVE_SESSIONS"] = "0"  # the stack's own live server takes none
    with tempfile.TemporaryDirectory() as folder, live_stage(Path(folder) / "stack") as stage:
        servers, killed = Servers(stage.stack), threading.Event()
        begun = time.monotonic()
        try:
            ways = ["no_token", *(WAYS[number % len(WAYS)] for number in range(count - 1 - AT_ONCE))]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                results = list(pool.map(lambda way: held_again(stage, way, killed), ways))
                held = [pool.submit(held_again, stage, "server_killed", killed) for _ in range(AT_ONCE)]
                killed.wait(120)
                time.sleep(1)
                for port in servers.ports:
                    servers.kill_and_restart(port)
                results += [one.result() for one in held]
            found = check(stage, results) | {"wall_s": round(time.monotonic() - begun)}
        finally:
            servers.close()
        found["fsck"] = stage.stack.manage("auditlog_fsck").strip().splitlines()[-1]
    line = json.dumps(found)
    print(line)
    if kept is not None:
        with kept.open("a") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    main()
