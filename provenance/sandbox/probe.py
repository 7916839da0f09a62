"""What a confined process can still do, tried by one. Run by `provenance.checks.sandbox_checks`."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys


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
    found = {"can_open_socket": can_open_socket(), "network_namespace": network_namespace()}
    sys.stdout.write(json.dumps(found))
