"""Fifty verifications at once against a real web server: `python -m benchmarks.verify.concurrently [COUNT]`.

Starts everything on loopback with one web process and one worker for files that are read later, sends COUNT
unmarked ten-second clips at the same time, all from one address and within the limits for one, and asks for
a page meanwhile. Whoever is answered with 202 asks again until the verdict is there. Prints what was
answered, how long it took, how long the page took, how much memory web server, worker and readers held at
most, and what is left of the files.
"""

from __future__ import annotations

import collections
import os
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from config.local_stack import LocalStack
from tests.generation.pipeline.moving_portrait import moving_portrait
from tests.provenance import clips

SECONDS, SIZE = 10, 512
LONGEST_WAIT_S = 1800.0


def family(pid: int) -> list[int]:
    """A process and all that come from it."""
    parents: dict[int, list[int]] = collections.defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(fields[1])].append(int(path.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += parents[found[-1]]
    return found


def resident_mb(pid: int) -> float:
    """Memory of a process that no other has (proportional set size), 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    """Run it and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as name:
        clip = clips.write_clip(Path(name) / "clip.mp4", moving_portrait("maya", SECONDS * 25, size=SIZE))
        with LocalStack(Path(name) / "stack", port=0) as stack:
            measure(stack, clip.read_bytes(), count)


def measure(stack: LocalStack, data: bytes, count: int) -> None:
    """Send the clips, watch, and print."""
    answers: collections.Counter[str] = collections.Counter()
    times: dict[str, list[float]] = {"at once": [], "later": []}
    pages: list[float] = []
    peak, is_over = [0.0], threading.Event()

    def send(_: int) -> None:
        begun = time.monotonic()
        answer = requests.post(f"{stack.base_url}/v1/verify", files={"file": data}, timeout=120)
        how, said = "at once", answer.json()
        if answer.status_code == 202:
            how, said = "later", followed(f"{stack.base_url}{answer.headers['Location']}")
        times[how].append(time.monotonic() - begun)
        answers[f"{how} {said.get('verdict') or said.get('code')}"] += 1

    def look() -> None:
        while not is_over.is_set():
            begun = time.monotonic()
            requests.get(f"{stack.base_url}/livez", timeout=60)
            pages.append(time.monotonic() - begun)
            time.sleep(0.1)

    def weigh() -> None:
        while not is_over.is_set():
            peak[0] = max(peak[0], held())
            time.sleep(0.5)

    def held() -> float:
        return sum(resident_mb(pid) for name in ("web", "io") for pid in family(stack.processes[name].pid))

    send(0)
    alone = times["at once"].pop()
    answers.clear()
    quiet = held()
    watchers = [threading.Thread(target=look), threading.Thread(target=weigh)]
    for watcher in watchers:
        watcher.start()
    begun = time.monotonic()
    with ThreadPoolExecutor(count) as crowd:
        list(crowd.map(send, range(1, count + 1)))
    all_s = time.monotonic() - begun
    is_over.set()
    for watcher in watchers:
        watcher.join()
    print(f"alone {alone:.2f} s; {count} at once: {dict(answers)} in {all_s:.1f} s")
    for how, seconds in times.items():
        if seconds:
            print(f"{how}: median {statistics.median(seconds):.1f} s, slowest {max(seconds):.1f} s")
    middle, slowest = statistics.median(pages), max(pages)
    print(f"/livez meanwhile: median {middle:.3f} s, slowest {slowest:.2f} s ({len(pages)} times)")
    print(f"web server, worker and readers: {quiet:.0f} MB before, {peak[0]:.0f} MB at most")
    left = [path for path in (stack.data_dir / "media" / "verifications").glob("*") if path.is_file()]
    print(f"files left in storage: {len(left)}; load average {os.getloadavg()[0]:.1f}")


def followed(address: str) -> dict[str, Any]:
    """The verdict that an address promised, or the problem that stands there instead."""
    deadline = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < deadline:
        answer = requests.get(address, timeout=60)
        found: dict[str, Any] = answer.json()
        if answer.status_code != 200 or found["state"] != "waiting":
            return found.get("verdict") or found.get("problem") or found
        time.sleep(float(answer.headers["Retry-After"]))
    return {"code": "never answered"}


if __name__ == "__main__":
    main()
