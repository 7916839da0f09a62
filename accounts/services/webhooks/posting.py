"""Sends one message over HTTP: to the machine that was looked at, without following anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import certifi
import urllib3
from celery.exceptions import SoftTimeLimitExceeded

from accounts.models import WebhookDelivery
from accounts.services.webhooks.addresses import Target, resolve
from accounts.services.webhooks.signing import signed_headers
from accounts.webhook_errors import WebhookAddressRefused

TIMEOUT_S = 10
USER_AGENT = "Likeness-Webhooks/1"


@dataclass(frozen=True)
class Answer:
    """What came of one attempt: the status of an answer, or why there is none.

    `error` is "", `address_refused`, `timed_out`, `tls_failed` or `not_reached`.
    """

    status: int | None
    error: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has the message: any status from 200 to 299. A redirection is a failure."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def concerns_endpoint(self) -> bool:
        """Whether the next message would fare no better: no answer, a broken server, or too many calls."""
        return self.status is None or self.status >= 500 or self.status == 429


def post(delivery: WebhookDelivery, *, at: datetime) -> Answer:
    """Send the message once. Raises nothing that the receiver can cause."""
    try:
        target = resolve(delivery.endpoint.url)
    except WebhookAddressRefused:
        return Answer(None, "address_refused")
    headers = {
        "Host": target.named,
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        **signed_headers(delivery.endpoint, message_id=delivery.message_id, body=delivery.body, at=at),
    }
    try:
        with _pool(target) as pool:
            response = pool.urlopen(
                "POST",
                target.path,
                body=delivery.body.encode(),
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,  # what the receiver says beyond the status is not read
            )
            response.close()
    except urllib3.exceptions.SSLError:
        return Answer(None, "tls_failed")
    except urllib3.exceptions.NewConnectionError:  # a kind of time-out to the library
        return Answer(None, "not_reached")
    except (urllib3.exceptions.TimeoutError, SoftTimeLimitExceeded):  # also an answer a byte at a time
        return Answer(None, "timed_out")
    except (urllib3.exceptions.HTTPError, OSError):
        return Answer(None, "not_reached")
    return Answer(response.status)


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=TIMEOUT_S, read=TIMEOUT_S)
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.machines[0], target.port, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        target.machines[0],
        target.port,
        timeout=timeout,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )
