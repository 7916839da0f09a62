"""Landlock: a sandboxed process reads the files it was given and nothing else, and writes none.

The kernel holds a process to it whoever its user is, root included, and any process may restrict itself. What
a process has open already stays open; what it asks for by a path is checked against the paths allowed here.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIRECTORY = 1 << 2, 1 << 3
# By version of the interface, counted from 1: what about files it can forbid.
_FILES = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
_NETWORK = 0b11  # binding and connecting TCP, from version 4
_OTHERS = 0b11  # abstract sockets of others, and signals to them, from version 6

# Where distributions keep shared libraries and their tables; never anybody's data.
_SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
# What libraries ask about the processor that they run on. Says nothing about anybody.
_PROCESSOR = ("/sys/devices/system/cpu", "/proc/cpuinfo")
_DEVICES = ("/dev/null", "/dev/urandom")


def landlock_version(libc: ctypes.CDLL) -> int:
    """The version of Landlock that the kernel offers this process; 0 without it."""
    return max(0, int(libc.syscall(_CREATE_RULESET, None, 0, _VERSION)))


class Ruleset:
    """What this process may read, once it is `enforced`. Holds a descriptor until then."""

    def __init__(self, libc: ctypes.CDLL, readable: Iterable[Path]) -> None:
        """Allow reading what lies at or below `readable`. A path that does not exist allows nothing."""
        self._libc, self._descriptor = libc, -1
        if version := landlock_version(libc):
            forbids = (_FILES[min(version, len(_FILES)) - 1], _NETWORK, _OTHERS)
            known = 1 if version < 4 else 2 if version < 6 else 3
            description = struct.pack(f"={known}Q", *forbids[:known])
            self._descriptor = int(libc.syscall(_CREATE_RULESET, description, len(description), 0))
        self._is_complete = self._descriptor >= 0 and self._allow_all(readable)

    def enforced(self, readable: Iterable[Path]) -> bool:
        """Let this process read these paths too, and nothing else for the rest of its life; write no file.

        Needs `PR_SET_NO_NEW_PRIVS`. False, with nothing restricted, where the kernel has no Landlock or
        refuses it.
        """
        try:
            is_complete = self._is_complete and self._allow_all(readable)
            return is_complete and bool(self._libc.syscall(_RESTRICT_SELF, self._descriptor, 0) == 0)
        finally:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor, self._is_complete = -1, False

    def _allow_all(self, paths: Iterable[Path]) -> bool:
        return all(_allow(self._libc, self._descriptor, path) for path in paths)


def library_paths(packages: Sequence[Path]) -> list[Path]:
    """What the interpreter, its libraries and our own `packages` (folders of code) are read from."""
    # A checkout has keys and data beside the code; installed, our packages lie among the libraries.
    libraries = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
    ours = {package.parent for package in packages} - libraries
    installed = {Path(entry).resolve() for entry in sys.path if entry} - ours
    standard = Path(os.__file__).resolve().parent
    system = {Path(name) for name in (*_SYSTEM_LIBRARIES, *_PROCESSOR, *_DEVICES)}
    return sorted({*installed, standard, *system, *packages})


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path) -> bool:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        rights = _READ_FILE | (_READ_DIRECTORY if path.is_dir() else 0)
        rule = struct.pack("=Qi", rights, place)
        return bool(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) == 0)
    finally:
        os.close(place)
