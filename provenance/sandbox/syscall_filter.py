"""A seccomp filter for sandboxed processes: no network, no other programs or processes.

A network namespace takes the network away more thoroughly, but container runtimes often forbid it; a filter
any process may give itself. Refused calls fail with EPERM, so that a library that only tries goes on without.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # of classic BPF, on 32-bit words
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16  # in the kernel's description of a call
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
# Numbers from here on are those of another calling convention (x32) or of no call.
_OTHER_CONVENTION = 0x40000000

# The kernel's name of the architecture, and its numbers: first of `tgkill`, then of what is refused.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_TGKILL = {"x86_64": 234, "aarch64": 131}
_REFUSED: dict[str, tuple[int, int]] = {  # call: numbers on x86-64 and aarch64
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # Does all of the above without calling it.
    "io_uring_setup": (425, 425),
    "execve": (59, 221),
    "execveat": (322, 281),
    # Whoever leaves the session outlives the reading of its file.
    "setsid": (112, 157),
    "setpgid": (109, 154),
    # Other processes of this account.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    # More of the kernel than a reader needs.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "open_by_handle_at": (304, 265),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_system_calls(libc: ctypes.CDLL) -> bool:
    """Give this process, and all that it starts, the filter for good; False where the kernel has none.

    Needs `PR_SET_NO_NEW_PRIVS`. The process may still end itself by a signal, as `abort` does.
    """
    machine = os.uname().machine
    if machine not in _ARCHITECTURES or struct.calcsize("P") != 8:
        return False
    code = _program(machine)
    program = _Program(len(code) // 8, code)
    done: int = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return done == 0


def _program(machine: str) -> bytes:
    refused = [numbers[machine == "aarch64"] for numbers in _REFUSED.values()]
    return b"".join(
        (
            _instruction(_LOAD, _ARCHITECTURE_AT),
            _instruction(_IF_EQUAL, _ARCHITECTURES[machine], then=1),
            _instruction(_RETURN, _REFUSE),
            _instruction(_LOAD, _NUMBER_AT),
            _instruction(_IF_AT_LEAST, _OTHER_CONVENTION, then=len(refused) + 4),
            *(
                _instruction(_IF_EQUAL, number, then=len(refused) - at + 3)
                for at, number in enumerate(refused)
            ),
            _instruction(_IF_EQUAL, _TGKILL[machine], otherwise=2),
            _instruction(_LOAD, _FIRST_ARGUMENT_AT),
            _instruction(_IF_EQUAL, os.getpid(), otherwise=1),
            _instruction(_RETURN, _ALLOW),
            _instruction(_RETURN, _REFUSE),
        )
    )


def _instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One step; `then` and `otherwise` are how many steps to leave out next."""
    return struct.pack("=HBBI", code, then, otherwise, value)
