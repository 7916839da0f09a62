"""The cast, each with a browser, and everything they can reach by following links; and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from accounts.models import MemberRole, StaffRole
from tests.conftest import browser_of, forget_what_was_signed
from tests.e2e.conftest import ARGUMENTS
from tests.factories import PartnerFactory, person, staff_member
from tests.pages.reading import Page, read
from tests.pages.town import Town, build

HERE = "http://testserver"
OWN_PAGES = [
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/add/",
    "/account/email/",
    "/account/password/change/",
    "/account/logout/",
    "/account/reauthenticate/",
]


class Walk:
    """Everything somebody reaches from where they begin by following links, except what others have seen.

    `known` are addresses that look the same to everybody and were visited before.
    """

    def __init__(
        self, who: str, browser: Client, starts: list[str], known: frozenset[str] = frozenset()
    ) -> None:
        self.who = who
        self.browser = browser
        self.pages: list[Page] = []
        self.broken: list[str] = []
        seen = {*starts, *known}
        waiting = list(starts)
        while waiting:
            page = self._visit(waiting.pop())
            if page is None:
                continue
            self.pages.append(page)
            for address in [*page.links, *page.loads]:
                target = urlsplit(urljoin(HERE + page.address, address))
                if target.fragment and not target.path.replace(urlsplit(page.address).path, "", 1):
                    if target.fragment not in page.ids:
                        self.broken.append(f"{page.address} -> #{target.fragment}")
                    continue
                if "lang=" in target.query:
                    continue  # a page of which one language is looked at
                path = target.path + (f"?{target.query}" if target.query else "")
                if f"{target.scheme}://{target.netloc}" == HERE and path not in seen:
                    seen.add(path)
                    waiting.append(path)

    def _visit(self, address: str) -> Page | None:
        if address.startswith("/static/"):
            if finders.find(address.removeprefix("/static/")) is None:
                self.broken.append(address)
            return None
        answer = self.browser.get(address)
        if answer.status_code not in {200, 302}:
            self.broken.append(f"{address}: {answer.status_code}")
        if answer.status_code == 302 or not answer.headers["Content-Type"].startswith("text/html"):
            answer.close()
            return None
        return read(address, answer.content.decode())


@dataclass(frozen=True)
class Walked:
    """The town and what each person of the cast found in it."""

    town: Town
    walks: list[Walk]

    def pages(self) -> Iterator[Page]:
        """Every page that anybody found."""
        return (page for walk in self.walks for page in walk.pages)

    def reached_by(self, who: str) -> set[str]:
        """The addresses that somebody came to."""
        return {page.address for walk in self.walks if walk.who == who for page in walk.pages}


@pytest.fixture(scope="module")
def walked(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walked]:
    """One town, walked through once, and taken down after the last test that looks at it."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # as pytest-django's own, which last one test
    with django_db_blocker.unblock(), whole:
        cache.clear()
        forget_what_was_signed()  # this is set up before what does so for each test
        yield _walk_through(tmp_path_factory.mktemp("town"))
        transaction.set_rollback(True)


def _walk_through(folder: Path) -> Walked:
    partner = PartnerFactory(name="Aurora Media")
    owner = person("Alice", partner=partner, role=MemberRole.OWNER)
    reviewer = staff_member("Rita", StaffRole.REVIEWER)
    people = {
        "Alice": owner,
        "Bob": person("Bob", partner=partner),
        "Charlie": person("Charlie", partner=PartnerFactory(name="Boreal Films"), role=MemberRole.OWNER),
        "Rita": reviewer,
        "Otto": staff_member("Otto", StaffRole.OPERATOR),
        "Anouk": staff_member("Anouk", StaffRole.AUDITOR),
    }
    town = build(partner, owner, reviewer, folder)
    links = [
        f"/consent/{town.link}/",
        f"/receipt/{town.receipt}/",
        f"/receipt/{town.withdrawn_receipt}/",
        f"/consent/{town.link}/code/",
        f"/likeness/{town.likeness}/",
    ]
    vera = Walk("Vera", Client(), ["/"])
    known = frozenset(page.address for page in vera.pages if page.address.startswith("/log/"))
    walks = [vera, Walk("a subject", Client(), links, known)]
    walks += [Walk(name, browser_of(user), ["/", *OWN_PAGES], known) for name, user in people.items()]
    return Walked(town, walks)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; Django would refuse its database beside one.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()
