"""A browser window that looks at pages, photographs them, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tools.staged_people import Scene
from tools.visitor import Visitor

Theme = Literal["light", "dark"]
ALL_PICTURES = """() => Promise.all([...document.images].map((one) => {
  one.loading = "eager";
  return one.decode().catch(() => {});
}))"""
CUT_BUTTONS = """() => [...document.querySelectorAll("button, .button")]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.trim())"""


@dataclass
class Camera:
    """One browser window size and theme; collects what is wrong with the pages it looks at."""

    browser: Browser
    scene: Scene
    base_url: str
    folder: Path
    window: tuple[int, int]
    theme: Theme
    language: str = "en"
    complaints: list[str] = field(default_factory=list)

    def context(self, visitor: Visitor) -> BrowserContext:
        """A fresh profile that is signed in as the visitor."""
        width, height = self.window
        context = self.browser.new_context(
            base_url=self.base_url,
            viewport={"width": width, "height": height},
            color_scheme=self.theme,
            locale=self.language,
        )
        context.add_cookies(
            [
                {"name": cookie.name, "value": cookie.value or "", "url": self.base_url}
                for cookie in visitor.session.cookies
            ]
        )
        return context

    def page(self, context: BrowserContext, name: str) -> Page:
        """A page whose console is listened to."""
        page = context.new_page()
        page.on("console", lambda message: self._complain(name, message.text, message.type))
        page.on("pageerror", lambda error: self._complain(name, str(error), "error"))
        return page

    def _complain(self, name: str, text: str, kind: str) -> None:
        # Refusals are what some of these pages are about.
        if kind == "error" and "status of 4" not in text:
            self.note(f"{name}: {text}")

    def note(self, complaint: str) -> None:
        """Keep what is wrong, and say it at once: the rest takes minutes."""
        self.complaints.append(complaint)
        print(complaint, flush=True)

    def take(self, page: Page, name: str) -> None:
        """The whole page as a picture; says so when it is wider than the window."""
        page.wait_for_load_state("load")
        page.evaluate(ALL_PICTURES)
        inside = page.evaluate("document.documentElement.scrollWidth")
        if inside > self.window[0]:
            self.note(f"{name}: {inside} px wide in a window of {self.window[0]}")
        for words in page.evaluate(CUT_BUTTONS):
            self.note(f"{name}: the button {words!r} is cut")
        for one in Axe().run(page).response["violations"]:
            self.note(f"{name}: {one['help']} ({one['id']}, {one['nodes'][0]['target']})")
        page.screenshot(path=self.folder / f"{name}-{self.window[0]}-{self.theme}.png", full_page=True)

    def take_addresses(self, pages: Sequence[tuple[str, str, str]]) -> None:
        """Every page that an address is enough for: name, who looks, address. In a language those that are
        there in every language, with its code before their names.
        """
        if self.language != "en":
            from config.languages import is_translated  # noqa: PLC0415 - needs Django set up

            pages = [
                (f"{self.language}-{name}", who, address)
                for name, who, address in pages
                if is_translated(address)
            ]
        for who, visitor in self.scene.people.items():
            if who in self.scene.passwords:
                # Pages about the sign-in itself want the password again every few minutes.
                visitor.send("/account/reauthenticate/", password=self.scene.passwords[who])
            context = self.context(visitor)
            for name, reader, address in pages:
                if reader == who:
                    page = self.page(context, name)
                    page.goto(address)
                    self.take(page, name)
                    page.close()
            context.close()
