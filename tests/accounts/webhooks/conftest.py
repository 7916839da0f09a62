"""A partner with a webhook, and a real server that takes its messages or does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import WebhookEndpoint, WebhookEventType
from accounts.services.webhooks import endpoints
from accounts.services.webhooks.recording import tell_partner


@dataclass
class Receiver:
    """A server on this machine. `status_for` says how a message is answered."""

    port: int = 0
    status_for: Callable[[str], int] = lambda body: 204
    taken: list[tuple[dict[str, str], str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hook?a=1"

    @property
    def bodies(self) -> list[str]:
        return [body for _, body in self.taken]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    it = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status = it.status_for(body)
            it.calls.append(self.path)
            if status < 300:
                it.taken.append((dict(self.headers), body))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    it.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield it
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Hook:
    """An endpoint at the receiver, and the secret that its owner was shown."""

    endpoint: WebhookEndpoint
    secret: str

    def tell(self, subject: str, name: str, kind: WebhookEventType = WebhookEventType.JOB_QUEUED) -> None:
        """Write a message about `subject`."""
        tell_partner(
            partner_id=self.endpoint.partner_id,
            event_type=kind,
            subject=subject,
            data={"name": name},
            at=timezone.now(),
        )


@pytest.fixture
def hook(alice, receiver: Receiver) -> Hook:
    return Hook(*endpoints.add_endpoint(actor=actor_of(alice), url=receiver.url, event_types=[]))
