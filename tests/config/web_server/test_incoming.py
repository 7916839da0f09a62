"""A request is received whole, however it comes; what may not be received is handed on without its body."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.web_server.channel import ClientChannel
from config.web_server.incoming import IN_MEMORY_BYTES, LONGEST_HEAD_BYTES, Incoming

HEAD = b"POST /v1/verify HTTP/1.1\r\nHost: localhost\r\n"


def received(message: bytes, *, piece: int = 1, largest: int = 100) -> tuple[Incoming, bytes]:
    """A request fed in pieces, and what was beyond it."""
    incoming = Incoming(None, largest)
    for start in range(0, len(message), piece):
        beyond = incoming.feed(message[start : start + piece])
        if incoming.is_whole:
            return incoming, beyond + message[start + piece :]
    return incoming, b""


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
def test_it_ends_where_its_head_says(piece: int) -> None:
    message = HEAD + b"content-LENGTH: 5\r\n\r\nhello"
    incoming, beyond = received(message + b"GET /", piece=piece)
    assert (incoming.is_whole, incoming.is_cut, beyond) == (True, False, b"GET /")
    assert incoming.file.read() == message


def test_without_a_body_it_ends_with_its_head() -> None:
    incoming, beyond = received(b"GET /livez HTTP/1.1\r\n\r\nGET /x", piece=1000)
    assert (incoming.is_whole, incoming.is_cut, beyond) == (True, False, b"GET /x")


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length: 101", b"Content-Length: " + b"9" * 40, b"Content-Length: -1", b"Content-Length: x",
        b"Content-Length: 5\r\nContent-Length: 6", b"Transfer-Encoding: chunked",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    ],
)  # fmt: skip
def test_a_body_of_no_usable_length_is_not_received(line: bytes) -> None:
    head = HEAD + line + b"\r\n\r\n"
    incoming, _ = received(head + b"hello", piece=1000)
    assert (incoming.is_whole, incoming.is_cut) == (True, True)
    assert incoming.file.read() == head


def test_a_head_without_end_is_handed_on_to_be_refused() -> None:
    incoming, _ = received(b"x" * (LONGEST_HEAD_BYTES + 10), piece=5000)
    assert (incoming.is_whole, incoming.is_cut) == (True, True)


def test_half_of_it_is_not_whole() -> None:
    assert not received(HEAD)[0].is_whole
    assert not received(HEAD + b"Content-Length: 5\r\n\r\nhell")[0].is_whole
    assert not received(b"")[0].is_begun


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[tuple[ClientChannel, socket.socket]]:
    """The server's side as threads see it, and the client's."""
    server, client = socket.socketpair()
    channel = ClientChannel(server, str(tmp_path))
    yield channel, client
    channel.close()
    client.close()


def test_an_answer_that_the_client_does_not_read_keeps_nobody_waiting(
    sockets: tuple[ClientChannel, socket.socket], tmp_path: Path
) -> None:
    channel, client = sockets
    answer = bytes(range(256)) * (IN_MEMORY_BYTES // 16)
    (tmp_path / "file").write_bytes(answer)
    channel.sendall(b"head")
    with (tmp_path / "file").open("rb") as file:
        assert channel.sendfile(file, offset=1) == len(answer) - 1  # would wait for ever on the socket itself
    assert channel.waiting_bytes
    assert not channel.flush()
    got = b""
    while len(got) < len(answer) + 3:
        got += client.recv(1 << 20)
        channel.flush()
    assert got == b"head" + answer[1:]
    assert channel.flush()
    assert channel.waiting_bytes == 0


def test_a_request_is_read_up_to_its_end_and_no_further(sockets: tuple[ClientChannel, socket.socket]) -> None:
    channel, client = sockets
    assert channel.recv(10) == b""
    incoming, _ = received(HEAD + b"Content-Length: 5\r\n\r\nhello", piece=1000)
    channel.arrived(incoming)
    client.sendall(b"more")
    assert channel.recv(1000).endswith(b"hello")
    assert channel.recv(1000) == b""
    assert channel.receive() == b"more"
