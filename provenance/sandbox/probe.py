"""Try what a sandboxed process can still reach, for the system check, the tests and the benchmark.

Run as `python -m provenance.sandbox.probe`, with a `Targets` as JSON on stdin; prints a `Reach` as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from provenance.common.strict_json import parse


@dataclass(frozen=True)
class Targets:
    """What is tried: files to read; files to change, which are lost where that works; folders to list and to
    make something in, which is left there where that works.
    """

    read: tuple[Path, ...] = ()
    change: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Reach:
    """What a confined process reached: files that it read, places that it changed, and how; folders that it
    listed; whether it got a socket, and the kernel's name of its network (empty: unknown).
    """

    read: tuple[str, ...]
    written: tuple[str, ...]
    listed: tuple[str, ...]
    can_open_socket: bool
    network_namespace: str


def network_namespace() -> str:
    """The kernel's name of the network that this process is in; empty where it does not tell."""
    with contextlib.suppress(OSError):
        return os.readlink("/proc/self/ns/net")  # noqa: PTH115 - a name, not a path
    return ""


def can_open_socket() -> bool:
    """Whether the kernel gives this process a socket."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


def reach(targets: Targets) -> Reach:
    """Try everything."""
    return Reach(
        read=tuple(str(path) for path in targets.read if _is_done(lambda path=path: _read(path))),  # type: ignore[misc]
        written=tuple(
            f"{place}: {name}"
            for places, ways in ((targets.change, _WAYS_TO_CHANGE), (targets.folders, _WAYS_TO_MAKE))
            for place in places
            for name, way in ways.items()
            if _is_done(lambda way=way, place=place: way(place))  # type: ignore[misc]
        ),
        listed=tuple(str(path) for path in targets.folders if _is_done(lambda path=path: os.listdir(path))),  # type: ignore[misc]  # noqa: PTH208
        can_open_socket=can_open_socket(),
        network_namespace=network_namespace(),
    )


def _is_done(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _read(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        os.read(descriptor, 1)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> None:
    os.close(os.open(path, flags, 0o600))


_NAME = "made-in-the-sandbox"
_WAYS_TO_CHANGE: dict[str, Callable[[Path], object]] = {
    "opened to write": lambda path: _open(path, os.O_WRONLY | os.O_NONBLOCK),
    "opened to append": lambda path: _open(path, os.O_RDWR | os.O_APPEND | os.O_NONBLOCK),
    "emptied by opening": lambda path: _open(path, os.O_RDONLY | os.O_TRUNC | os.O_NONBLOCK),
    "emptied": lambda path: os.truncate(path, 0),
    "permissions": lambda path: os.chmod(path, 0o777),  # noqa: PTH101, S103
    "owner": lambda path: os.chown(path, os.getuid(), os.getgid()),
    "times": lambda path: os.utime(path, (0, 0)),
    "attribute": lambda path: os.setxattr(path, "user.made", b"here"),
    "renamed": lambda path: os.rename(path, path.with_name(_NAME)),  # noqa: PTH104
    "linked": lambda path: os.link(path, path.with_name(_NAME)),
    "removed": os.unlink,
}
_WAYS_TO_MAKE: dict[str, Callable[[Path], object]] = {
    "file": lambda folder: _open(folder / _NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    "nameless file": lambda folder: _open(folder, os.O_RDWR | os.O_TMPFILE),
    "folder": lambda folder: os.mkdir(folder / f"{_NAME}-folder"),  # noqa: PTH102
    "symbolic link": lambda folder: (folder / f"{_NAME}-link").symlink_to("/"),
    "pipe": lambda folder: os.mkfifo(folder / f"{_NAME}-pipe"),
}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(reach(parse(Targets, sys.stdin.read())))))
