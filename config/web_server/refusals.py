"""What is answered to requests that reach no view: those that cannot be read, and those that are too many."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from gunicorn.http import errors  # type: ignore[import-untyped]

from config.problems import PROBLEM_TYPE
from provenance.common.errors import CodedError


class AddressTooLong(CodedError):
    """The first line of a request is longer than a server reads."""

    code = "address_too_long"
    status = 414
    message = "The address is too long."
    hint = (
        "Send long values in the body of a POST; the first line of a request holds at most 4,094 characters."
    )


class HeadersTooLarge(CodedError):
    """A header of a request is longer than a server reads, or there are too many."""

    code = "headers_too_large"
    status = 431
    message = "The headers of the request are too large."
    hint = "Send at most 100 headers of at most 8,190 characters; cookies count as one."


class RequestUnreadable(CodedError):
    """The head of a request is not HTTP."""

    code = "request_unreadable"
    status = 400
    message = "The request is not HTTP that can be read."
    hint = "Use an HTTP client as it comes; the log of the server says what was wrong with its lines."


class TooMuchArrives(CodedError):
    """More bodies are on their way than the disk is to hold."""

    code = "too_much_arrives"
    status = 503
    message = "More files are being sent now than can be taken."
    hint = "Send the same again in half a minute."
    retry_after_s = 30


_OTHER_STATUSES: Final = {
    errors.UnsupportedTransferCoding: 501,
    errors.ExpectationFailed: 417,
    errors.ForbiddenProxyRequest: 403,
}


def refusal_of(error: BaseException) -> CodedError | None:
    """The refusal for what a server could not read; None where the fault is our own."""
    if isinstance(error, errors.LimitRequestLine):
        return AddressTooLong()
    if isinstance(error, errors.LimitRequestHeaders):
        return HeadersTooLarge()
    own = (errors.ConfigurationProblem, errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
    if not isinstance(error, errors.ParseException) or isinstance(error, own):
        return None
    return RequestUnreadable(status=_OTHER_STATUSES.get(type(error)))


def whole_answer(refusal: CodedError) -> bytes:
    """The answer in full, as it goes to the client, after which the connection closes."""
    body = json.dumps(refusal.to_problem()).encode()
    head = [
        f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}",
        f"Content-Type: {PROBLEM_TYPE}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    wait = getattr(refusal, "retry_after_s", None)
    if wait is not None:
        head.append(f"Retry-After: {wait}")
    return "\r\n".join([*head, "", ""]).encode() + body
