"""Requests RFC 3161 time-stamps, so that signatures stay valid after their certificate expires.

The C2PA library asks one server by itself, without a deadline and without a second try. So it is given a
relay of our own on localhost, which asks the configured servers in turn and remembers why none answered.
"""

from __future__ import annotations

import logging
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import tsp

from provenance.common.errors import CodedError

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"
LARGEST_REQUEST_BYTES, LARGEST_REPLY_BYTES = 16 * 1024, 64 * 1024
ANSWER_WITHIN_S = 10.0

logger = logging.getLogger(__name__)

ReplyFunction = Callable[[bytes], bytes | None]


class TimestampUnavailable(CodedError):
    """No time-stamp server gave a usable answer. What waits for it can go on when one does."""

    code = "timestamp_unavailable"
    status = 503
    message = "No time-stamp server answers, and nothing is delivered without a time-stamp."
    hint = "The video waits for one. If this lasts, the operator should check LIKENESS_TIMESTAMP_SERVERS."


@dataclass(frozen=True)
class TimestampServers:
    """Servers in the order in which they are asked. `answer_within_s` is the timeout of each."""

    urls: tuple[str, ...]
    answer_within_s: float = ANSWER_WITHIN_S

    def request(self, request: bytes) -> bytes:
        """The first usable reply to a DER-encoded request.

        Usable: granted, and over the digest that was asked about. Raises `TimestampUnavailable` with each
        server's reason as its cause.
        """
        reasons = []
        for url in self.urls:
            try:
                return self._request_from(url, request)
            except (OSError, ValueError) as error:
                reasons.append(f"{url}: {error}")
        said = "; ".join(reasons)
        logger.warning("No time-stamp: %s", said)
        raise TimestampUnavailable from ConnectionError(said)

    def _request_from(self, url: str, request: bytes) -> bytes:
        if not url.startswith(("http://", "https://")):
            raise ValueError("not an http address")
        query = urllib.request.Request(url, request, {"Content-Type": QUERY_TYPE})  # noqa: S310 - checked above
        with urllib.request.urlopen(query, timeout=self.answer_within_s) as answer:  # noqa: S310
            reply: bytes = answer.read(LARGEST_REPLY_BYTES)
        asked = tsp.TimeStampReq.load(request)["message_imprint"]["hashed_message"].native
        if stamped_digest(reply) != asked:
            raise ValueError("the time-stamp is over something else")
        return reply


def stamped_digest(reply: bytes) -> bytes:
    """The digest that a DER-encoded reply stamps. Raises ValueError unless the request was granted."""
    try:
        response = tsp.TimeStampResp.load(reply)
        status = response["status"]["status"].native
        info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        digest: bytes = info["message_imprint"]["hashed_message"].native
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("the server refused, or its answer is no time-stamp") from error
    if status not in {"granted", "granted_with_mods"}:
        raise ValueError(f"the server says {status}")
    return digest


@dataclass
class Relay:
    """The relay's address while it runs, and why requests through it failed."""

    url: str = ""
    failures: list[TimestampUnavailable] = field(default_factory=list)


@contextmanager
def relay(servers: TimestampServers) -> Iterator[Relay]:
    """A server on localhost, for the length of the block, that passes requests on to `servers`."""
    state = Relay()

    def pass_on(request: bytes) -> bytes | None:
        try:
            return servers.request(request)
        except TimestampUnavailable as failure:
            state.failures.append(failure)
            return None

    with serving(pass_on) as url:
        state.url = url
        yield state


@contextmanager
def serving(reply_to: ReplyFunction, *, port: int = 0) -> Iterator[str]:
    """Serve time-stamp requests on localhost in a thread of its own; gives the address."""
    server = timestamp_server(reply_to, port=port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def timestamp_server(reply_to: ReplyFunction, *, port: int = 0) -> ThreadingHTTPServer:
    """An HTTP server on localhost for RFC 3161 requests; `reply_to` gives the reply, None for "not now"."""

    class Handler(BaseHTTPRequestHandler):
        timeout = ANSWER_WITHIN_S

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), LARGEST_REQUEST_BYTES)
            reply = reply_to(self.rfile.read(length))
            self.send_response(HTTPStatus.SERVICE_UNAVAILABLE if reply is None else HTTPStatus.OK)
            self.send_header("Content-Type", REPLY_TYPE)
            self.send_header("Content-Length", str(len(reply or b"")))
            self.end_headers()
            self.wfile.write(reply or b"")

        def log_message(self, *args: object) -> None:
            """Requests are not worth a line each."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
