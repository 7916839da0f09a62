"""Try what a sandboxed process can still do, for a system check."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Reach:
    """What a confined process reaches: a socket, and the kernel's name of its network (empty: unknown)."""

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


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(Reach(can_open_socket(), network_namespace()))))
