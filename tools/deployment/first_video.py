"""The first video of a new installation, as docs/deploy.md and docs/first-video.md tell people to make it.

The operator sets a password by mail and a second factor; somebody signs up, confirms their address and
applies; the operator approves; a key is made; and the program of docs/first-video.md runs with it. Everything
goes through the proxy and by the pages' own forms.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from aiosmtpd.controller import Controller

from config.local_stack import free_port
from tools.deployment.processes import ROOT, RehearsalFailed
from tools.mailbox import Mailbox
from tools.visitor import Visitor

OWNER, PASSWORD = "olivia@studio.example", "a quite long and odd pass phrase"
GUIDE = ROOT / "docs" / "first-video.md"
ENROL = "/account/2fa/totp/activate/"
CODE = r"(?m)^([A-Z0-9-]{6,12})\s*$"
TOTP_PERIOD_S = 30


class _Kept:
    """Keeps every message as a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's)
        """Write one message, as `Mailbox` reads them."""
        (self._folder / f"{time.time_ns()}.log").write_bytes(envelope.content)
        return "250 OK"


def start_mail_server(folder: Path, servers: ExitStack) -> int:
    """The port of a mail server on loopback that keeps what it gets in `folder`."""
    folder.mkdir()
    port = free_port(0)
    server = Controller(_Kept(folder), hostname="127.0.0.1", port=port)
    server.start()
    servers.callback(server.stop)
    return port


def make_first_video(base_url: str, *, operator: str, mail: Path, authority: Path, folder: Path) -> str:
    """Make a video in `folder` and verify it; the verdict's code. Raises RehearsalFailed, VisitFailed.

    `authority` has the root certificate of the proxy.
    """
    set_password(_visitor(base_url, authority), Mailbox(mail, operator))
    boss = _visitor(base_url, authority)
    boss.send("/account/login/", login=operator, password=PASSWORD, next=ENROL)
    boss.send("/account/reauthenticate/", password=PASSWORD, next=ENROL)
    shown = boss.read(ENROL)  # another look shows another secret
    secret = re.search(r'"([A-Z2-7]{16,64})"', shown)
    if secret is None:
        raise RehearsalFailed("The page of the second factor shows no secret.")
    boss.send(ENROL, shown=shown, code=code_at(secret[1], time.time()))

    owner = _visitor(base_url, authority)
    owner.send("/account/signup/", email=OWNER, password1=PASSWORD, password2=PASSWORD)
    owner.send("/account/confirm-email/", code=Mailbox(mail, OWNER).newest(CODE))
    owner.send(
        "/partners/apply/",
        name="Studio Example",
        website="https://studio.example",
        contact_name="Olivia",
        contact_email=OWNER,
        purpose="A first video with a person of the samples.",
    )
    applied = re.search(
        r'href="(/operator/partners/[^"/]+/)"', boss.read("/operator/partners/?state=applied")
    )
    if applied is None:
        raise RehearsalFailed("The application is not in the operator's list.")
    boss.send(f"{applied[1]}decide/", page=applied[1], decision="approve", reason="The rehearsal's own.")
    every = re.findall(r'name="scopes"[^>]*value="([^"]+)"', owner.read("/partner/"))
    made = owner.send("/partner/keys/", page="/partner/", name="first video", scopes=every, days="30")
    key = re.search(r'id="secret">(lk_[^<]+)<', made.text)
    if key is None:
        raise RehearsalFailed("No key was shown.")
    return _run_the_guide(base_url, key[1], authority, folder)


def set_password(visitor: Visitor, mailbox: Mailbox) -> None:
    """Set a password by the code that is sent to an address."""
    visitor.send("/account/password/reset/", email=mailbox.address)
    visitor.send("/account/password/reset/confirm/", code=mailbox.newest(CODE))
    visitor.send("/account/password/reset/complete/", password1=PASSWORD, password2=PASSWORD)


def code_at(secret: str, at: float) -> str:
    """The six digits of an authenticator at a moment (RFC 6238, with SHA-1 and 30 seconds)."""
    counter = int(at // TOTP_PERIOD_S).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def _visitor(base_url: str, authority: Path) -> Visitor:
    session = requests.Session()
    session.verify, session.trust_env = str(authority), False
    return Visitor(base_url, session)


def _run_the_guide(base_url: str, key: str, authority: Path, folder: Path) -> str:
    program = re.search(r"```python\n(.+?)```", GUIDE.read_text(), re.DOTALL)
    assert program is not None  # noqa: S101
    written = program[1].replace("https://your.host", base_url).replace("lk_...", key)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REQUESTS_CA_BUNDLE": str(authority)}
    subprocess.run([sys.executable, "-c", written], cwd=folder, env=environment, check=True, timeout=600)
    with (folder / "first.mp4").open("rb") as file:
        answer = requests.post(
            f"{base_url}/v1/verify", files={"file": file}, verify=str(authority), timeout=120
        )
    return str(answer.json()["verdict"])
