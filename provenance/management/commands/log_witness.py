"""`manage.py log_witness`: a small witness of other services' logs (c2sp.org/tlog-witness)."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provenance.log.cosignature import WitnessSigningKey
from provenance.log.errors import NoteRejected
from provenance.log.keys import LogVerifyKey, create_log_key
from provenance.log.witness import MAX_REQUEST_BYTES, Witness, WitnessAnswer

READ_S = 15


class Command(BaseCommand):
    help = (
        "Sign checkpoints of other services' logs, each only if it continues the one that was signed before. "
        "Needs no database. Put a web server with TLS before it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--name, --log, --folder, --host, --port."""
        parser.add_argument("--name", required=True, help="the witness's name, as witness.example/w1")
        parser.add_argument(
            "--log", action="append", required=True, help="public key line of a log (/v1/log/key); repeatable"
        )
        parser.add_argument(
            "--folder", type=Path, required=True, help="for its key, made at first, and what it has signed"
        )
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8320)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until interrupted."""
        try:
            witness, vkey = open_witness(options["name"], options["log"], options["folder"])
            server = witness_server(witness, host=options["host"], port=options["port"])
        except (OSError, NoteRejected) as error:
            raise CommandError(f"The witness cannot start: {error}") from error
        self.stdout.write(f"{vkey}\nat http://{options['host']}:{server.server_port}")
        self.stdout.flush()
        server.serve_forever()


def open_witness(name: str, logs: list[str], folder: Path) -> tuple[Witness, str]:
    """The witness whose key and state are in `folder`, and its vkey. Raises NoteRejected, OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_file = folder / "witness-ed25519.pem"
    if not key_file.exists():
        create_log_key(key_file)
    key = WitnessSigningKey.load(key_file, name)
    known = {found.name: found for found in map(LogVerifyKey.from_vkey, logs)}
    return Witness(key, known, folder / "signed"), key.verify_key.vkey


def witness_server(witness: Witness, *, host: str, port: int) -> ThreadingHTTPServer:
    """An HTTP server that answers `add-checkpoint`; `serve_forever` starts it. Raises OSError."""

    class Handler(BaseHTTPRequestHandler):
        timeout = READ_S

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                self.answer(WitnessAnswer(404, "There is add-checkpoint, and nothing else.\n"))
            elif not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
                self.answer(WitnessAnswer(413, "The request has no length, or is too long.\n"))
            else:
                body = self.rfile.read(int(length))
                try:
                    self.answer(witness.add_checkpoint(body, seconds=int(time.time())))
                except (OSError, NoteRejected):  # its own state cannot be read or kept: nothing is signed
                    self.answer(WitnessAnswer(500, "The witness cannot keep its state.\n"))
                    raise

        def answer(self, given: WitnessAnswer) -> None:
            content = given.body.encode()
            self.send_response(given.status)
            self.send_header("Content-Type", given.content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Requests are not logged: anybody may send them."""

    return ThreadingHTTPServer((host, port), Handler)
