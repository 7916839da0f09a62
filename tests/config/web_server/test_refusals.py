"""Refusals that a server writes by itself are whole answers; our own faults are none of the client's."""

from __future__ import annotations

import http.client
import io

import pytest
from gunicorn.http.errors import (  # type: ignore[import-untyped]
    ConfigurationProblem,
    InvalidResponseHeader,
    LimitRequestHeaders,
)

from config.web_server.refusals import TooMuchArrives, refusal_of, whole_answer


class _Given:
    """A socket from which one answer is read."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self.answer)


def test_who_is_told_to_wait_is_told_how_long() -> None:
    answer = http.client.HTTPResponse(_Given(whole_answer(TooMuchArrives())))  # type: ignore[arg-type]
    answer.begin()
    assert (answer.status, answer.getheader("Retry-After")) == (503, "30")
    assert b'"code": "too_much_arrives"' in answer.read()


def test_too_many_headers_are_the_clients_fault() -> None:
    refusal = refusal_of(LimitRequestHeaders("limit request headers fields"))
    assert refusal is not None
    assert (refusal.status, refusal.code) == (431, "headers_too_large")


@pytest.mark.parametrize("error", [ConfigurationProblem("x"), InvalidResponseHeader("x"), OSError("x")])
def test_our_own_fault_is_none_of_the_clients(error: Exception) -> None:
    assert refusal_of(error) is None
