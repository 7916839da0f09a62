"""The filter of system calls, run by hand: the kernel does so only for the machine that it runs on."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import pytest

from provenance.sandbox import syscall_filter

REFUSED = {  # on x86-64 and aarch64
    "socket": (41, 198), "connect": (42, 203), "sendto": (44, 206), "execve": (59, 221),
    "execveat": (322, 281), "io_uring_setup": (425, 425), "setsid": (112, 157), "ptrace": (101, 117),
    "kill": (62, 129), "unlinkat": (263, 35), "renameat2": (316, 276), "mkdirat": (258, 34),
    "linkat": (265, 37), "symlinkat": (266, 36), "truncate": (76, 45), "ftruncate": (77, 46),
    "fchmodat": (268, 53), "fchownat": (260, 54), "utimensat": (280, 88), "setxattr": (188, 5),
    "mknodat": (259, 33), "fallocate": (285, 47), "mount": (165, 40), "unshare": (272, 97),
    "setns": (308, 268), "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "seccomp": (317, 277), "memfd_create": (319, 279), "shmget": (29, 194),
    "msgget": (68, 186), "pidfd_open": (434, 434), "process_vm_readv": (310, 270), "setrlimit": (160, 164),
    "sched_setaffinity": (203, 122), "landlock_create_ruleset": (444, 444),
}  # fmt: skip
THREAD = 0x00010000
ERROR_OF_NOTHING_THERE = 38


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answer(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int | None:
    """None where the call is allowed, or the error that it gets."""
    at_home = syscall_filter._ARCHITECTURES[machine]
    call = struct.pack("=IIQ", number, architecture or at_home, 0) + struct.pack(
        "=6Q", *arguments, *[0] * (6 - len(arguments))
    )
    steps = list(struct.iter_unpack("=HBBI", syscall_filter._program(machine)))
    at = word = 0
    while True:
        kind, then, otherwise, value = steps[at]
        at += 1
        match kind:
            case 0x20:
                (word,) = struct.unpack_from("=I", call, value)
            case 0x15:
                at += then if word == value else otherwise
            case 0x35:
                at += then if word >= value else otherwise
            case 0x45:
                at += then if word & value else otherwise
            case _:
                return None if value == 0x7FFF0000 else value & 0xFFFF


@pytest.mark.parametrize(
    ("place", "header"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")],
    ids=["x86_64", "aarch64"],
)
def test_the_numbers_are_those_of_the_kernels_table(place: int, header: str) -> None:
    if not Path(header).exists():
        pytest.skip("The kernel's headers are not installed.")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text())
    numbers = {name: int(number) for name, number in reversed(found)}
    numbers.setdefault("newfstatat", numbers.get("fstatat", -1))  # one call, two names
    listed = {**syscall_filter._ALLOWED, **syscall_filter._NOT_THERE}
    assert {name: both[place] for name, both in listed.items()} == {
        name: numbers.get(name) for name in listed
    }


def test_what_is_listed_is_allowed(machine: str) -> None:
    at = syscall_filter._MACHINES.index(machine)
    for numbers in syscall_filter._ALLOWED.values():
        if (number := numbers[at]) is not None:
            assert answer(machine, number) is None


def test_everything_else_is_refused(machine: str) -> None:
    at = syscall_filter._MACHINES.index(machine)
    for name, numbers in REFUSED.items():
        assert answer(machine, numbers[at]) == 1, name
    assert answer(machine, 500) == 1


def test_another_architecture_or_convention_is_refused(machine: str) -> None:
    assert answer(machine, 0, architecture=0x40000003) == 1
    assert answer(machine, 0x40000000) == 1


def test_files_open_to_read_only(machine: str) -> None:
    number = {"x86_64": 257, "aarch64": 56}[machine]
    assert answer(machine, number, 0, 0, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY) is None
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_RDWR | os.O_TMPFILE):
        assert answer(machine, number, 0, 0, flags) == 1


def test_threads_start_and_processes_do_not(machine: str) -> None:
    number = {"x86_64": 56, "aarch64": 220}[machine]
    assert answer(machine, number, THREAD | 0x100) is None
    assert answer(machine, number, 17) == 1
    assert answer(machine, number, THREAD | 0x10000000) == 1
    assert answer(machine, 435) == ERROR_OF_NOTHING_THERE


def test_limits_are_asked_for_and_not_changed(machine: str) -> None:
    number = {"x86_64": 302, "aarch64": 261}[machine]
    assert answer(machine, number, 0, 7, 0, 0x7FFF0000) is None
    assert answer(machine, number, 0, 7, 0x1000) == 1
    assert answer(machine, number, 0, 7, 1 << 40) == 1
    assert answer(machine, number, os.getppid(), 7, 0) == 1


def test_signals_go_to_this_process_alone(machine: str) -> None:
    number = {"x86_64": 234, "aarch64": 131}[machine]
    assert answer(machine, number, os.getpid()) is None
    assert answer(machine, number, os.getppid()) == 1
    fcntl, set_owner = {"x86_64": 72, "aarch64": 25}[machine], 8
    assert answer(machine, fcntl, 1, set_owner, os.getppid()) == 1
