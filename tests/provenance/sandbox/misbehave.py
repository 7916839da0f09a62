"""Run inside the isolation by the tests: `python -m tests.provenance.sandbox.misbehave WHAT [ARGS]`."""

from __future__ import annotations

import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from provenance.sandbox import syscall_filter


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
    os.abort()


def cpu_loop() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(60)


def doze() -> None:
    time.sleep(4)
    answer(ok=True)


def dawdle() -> None:
    # What a busy machine makes of a process: it gets a little every now and then.
    end = time.monotonic() + 8
    while time.monotonic() < end:
        begin = time.process_time()
        while time.process_time() < begin + 0.04:
            pass
        time.sleep(0.3)
    answer(ok=True)


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


def import_what_is_not_there() -> None:
    importlib.import_module("a_library_that_nobody_installed")


def segfault() -> None:
    signal.raise_signal(signal.SIGSEGV)


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


def raise_limits() -> None:
    refused = []
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE):
        try:
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            refused.append(kind)
    answer(refused=len(refused), of=3)


def refused_calls(port: str) -> None:
    calls: dict[str, Callable[[], object]] = {
        "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "socket pair": socket.socketpair,
        "connection": lambda: socket.create_connection(("127.0.0.1", int(port)), timeout=5),
        "another process": os.fork,
        "another program": lambda: os.execv(sys.executable, [sys.executable, "-V"]),  # noqa: S606
        "signal to the parent": lambda: os.kill(os.getppid(), 0),
        "signal to a thread of the parent": lambda: system_call("tgkill", os.getppid(), os.getppid(), 0),
        "tracing": lambda: system_call("ptrace", 16, os.getppid(), 0, 0),
        "memory of others": lambda: system_call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
        "ring": lambda: system_call("io_uring_setup", 1, 0),
        "the kernel's keys": lambda: system_call("add_key", 0, 0, 0, 0, 0),
        "file in memory": lambda: system_call("memfd_create", 0, 0),
        "program in the kernel": lambda: system_call("bpf", 0, 0, 0),
        "namespace": lambda: system_call("unshare", 0x00020000),
        "namespace of others": lambda: system_call("setns", 0, 0),
        "being looked into": lambda: system_call("prctl", 4, 1, 0, 0, 0),
        "other convention": lambda: system_call("socket", 2, 1, 0, convention=0x40000000),
    }
    found = {}
    for name, call in calls.items():
        try:
            call()
            found[name] = "allowed"
        except OSError as error:
            found[name] = errno.errorcode[error.errno or 0]
    answer(**found)


# On x86-64 and aarch64.
NUMBERS = {
    "tgkill": (234, 131),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "io_uring_setup": (425, 425),
    "socket": (41, 198),
    "add_key": (248, 217),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "unshare": (272, 97),
    "setns": (308, 268),
    "prctl": (157, 167),
}


def system_call(name: str, *arguments: int, convention: int = 0) -> None:
    number = NUMBERS[name][syscall_filter._MACHINES.index(os.uname().machine)]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number | convention, *arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def abort() -> None:
    os.abort()


def start_threads() -> None:
    counted: list[int] = []
    threads = [threading.Thread(target=counted.append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answer(threads=len(counted))


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    globals()["raise_" if name == "raise" else name](*rest)
