"""People in front of a browser without a screen: they read pages, send forms, sign in and answer requests."""

from __future__ import annotations

import base64
import hmac
import io
import re
import struct
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import av
import numpy as np
import requests

from config.local_stack import LocalStack
from tools.mailbox import Mailbox

CHECKED_S = 120
NEW_CODE_S = 70
CODE_LASTS_S = 30
SECOND_FACTOR = "/account/2fa/authenticate/"


class VisitFailed(RuntimeError):
    """A page or a form was refused; the message says which and how."""


@dataclass
class Visitor:
    """A browser without a screen: cookies, pages and forms."""

    base_url: str
    session: requests.Session = field(default_factory=requests.Session)

    def read(self, path: str) -> str:
        """A page's text. Raises VisitFailed unless it is found."""
        answer = self.session.get(self._address(path), timeout=60)
        if not answer.ok:
            raise VisitFailed(f"GET {path}: {answer.status_code}")
        return answer.text

    def send(
        self, path: str, *, page: str | None = None, shown: str = "", files: Any = None, **fields: Any
    ) -> requests.Response:
        """Fill in the form that is on `page` (by default the address it goes to) and send it.

        `shown` is that page's text, where it was read already.
        """
        text = shown or self.read(page or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        if token is None:
            raise VisitFailed(f"{page or path} has no form.")
        answer = self.session.post(
            self._address(path),
            data={"csrfmiddlewaretoken": token.group(1), **fields},
            files=files,
            headers={"Referer": self._address(path)},
            timeout=120,
        )
        if not answer.ok:
            raise VisitFailed(f"POST {path}: {answer.status_code}")
        return answer

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.base_url + path


def sign_in(stack: LocalStack, person: dict[str, str]) -> Visitor:
    """A visitor signed in as one of the seeded people, with the second factor if there is one.

    A code is good once: who signed in within the same half minute waits for the next, and sends none twice,
    since after five that were refused none is taken for minutes. Raises VisitFailed.
    """
    visitor = Visitor(stack.base_url)
    visitor.send("/account/login/", login=person["email"], password=person["password"])
    deadline = time.monotonic() + NEW_CODE_S
    refused = ""
    while person["totp_secret"]:
        code = one_time_code(person["totp_secret"], time.time())
        if code != refused and SECOND_FACTOR not in visitor.send(SECOND_FACTOR, code=code).url:
            break
        refused = code
        if time.monotonic() > deadline:
            raise VisitFailed("No code of the second factor was taken.")
        time.sleep(1)
    return visitor


def one_time_code(secret: str, at_s: float) -> str:
    """The six digits that an authenticator app with this secret (base32) shows at a time (RFC 6238)."""
    counter = struct.pack(">Q", int(at_s) // CODE_LASTS_S)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"


def agree(mailbox: Mailbox) -> str:
    """Answer the newest request in a mailbox with yes, as its owner does, and record; the request's address.

    The people of the samples do not exist and cannot stand before a camera: what is sent is a second without
    a face or a sound, of which the reviewer is warned.
    """
    link = mailbox.consent_link()
    subject = Visitor(base_url="")
    live = subject.send(link, answer="grant").url
    ticket = re.search(r'name="ticket" value="([^"]+)"', subject.read(live))
    if ticket is None:
        raise VisitFailed("There is nothing to read before the camera.")
    recording = {"file": ("recording.mp4", empty_recording(), "video/mp4")}
    asked_for_code = subject.send(live, files=recording, ticket=ticket.group(1), is_live="")
    subject.send(asked_for_code.url, code=mailbox.code())
    return link


def confirm_recording(reviewer: Visitor) -> None:
    """Confirm the newest recording that waits, as a reviewer who sees it beside the portrait."""
    waiting = re.findall(r'href="(/review/recordings/[^"]+/)"', reviewer.read("/review/consents/"))
    if not waiting:
        raise VisitFailed("No recording waits.")
    page = waiting[-1]
    deadline = time.monotonic() + CHECKED_S
    while not (shown := re.search(r'name="recording" value="([^"]+)"', reviewer.read(page))):
        if time.monotonic() > deadline:
            raise VisitFailed(f"{page} was not looked at in time.")
        time.sleep(0.3)
    reviewer.send(f"{page}decide/", page=page, decision="confirm", recording=shown.group(1))


def confirm_attestation(reviewer: Visitor, page: str) -> None:
    """Confirm an attestation, once its face was compared with those of living people."""
    deadline = time.monotonic() + CHECKED_S
    while 'value="confirm"' not in reviewer.read(page):
        if time.monotonic() > deadline:
            raise VisitFailed(f"{page} could not be confirmed in time.")
        time.sleep(0.3)
    reviewer.send(f"{page}decide/", page=page, decision="confirm")


def say_yes(mailbox: Mailbox, reviewer: Visitor) -> str:
    """A yes that counts: the subject's, and a reviewer's that it is them; the address of the receipt."""
    agree(mailbox)
    confirm_recording(reviewer)
    return mailbox.receipt_link()


@cache
def empty_recording() -> bytes:
    """A second of dark video, as MP4."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), 40, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()
