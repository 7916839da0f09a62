"""Screenshots of every page, on a phone and on a desk, light and dark.

    python -m tools.screenshots DIR [LANGUAGE ...] [--look phone-light] [--only PREFIX]

Starts a service of its own on loopback, takes what its first people find, stages a scene in it
(tools/staged_people.py) and writes DIR/PAGE-WIDTH-THEME.png of every page in tools/pictured_pages.py and of
what only acting shows. With languages after DIR, the pages that are translated, as browsers show them that
ask for each: on a phone in light, on a desk in dark. What the browser's console complains about, what axe
finds, what is wider than the window, and buttons with cut words are printed; the exit status is 1 if there
was any of it.
Needs Chromium and the packages of `make test`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config.languages import is_translated
from config.local_stack import LocalStack
from tools.pictured_pages import EMPTY, FILES_TO_VERIFY, VECTORS, addresses
from tools.staged_people import Scene, gather, stage
from tools.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Theme = Literal["light", "dark"]
PHONE, DESK = (390, 844), (1280, 900)
LOOKS: Final[dict[str, tuple[tuple[int, int], Theme]]] = {
    "phone-light": (PHONE, "light"),
    "phone-dark": (PHONE, "dark"),
    "desk-light": (DESK, "light"),
    "desk-dark": (DESK, "dark"),
}
LOOKS_OF_LANGUAGES: Final = ("phone-light", "desk-dark")
STUDIO_MS = 180_000
ACTED: Final = "acted"  # with --only: what acting shows, and no page that an address is enough for
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

    def take_verdicts(self) -> None:
        """The verify page's answers."""
        context = self.context(self.scene.people["anybody"])
        for name, path in FILES_TO_VERIFY.items():
            shown = name if self.language == "en" else f"{self.language}-{name}"
            page = self.page(context, shown)
            page.goto("/verify/")
            page.set_input_files("input[type=file]", path or self.scene.video)
            page.locator(".verdict").wait_for()
            self.take(page, shown)
            if path is None:
                page.goto(page.locator("a[href*='/verify/said/']").get_attribute("href") or "/")
                self.take(page, shown.replace("intact", "shared"))
            page.close()
        context.close()

    def take_studio(self) -> None:
        """The studio with a draft of its own making, keyframes in its lanes, and one of them chosen."""
        context = self.context(self.scene.people["owner"])
        page = self.page(context, "studio_directed")
        page.goto("/console/studio/")
        page.locator("[data-studio][data-stills]").wait_for(timeout=STUDIO_MS)
        page.locator("select[name=emotion]").select_option("happy")
        for lane in ("Gaze", "Head"):
            page.get_by_role("button", name=f"Add a keyframe at the cursor: {lane}").click()
        page.get_by_label("Add at the cursor", exact=True).select_option("Nod")
        page.get_by_role("button", name="Add", exact=True).click()
        page.locator("[data-note]").wait_for(state="hidden")
        self.take(page, "studio_directed")
        context.close()

    def take_waiting(self) -> None:
        """The place where a file's answer will be, while no worker reads it."""
        anybody = self.scene.people["anybody"]
        with (VECTORS / "sealed.mp4").open("rb") as file:
            answer = anybody.session.post(
                f"{self.base_url}/v1/verify", files={"file": file}, headers={"Prefer": "respond-async"}
            )
        context = self.context(anybody)
        page = self.page(context, "verify_waiting")
        page.goto(f"/verify/later/{answer.json()['id']}/")
        self.take(page, "verify_waiting")
        context.close()

    def take_answers(self) -> None:
        """Pages that only sending a form shows: complaints, a new key, a running job."""
        context = self.context(self.scene.people["owner"])
        page = self.page(context, "portrait_error")
        page.goto("/console/portraits/new/")
        page.select_option("select[name=subject]", "new")
        page.fill("input[name=display_name]", "Nobody")
        page.set_input_files("input[type=file]", ROOT / "static/icon.svg")
        page.get_by_role("button", name="Upload").click()
        page.locator("[role=alert]").wait_for()
        self.take(page, "portrait_error")
        page.close()

        page = self.page(context, "key_created")
        page.goto("/partner/")
        page.get_by_text("Create a key").click()
        page.fill("input[name=name]", "newsroom")
        page.get_by_role("button", name="Create").click()
        page.locator(".secret").wait_for()
        self.take(page, "key_created")
        # Two keys may be active at a time, and there are more pictures to come.
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/partner/")
        page.get_by_role("button", name="Revoke newsroom").first.click()
        page.locator(".message").first.wait_for()
        page.close()

        page = self.page(context, "jobs_table_checked")
        page.goto("/console/jobs/table/")
        table = "portrait,audio,title,emotion\nAmara,aud_nothing,Welcome,happy\nNobody,,Turns aside,glad\n"
        page.fill("textarea[name=text]", table)
        page.get_by_role("button", name="Check the table").click()
        page.wait_for_load_state("load")
        self.take(page, "jobs_table_checked")
        page.close()

        page = self.page(context, "job_new_error")
        page.goto("/console/jobs/new/")
        page.fill("#id_direction", '{"version": 1, "keyframes": [{"time_s": 0, "gaze_yaw": 99}]}')
        page.get_by_role("button", name="Make the video").click()
        page.locator("[role=alert]").wait_for()
        self.take(page, "job_new_error")
        page.close()

        job: dict[str, Any] = self.scene.partner.video(
            self.scene.places["granted_portrait"], self.scene.places["running_speech"], waits=False
        )
        page = self.page(context, "job_running")
        page.goto(f"/console/jobs/{job['id']}/")
        page.wait_for_timeout(2000)
        page.screenshot(path=self.folder / f"job_running-{self.window[0]}-{self.theme}.png", full_page=True)
        page.close()
        self.scene.partner.call("POST", f"/jobs/{job['id']}/cancel")
        context.close()

        context = self.context(Visitor(self.base_url))
        page = self.page(context, "sign_in_error")
        page.goto("/account/login/")
        page.fill("input[name=login]", "somebody@mail.example")
        page.fill("input[name=password]", "not the password")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.locator("[role=alert]").wait_for()
        self.take(page, "sign_in_error")
        page.goto("/account/password/reset/")
        page.fill("input[name=email]", "nobody@mail.example")
        page.get_by_role("button", name="Send me a code").click()
        page.wait_for_load_state("load")
        self.take(page, "password_reset_sent")
        page.goto("/account/login/")
        context.clear_cookies()
        page.fill("input[name=login]", "somebody@mail.example")
        page.fill("input[name=password]", "not the password")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("heading", name="The form could not be accepted").wait_for()
        self.take(page, "form_not_accepted")
        context.close()


@contextmanager
def held(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """A part of the stack stands still, with all its processes."""
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def shoot(
    cameras: Sequence[Camera], stack: LocalStack, only: str = "", languages: Sequence[str] = ()
) -> None:
    """Take every picture, or pages whose name begins with `only`, or the translated ones in `languages`."""
    for camera in cameras:
        camera.take_addresses([one for one in addresses(camera.scene) if one[0].startswith(only)])
        if languages:
            camera.take_verdicts()
            continue
        if only in {"", ACTED}:
            camera.take_studio()
            camera.take_verdicts()
            with held(stack.processes["io"]):
                camera.take_waiting()
            camera.take_answers()


def chosen_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    parser.add_argument("--look", action="append", choices=LOOKS, help="of these alone; may be repeated")
    parser.add_argument(
        "--only", default="", metavar="PREFIX", help=f"pages whose name begins so; {ACTED}: what acting shows"
    )
    return parser.parse_args(arguments)


def main() -> int:
    """Take what is there at the beginning, stage the scene in a temporary place and take the pictures."""
    chosen = chosen_of()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    complaints: list[str] = []
    looks = [LOOKS[name] for name in chosen.look or (LOOKS_OF_LANGUAGES if chosen.languages else LOOKS)]
    with (
        tempfile.TemporaryDirectory() as data_dir,
        LocalStack(Path(data_dir), port=0, environment={"LIKENESS_VIDEO_SIZE": "256"}) as stack,
        sync_playwright() as playwright,
    ):
        scene = gather(stack)
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        cameras = [
            Camera(browser, scene, stack.base_url, chosen.folder, window, theme, language, complaints)
            for language in chosen.languages or ["en"]
            for window, theme in looks
        ]
        if not chosen.languages:
            for camera in cameras:
                camera.take_addresses([one for one in EMPTY if one[0].startswith(chosen.only)])
        stage(stack, scene)
        shoot(cameras, stack, chosen.only, chosen.languages)
        browser.close()
    if not complaints:
        print("Nothing to complain about.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
