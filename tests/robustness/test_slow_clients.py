"""Clients that send or read slowly, or stop, keep nobody else waiting, and honest slow ones are served."""

from __future__ import annotations

import socket
import time

import pytest
import requests

from benchmarks.load.slow_clients import KINDS, SlowClients
from config.local_stack import LocalStack

pytestmark = pytest.mark.slow

THREADS = 64
GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
LAST = GET + b"Connection: close\r\n\r\n"


def connected(stack: LocalStack) -> socket.socket:
    return socket.create_connection(("127.0.0.1", stack.port), timeout=60)


def all_of(client: socket.socket) -> bytes:
    """Everything until the server closes."""
    got = b""
    while data := client.recv(65536):
        got += data
    return got


def test_more_slow_clients_than_threads_keep_nobody_waiting(stack: LocalStack) -> None:
    # Two kinds stop in the middle of a request: more of those than there are threads.
    with SlowClients(stack.port, len(KINDS) * (THREADS // 2 + 5)):
        for _ in range(5):  # where threads wait for clients, not one of these is ever answered
            assert requests.get(f"{stack.base_url}/livez", timeout=60).ok


def test_a_body_that_comes_in_pieces_is_answered(stack: LocalStack) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nno film\r\n--x--\r\n'
    head = (
        "POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with connected(stack) as client:
        for start in range(0, len(head + body.decode()), 40):
            client.sendall((head.encode() + body)[start : start + 40])
            time.sleep(0.02)
        answer = all_of(client)
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b'"code": "unsupported_media"' in answer


def test_requests_in_one_piece_are_answered_in_order(stack: LocalStack) -> None:
    with connected(stack) as client:
        client.sendall(GET + b"\r\n" + b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" + LAST)
        answers = all_of(client).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"404", b"200"]


def test_who_waits_for_leave_to_send_a_body_gets_it(stack: LocalStack) -> None:
    with connected(stack) as client:
        client.sendall(
            b"POST /v1/subjects HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            b"Connection: close\r\nContent-Length: 3\r\n\r\n"
        )
        assert client.recv(65536).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(b"abc")
        assert b"HTTP/1.1 401 " in all_of(client)


def test_what_follows_a_body_that_was_not_received_is_no_request(stack: LocalStack) -> None:
    with connected(stack) as client:
        client.sendall(
            b"POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000000\r\n\r\n" + LAST
        )
        client.shutdown(socket.SHUT_WR)
        answer = all_of(client)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.count(b"HTTP/1.1 ") == 1
