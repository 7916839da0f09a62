"""Fifty verifications at once against a real web server: `python -m benchmarks.verify_concurrently [COUNT]`.

Starts everything on loopback with one web process, sends COUNT ten-second clips at the same time, each from
an address of its own, and asks for a page meanwhile. Prints what was answered, how long it took, how long
the page took, and how much memory web server and readers held at most.
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

import requests

from config.local_stack import LocalStack
from tests.generation.pipeline.moving_portrait import moving_portrait
from tests.provenance import clips

SECONDS, SIZE = 10, 512


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
        environment = {"LIKENESS_BEHIND_PROXY": "true"}
        with LocalStack(Path(name) / "stack", port=0, environment=environment) as stack:
            measure(stack, clip.read_bytes(), count)


def measure(stack: LocalStack, data: bytes, count: int) -> None:
    """Send the clips, watch, and print."""
    answers: collections.Counter[str] = collections.Counter()
    times: list[float] = []
    pages: list[float] = []
    peak, is_over = [0.0], threading.Event()

    def send(number: int, *, later: bool = False) -> str:
        begun = time.monotonic()
        headers = {"X-Forwarded-For": f"198.51.100.{number}"} | ({"Prefer": "respond-async"} if later else {})
        answer = requests.post(
            f"{stack.base_url}/v1/verify", files={"file": data}, headers=headers, timeout=120
        )
        times.append(time.monotonic() - begun)
        answers[f"{answer.status_code} {answer.json().get('verdict') or answer.json().get('code')}"] += 1
        return answer.headers.get("Location", "")

    def look() -> None:
        while not is_over.is_set():
            begun = time.monotonic()
            requests.get(f"{stack.base_url}/livez", timeout=60)
            pages.append(time.monotonic() - begun)
            time.sleep(0.1)

    def weigh() -> None:
        while not is_over.is_set():
            peak[0] = max(peak[0], sum(map(resident_mb, family(stack.processes["web"].pid))))
            time.sleep(0.1)

    send(0)
    alone = times.pop()
    answers.clear()
    quiet = sum(map(resident_mb, family(stack.processes["web"].pid)))
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
    print(f"each: median {statistics.median(times):.1f} s, slowest {max(times):.1f} s")
    middle, slowest = statistics.median(pages), max(pages)
    print(f"/livez meanwhile: median {middle:.3f} s, slowest {slowest:.2f} s ({len(pages)} times)")
    print(f"web server and readers: {quiet:.0f} MB before, {peak[0]:.0f} MB at most")
    location = send(250, later=True)
    begun = time.monotonic()
    while (answer := requests.get(f"{stack.base_url}{location}", timeout=10).json())["state"] == "waiting":
        time.sleep(0.1)
    print(f"later: {answer['state']} {answer['verdict']['verdict']} after {time.monotonic() - begun:.1f} s")
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
