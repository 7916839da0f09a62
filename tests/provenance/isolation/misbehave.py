"""Run inside the isolation by the tests: `python -m tests.provenance.isolation.misbehave WHAT [ARGS]`."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def answer(**values: object) -> None:
    say(json.dumps(values))


def echo(*args: str) -> None:
    answer(args=args, stdin=json.loads(sys.stdin.buffer.read()))


def count() -> None:
    answer(bytes=len(sys.stdin.buffer.read()))


def ignore_input() -> None:
    answer(ok=True)


def memory_bomb() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(16 * 1024 * 1024))


def native_memory_bomb() -> None:
    # What a Rust program does when it cannot allocate: a line on stderr, then abort.
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    assert not libc.malloc(ctypes.c_size_t(1 << 40))
    os.write(2, b"memory allocation of 1099511627776 bytes failed\n")
    os.kill(os.getpid(), signal.SIGABRT)


def cpu_loop() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(60)


def leave_child(pid_file: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(pid_file).write_text(str(child.pid))
    answer(ok=True)


def tell_pid_and_sleep(pid_file: str) -> None:
    Path(pid_file).write_text(str(os.getpid()))
    time.sleep(60)


def garbage() -> None:
    say("\x00 not json")


def two_objects() -> None:
    answer(a=1)
    answer(b=2)


def a_list() -> None:
    say("[1, 2]")


def nothing() -> None:
    pass


def endless_output() -> None:
    while True:
        say("{" * 100_000)


def deep_nesting() -> None:
    say('{"a":' + "[" * 1_000_000)


def raise_() -> None:
    raise RuntimeError("secret path")


def segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def exit_3() -> None:
    sys.exit(3)


def native_noise() -> None:
    os.write(1, b"libnoise: hello\n")
    answer(ok=True)


def environment() -> None:
    answer(environment=dict(os.environ))


def session() -> None:
    answer(sid=os.getsid(0))


def open_many() -> None:
    kept = []
    try:
        while True:
            kept.append(Path("/dev/null").open())  # noqa: SIM115
    except OSError as error:
        code = errno.errorcode[error.errno or 0]
    for file in kept:
        file.close()
    answer(refused=code)


def write_huge(path: str) -> None:
    # Python ignores SIGXFSZ, so the limit comes as an error.
    _, limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), limit + 1)
    except OSError as error:
        answer(refused=errno.errorcode[error.errno or 0])


def network() -> None:
    routes = Path("/proc/self/net/route").read_text().splitlines()[1:]
    answer(namespace=str(Path("/proc/self/ns/net").readlink()), routes=routes)


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    globals()["raise_" if name == "raise" else name](*rest)
