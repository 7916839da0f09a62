"""Run inside the isolation by the tests: `python -m tests.provenance.sandbox.misbehave WHAT [ARGS]`."""

from __future__ import annotations

import ctypes
import errno
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


def leave_child(pid_file: str) -> None:
    child = os.fork()
    if child == 0:
        time.sleep(60)
    Path(pid_file).write_text(str(child))
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


def refused_calls(port: str) -> None:
    calls: dict[str, Callable[[], object]] = {
        "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "socket pair": socket.socketpair,
        "connection": lambda: socket.create_connection(("127.0.0.1", int(port)), timeout=5),
        "another program": lambda: os.execv(sys.executable, [sys.executable, "-V"]),  # noqa: S606
        "another session": leave_session,
        "signal to the parent": lambda: os.kill(os.getppid(), 0),
        "signal to a thread of the parent": lambda: system_call("tgkill", os.getppid(), os.getppid(), 0),
        "tracing": lambda: system_call("ptrace", 16, os.getppid(), 0, 0),
        "memory of others": lambda: system_call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
        "ring": lambda: system_call("io_uring_setup", 1, 0),
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


def leave_session() -> None:
    """In a child: whoever leads a session cannot leave it anyway."""
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
        except OSError as error:
            os._exit(error.errno or 0)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise OSError(code, "setsid")


def system_call(name: str, *arguments: int, convention: int = 0) -> None:
    machine = os.uname().machine
    numbers = syscall_filter._TGKILL if name == "tgkill" else None
    at = list(syscall_filter._ARCHITECTURES).index(machine)
    number = numbers[machine] if numbers else syscall_filter._REFUSED[name][at]
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
