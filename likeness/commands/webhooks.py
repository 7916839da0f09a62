"""`likeness webhooks listen`: what a service tells a partner, printed as it comes."""

from __future__ import annotations

import argparse
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from likeness.commands.account import logged_in
from likeness.commands.outcome import PARTNER_EXIT_CODES, ExitCode, say
from likeness.webhooks import verify_webhook
from provenance.common.errors import CodedError

DESCRIPTION = """Add a webhook, print each message whose signature holds, and delete the webhook at the end.

Without --url it is this machine's own address, to which only a service on the same machine sends. With it,
that address is named to the service, and has to lead here: a tunnel or a proxy."""
LARGEST_BODY_BYTES = 1 << 20


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group."""
    group = commands.add_parser("webhooks", help="what the service tells").add_subparsers(
        metavar="COMMAND", required=True
    )
    listen = group.add_parser(
        "listen",
        help="print what is told as it comes",
        description=DESCRIPTION,
        epilog=PARTNER_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    listen.add_argument("--url", help="the https address that leads here")
    listen.add_argument("--port", type=int, default=0, help="to listen at, on this machine; any if left out")
    listen.add_argument("--events", nargs="*", default=[], metavar="TYPE", help="of these types alone")
    listen.add_argument("--count", type=int, metavar="N", help="end after so many messages")
    listen.add_argument("--json", action="store_true", help="print each message as a line of JSON")
    listen.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> ExitCode:
    """Listen until interrupted, or until so many messages came. Raises `CodedError`."""
    messages: list[dict[str, Any]] = []
    secret = ""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY_BYTES)
            body = self.rfile.read(size)
            try:
                message = verify_webhook(body, dict(self.headers), secret)
            except CodedError:
                self.send_error(401)
                return
            self.send_response(204)
            self.end_headers()
            messages.append(message)
            words = f"{message.get('timestamp')} {message.get('type')} {json.dumps(message.get('data'))}"
            say(json.dumps(message) if chosen.json else words)

        def log_message(self, *args: object) -> None:
            """Only messages are printed."""

    with HTTPServer(("127.0.0.1", chosen.port), Receiver) as server, logged_in() as client:
        webhook = client.add_webhook(chosen.url or f"http://127.0.0.1:{server.server_port}/", chosen.events)
        secret = webhook.secret
        if not chosen.json:
            say(f"Listening as {webhook.id}.")
        try:
            while chosen.count is None or len(messages) < chosen.count:
                server.handle_request()
        except KeyboardInterrupt:
            pass
        finally:
            client.delete_webhook(webhook.id)
    return ExitCode.HOLDS
