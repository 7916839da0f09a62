"""Tests that a browser drives share their database with the requests of the browser, and outlast them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from accounts.models import Partner, Subject
from likeness import Client
from tests.factories import issue_key
from tests.live_requests import OpenRequests


@pytest.fixture(scope="module")
def _loop_of_a_browser() -> Iterator[None]:
    """An event loop runs in the thread of the tests, as Playwright has it."""
    loop = asyncio.new_event_loop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        asyncio._set_running_loop(loop)
        yield
        asyncio._set_running_loop(None)
        loop.close()


def write_what_is_read(server: LiveServer, partner: Partner) -> None:
    client = Client(server.url, issue_key(partner))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_subject UNION ALL VALUES ('1'), ('2'), ('3')")
        cursor.fetchone()  # The table is being read until the last row was fetched.
        made = client.create_subject("Somebody")
    assert Subject.objects.get().id == made.id


@pytest.mark.django_db(transaction=True)
def test_a_request_may_write_what_the_test_reads(live_server: LiveServer, partner_a: Partner) -> None:
    write_what_is_read(live_server, partner_a)


@pytest.mark.usefixtures("_loop_of_a_browser")
@pytest.mark.django_db(transaction=True)
def test_it_may_also_where_a_browser_comes_later(live_server: LiveServer, partner_a: Partner) -> None:
    write_what_is_read(live_server, partner_a)


class Slow:
    """A body that is not sent before it is told to."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.is_asked = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def body() -> Iterator[bytes]:
            self.is_asked.set()
            assert self.may_end.wait(20)
            yield b"answer"

        return body()


def asked(requests: OpenRequests, heard: list[Any]) -> None:
    body = requests({"REQUEST_METHOD": "GET", "PATH_INFO": "/slow"}, lambda *of_it: heard.append(of_it[0]))
    heard.extend(body)
    if hasattr(body, "close"):
        body.close()


def test_a_test_ends_after_its_last_request_and_lets_in_no_more() -> None:
    slow = Slow()
    requests = OpenRequests(slow)
    heard: list[Any] = []
    late: list[Any] = []
    asking = threading.Thread(target=asked, args=(requests, heard))
    asking.start()
    assert slow.is_asked.wait(20)
    ending = threading.Thread(target=requests.end)
    ending.start()
    while not late:
        asked(requests, late) if not requests._takes_more else None
    assert ending.is_alive()
    assert late[0].startswith("503")

    slow.may_end.set()
    ending.join(20)
    asking.join(20)
    assert not ending.is_alive()
    assert heard == [b"answer"]


def test_what_is_never_answered_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.live_requests.PATIENCE_S", 0.01)
    requests = OpenRequests(lambda environ, start_response: [b""])
    requests({"REQUEST_METHOD": "GET", "PATH_INFO": "/never/"}, None)
    with pytest.warns(UserWarning, match="GET /never/"):
        requests.end()
    requests.begin()


def test_a_request_that_fails_is_over() -> None:
    def fails(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise OSError("broken")

    requests = OpenRequests(fails)
    with pytest.raises(OSError, match="broken"):
        requests({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, None)
    requests.end()
