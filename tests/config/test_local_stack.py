"""The ports of a stack are its own from the moment they were chosen."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from config.local_stack import LocalStack, free_port


def listening(port: int) -> socket.socket:
    """As servers do it, which reuse addresses."""
    return socket.create_server(("127.0.0.1", port))


def test_two_stacks_have_no_port_in_common(tmp_path: Path) -> None:
    stacks = [LocalStack(tmp_path / str(number), port=0) for number in range(40)]
    ports = [port for one in stacks for port in (one.port, one.timestamp_port, one.live_port)]
    assert len(set(ports)) == len(ports)


def test_nobody_is_given_its_port_before_its_server_listens(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path, port=0)
    with socket.socket() as another, pytest.raises(OSError, match="in use"):
        another.bind(("127.0.0.1", stack.port))
    with listening(stack.port) as server, socket.create_connection(("127.0.0.1", stack.port)):
        server.accept()[0].close()


def test_a_port_that_somebody_listens_at_is_not_taken() -> None:
    with listening(0) as server:
        port = server.getsockname()[1]
        assert free_port(port) != port
