"""What is no readable request is refused as everything is: with a code, a sentence and a hint."""

from __future__ import annotations

import json
import socket

import pytest

from config.local_stack import LocalStack

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (b"GET /v1/" + b"x" * 5_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "address_too_long"),
        (b"GET /v1/ HTTP/1.1\r\nCookie: " + b"x" * 9_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"GET /v1/ HTTP/1.1\r\n" + b"X-A: b\r\n" * 101 + b"\r\n", 431, "headers_too_large"),
        (b"\x16\x03\x01 not HTTP at all\r\n\r\n", 400, "request_unreadable"),
        (b"GET /v1/ HTTP/1.1\r\nHost localhost\r\n\r\n", 400, "request_unreadable"),
    ],
)
def test_it_is_answered_as_a_problem(stack: LocalStack, head: bytes, status: int, code: str) -> None:
    with socket.create_connection(("127.0.0.1", stack.port), timeout=60) as client:
        client.sendall(head)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    lines, _, body = answer.partition(b"\r\n\r\n")
    assert lines.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: application/problem+json" in lines
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["hint"]
