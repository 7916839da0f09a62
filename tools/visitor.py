"""People in front of a browser without a screen: they read pages, send forms, sign in and answer requests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import requests

from config.local_stack import LocalStack
from tools.mailbox import Mailbox


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

    def send(self, path: str, *, page: str | None = None, **fields: Any) -> requests.Response:
        """Fill in the form that is on `page` (by default the address it goes to) and send it."""
        text = self.read(page or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        if token is None:
            raise VisitFailed(f"{page or path} has no form.")
        answer = self.session.post(
            self._address(path),
            data={"csrfmiddlewaretoken": token.group(1), **fields},
            headers={"Referer": self._address(path)},
            timeout=120,
        )
        if not answer.ok:
            raise VisitFailed(f"POST {path}: {answer.status_code}")
        return answer

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.base_url + path


def sign_in(stack: LocalStack, person: dict[str, str]) -> Visitor:
    """A visitor signed in as one of the seeded people, with the second factor if there is one."""
    visitor = Visitor(stack.base_url)
    visitor.send("/account/login/", login=person["email"], password=person["password"])
    if person["totp_secret"]:
        code = stack.manage("demo_code", person["role"]).strip()
        visitor.send("/account/2fa/authenticate/", code=code)
    return visitor


def say_yes(mailbox: Mailbox) -> str:
    """Answer the newest request in a mailbox with yes, as its owner does; the address of the receipt."""
    link = mailbox.consent_link()
    subject = Visitor(base_url="")
    asked_for_code = subject.send(link, answer="grant")
    return str(subject.send(asked_for_code.url, code=mailbox.code()).url)
