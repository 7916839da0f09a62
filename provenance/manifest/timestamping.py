"""Requests RFC 3161 time-stamps, so that signatures stay valid after their certificate expires.

The C2PA library asks one server by itself, without a deadline and without a second try. Here the configured
servers are asked in turn, each for a bounded time.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from asn1crypto import tsp

from provenance.common.errors import CodedError
from provenance.manifest.signature.local_server import ReplyFunction, Service, served

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"
LARGEST_REPLY_BYTES = 64 * 1024
ANSWER_WITHIN_S = 10.0

logger = logging.getLogger(__name__)


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

    def stamp(self, data: bytes) -> bytes:
        """A time-stamp token (DER) over bytes. Raises `TimestampUnavailable`."""
        imprint = {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": hashlib.sha256(data).digest(),
        }
        asked = {
            "version": "v1",
            "message_imprint": imprint,
            "nonce": secrets.randbits(63),
            "cert_req": True,
        }
        reply = self.request(tsp.TimeStampReq(asked).dump())
        return bytes(tsp.TimeStampResp.load(reply)["time_stamp_token"].dump())

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


def timestamp_service(reply_to: ReplyFunction) -> Service:
    """RFC 3161 over HTTP; `reply_to` gives the reply to a request, None for "not now"."""
    return Service(REPLY_TYPE, reply_to)


@contextmanager
def serving(reply_to: ReplyFunction) -> Iterator[str]:
    """Serve time-stamp requests on localhost in a thread of its own; gives the address."""
    with served({"/": timestamp_service(reply_to)}) as url:
        yield url
