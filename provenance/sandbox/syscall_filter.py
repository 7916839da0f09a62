"""A seccomp filter for sandboxed processes: the calls that decoding a file takes, and no others.

What is not listed is refused with EPERM, so that a library that only tries goes on without. No network, no
program, no other process, no file opened for writing, made, renamed or changed, no key of the kernel's.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
# Of classic BPF, on 32-bit words.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # in the kernel's description of a call
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
# Numbers from here on are those of another calling convention (x32) or of no call.
_OTHER_CONVENTION = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # the kernel's names of them
_MACHINES = tuple(_ARCHITECTURES)

# Call: numbers on x86-64 and aarch64; None where an architecture lacks it. Frequent ones come first.
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "futex": (202, 98),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "lseek": (8, 62),
    "sched_yield": (24, 124),
    "madvise": (28, 233),
    "newfstatat": (262, 79),
    "fstat": (5, 80),
    "close": (3, 57),
    # Files that are open, and what is written about files.
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "preadv": (295, 69),
    "close_range": (436, 436),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "stat": (4, None),
    "lstat": (6, None),
    "statx": (332, 291),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "access": (21, None),
    "faccessat": (269, 48),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "fadvise64": (221, 223),
    # Waiting for them.
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_wait": (232, None),
    "epoll_pwait": (281, 22),
    "eventfd2": (290, 19),
    # Memory.
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "brk": (12, 214),
    "mincore": (27, 232),
    "mbind": (237, 235),
    "get_mempolicy": (239, 236),
    "set_mempolicy": (238, 237),
    "membarrier": (324, 283),
    # Threads and signals of this process.
    "set_robust_list": (273, 99),
    "get_robust_list": (274, 100),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    "gettid": (186, 178),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "arch_prctl": (158, None),
    "exit": (60, 93),
    "exit_group": (231, 94),
    # Time, and what this process and machine are.
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getgroups": (115, 158),
    "getpgid": (121, 155),
    "getpgrp": (111, None),
    "getsid": (124, 156),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "getcpu": (309, 168),
    "getrandom": (318, 278),
}
# Newer forms of calls whose arguments a filter cannot see. Libraries take the older form where there is none.
_NOT_THERE: dict[str, tuple[int | None, int | None]] = {"clone3": (435, 435), "openat2": (437, 437)}

# Write, read and write, make, empty; the same bits on both architectures.
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000
_THREAD, _NEW_NAMESPACES = 0x00010000, 0x7E020000 | 0x80
_DESCRIPTOR_COMMANDS = (0, 1, 2, 3, 4, 1030)  # duplicate, flags; not who is sent a signal
_TERMINAL_AND_PIPE_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5450, 0x5451)
# Whether it can be looked into, name of a thread, a capability asked for, name of memory.
_NAMES_AND_QUESTIONS = (3, 15, 16, 23, 0x53564D41)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def knows_this_machine() -> bool:
    """Whether the calls of this architecture are listed here."""
    return os.uname().machine in _ARCHITECTURES and struct.calcsize("P") == 8


def offers_filters(libc: ctypes.CDLL) -> bool:
    """Whether the kernel would take a filter from this process. Changes nothing."""
    if not knows_this_machine():
        return False
    # Without a program it is refused for the address, which means that it was looked at.
    ctypes.set_errno(0)
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, None, 0, 0)
    return ctypes.get_errno() == errno.EFAULT


def refuse_system_calls(libc: ctypes.CDLL) -> bool:
    """Give this process, and all that it starts, the filter for good; False where the kernel has none.

    Needs `PR_SET_NO_NEW_PRIVS`. Limits cannot be changed afterwards. The process may still start threads, and
    end itself by a signal, as `abort` does.
    """
    if not knows_this_machine():
        return False
    code = _program(os.uname().machine)
    program = _Program(len(code) // 8, code)
    done: int = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return done == 0


def _program(machine: str) -> bytes:
    at = _MACHINES.index(machine)
    allowed = [numbers[at] for numbers in _ALLOWED.values()]
    not_there = [numbers[at] for numbers in _NOT_THERE.values()]
    steps = (
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_IF_EQUAL, _ARCHITECTURES[machine], then=1),
        _return(errno.EPERM),
        _step(_LOAD, _NUMBER_AT),
        _step(_IF_AT_LEAST, _OTHER_CONVENTION, otherwise=1),
        _return(errno.EPERM),
        *(_call(number, _return()) for number in allowed),
        _call((2, None)[at], _unless_bits(1, _WRITING)),  # open
        _call((257, 56)[at], _unless_bits(2, _WRITING)),  # openat
        _call((16, 29)[at], _if_one_of(1, _TERMINAL_AND_PIPE_QUESTIONS)),  # ioctl
        _call((72, 25)[at], _if_one_of(1, _DESCRIPTOR_COMMANDS)),  # fcntl
        _call((157, 167)[at], _if_one_of(0, _NAMES_AND_QUESTIONS)),  # prctl
        _call((56, 220)[at], _if_thread()),  # clone
        _call((234, 131)[at], _if_one_of(0, (os.getpid(),))),  # tgkill
        _call((302, 261)[at], _if_own_limit_is_asked_for()),  # prlimit64
        *(_call(number, _return(errno.ENOSYS)) for number in not_there),
        _return(errno.EPERM),
    )
    return b"".join(steps)


def _call(number: int | None, answer: bytes) -> bytes:
    """`answer`, which ends in a return on every way, if this is the call; nothing if there is none."""
    return b"" if number is None else _step(_IF_EQUAL, number, otherwise=len(answer) // 8) + answer


def _unless_bits(argument: int, bits: int) -> bytes:
    return _load(argument) + _step(_IF_ANY_BIT, bits, otherwise=1) + _return(errno.EPERM) + _return()


def _if_one_of(argument: int, values: Iterable[int]) -> bytes:
    tests = b"".join(_step(_IF_EQUAL, value, otherwise=1) + _return() for value in values)
    return _load(argument) + tests + _return(errno.EPERM)


def _if_thread() -> bytes:
    no_namespace = _step(_IF_ANY_BIT, _NEW_NAMESPACES, otherwise=1) + _return(errno.EPERM)
    thread = _step(_IF_ANY_BIT, _THREAD, otherwise=1) + _return()
    return _load(0) + no_namespace + thread + _return(errno.EPERM)


def _if_own_limit_is_asked_for() -> bytes:
    """`prlimit64` of process 0, which is this one, without new values: both halves of their address are 0."""
    zero = [
        word + _step(_IF_EQUAL, 0, then=1) + _return(errno.EPERM)
        for word in (_load(0), _load(2), _load(2, upper=True))
    ]
    return b"".join(zero) + _return()


def _load(argument: int, *, upper: bool = False) -> bytes:
    # Both architectures keep the lower half of a word first.
    return _step(_LOAD, _ARGUMENTS_AT + 8 * argument + 4 * upper)


def _return(error: int | None = None) -> bytes:
    return _step(_RETURN, _ALLOW if error is None else _ERROR | error)


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One step; `then` and `otherwise` are how many steps to leave out next."""
    return struct.pack("=HBBI", code, then, otherwise, value)
