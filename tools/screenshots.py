"""Screenshots of every page, on a phone and on a desk, light and dark: `python -m tools.screenshots DIR`.

Starts a service of its own on loopback, stages a scene in it (tools/staged_people.py) and writes
DIR/PAGE-WIDTH-THEME.png. With languages after DIR, the pages that are translated, as browsers show them that
ask for each: on a phone in light, on a desk in dark. What the browser's console complains about, what axe
finds, what is wider than the window, and buttons with cut words are printed; the exit status is 1 if there
was any of it.
Needs Chromium and the packages of `make test`.
"""

from __future__ import annotations

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
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config.languages import is_translated
from config.local_stack import LocalStack
from tools.staged_people import Scene, stage
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
WINDOWS: tuple[tuple[int, int], ...] = ((390, 844), (1280, 900))
THEMES: tuple[Theme, ...] = ("light", "dark")
CUT_BUTTONS = """() => [...document.querySelectorAll("button, .button")]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.trim())"""
VECTORS = ROOT / "tests/vectors"
FILES_TO_VERIFY = {
    "verify_intact": None,
    "verify_changed": VECTORS / "mdat_bit_flipped.mp4",
    "verify_nothing": VECTORS / "unmarked_and_unsigned.mp4",
    "verify_other": VECTORS / "signed_by_known_other.mp4",
    "verify_refused": VECTORS / "text_called.mp4",
    "verify_expired": VECTORS / "sealed_certificate_expired_but_stamped.mp4",
}


def addresses(scene: Scene) -> list[tuple[str, str, str]]:
    """What to take: a name for the file, who looks, and the address."""
    places = scene.places
    return [
        ("home", "anybody", "/"),
        ("verify", "anybody", "/verify/"),
        ("verdict_meanings", "anybody", "/verify/meaning/"),
        ("misuse_report", "anybody", "/verify/report/"),
        ("misuse_reported", "anybody", "/verify/report/received/"),
        ("log", "anybody", "/log/"),
        ("log_counts", "anybody", "/log/counts/"),
        ("log_empty", "anybody", "/log/?id=rnd_nothing"),
        ("log_entry", "anybody", "/log/5/"),
        ("api_docs", "anybody", "/docs/api/"),
        ("sign_in", "anybody", "/account/login/"),
        ("sign_up", "anybody", "/account/signup/"),
        ("password_reset", "anybody", "/account/password/reset/"),
        ("apply", "anybody", "/partners/apply/"),
        ("applied", "anybody", "/partners/applied/"),
        ("not_found", "anybody", "/nothing/here/"),
        ("consent", "anybody", places["consent"]),
        ("voice", "anybody", places["voice"]),
        ("consent_no", "anybody", f"{places['consent']}no/"),
        ("consent_draft", "anybody", f"{places['consent']}draft/"),
        ("consent_live", "anybody", places["consent_live"]),
        ("consent_code", "anybody", places["consent_code"]),
        ("consent_recorded", "anybody", places["consent_recorded"]),
        ("receipt", "anybody", places["receipt"]),
        ("withdraw", "anybody", places["withdraw"]),
        ("receipt_withdrawn", "anybody", places["receipt_withdrawn"]),
        ("likeness", "anybody", "/likeness/"),
        ("my_likeness", "anybody", places["my_likeness"]),
        ("never_my_face", "anybody", "/likeness/never-my-face/"),
        ("face_register", "anybody", f"{places['my_likeness']}never-my-face/"),
        ("face_register_end", "anybody", f"{places['my_likeness']}never-my-face/end/"),
        ("my_likeness_withdraw", "anybody", places["my_likeness_withdraw"]),
        ("my_likeness_erase", "anybody", places["my_likeness_erase"]),
        ("partner_home", "owner", "/partner/"),
        ("webhooks", "owner", "/partner/webhooks/"),
        ("consent_request", "owner", places["consent_request"]),
        ("console", "owner", "/console/"),
        ("portrait_new", "owner", "/console/portraits/new/"),
        ("portrait", "owner", places["portrait"]),
        ("recording_new", "owner", "/console/driving-audio/new/"),
        ("motion_track", "owner", places["motion_track"]),
        ("portrait_delete", "owner", places["portrait_delete"]),
        ("video_delete", "owner", places["video_delete"]),
        ("job_new", "owner", "/console/jobs/new/"),
        ("studio", "owner", "/console/studio/"),
        ("jobs", "owner", "/console/jobs/"),
        ("jobs_from_table", "owner", "/console/jobs/table/"),
        ("job_released", "owner", places["job_released"]),
        ("job_refused", "owner", places["job_refused"]),
        ("job_in_review", "owner", places["job_in_review"]),
        ("job_cancelled", "owner", places["job_cancelled"]),
        ("forbidden", "owner", "/operator/partners/"),
        ("email", "owner", "/account/email/"),
        ("password_change", "owner", "/account/password/change/"),
        ("sign_out", "owner", "/account/logout/"),
        ("second_factors", "owner", "/account/2fa/"),
        ("totp", "owner", "/account/2fa/totp/activate/"),
        ("passkeys", "owner", "/account/2fa/webauthn/add/"),
        ("recovery_codes", "reviewer", "/account/2fa/recovery-codes/generate/"),
        ("review_queue", "reviewer", "/review/"),
        ("review", "reviewer", places["review"]),
        ("consent_queue", "reviewer", "/review/consents/"),
        ("misuse_queue", "reviewer", "/review/reports/"),
        ("face_queue", "reviewer", "/review/faces/"),
        ("consent_review", "reviewer", places["consent_review"]),
        ("recording_review", "reviewer", places["recording_review"]),
        ("staff_home", "reviewer", "/staff/"),
        ("second_looks", "reviewer", "/review/second-looks/"),
        ("appeals", "reviewer", "/review/appeals/"),
        ("audit_desk", "auditor", "/audit/"),
        ("audit_video", "auditor", places["audit_video"]),
        ("operator_partners", "operator", "/operator/partners/"),
        ("operator_partner", "operator", places["operator_partner"]),
        ("operator_application", "operator", places["operator_application"]),
    ]


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
            self.complaints.append(f"{name}: {text}")

    def take(self, page: Page, name: str) -> None:
        """The whole page as a picture; says so when it is wider than the window."""
        page.wait_for_load_state("load")
        inside = page.evaluate("document.documentElement.scrollWidth")
        if inside > self.window[0]:
            self.complaints.append(f"{name}: {inside} px wide in a window of {self.window[0]}")
        for words in page.evaluate(CUT_BUTTONS):
            self.complaints.append(f"{name}: the button {words!r} is cut")
        for one in Axe().run(page).response["violations"]:
            self.complaints.append(f"{name}: {one['help']} ({one['id']}, {one['nodes'][0]['target']})")
        page.screenshot(path=self.folder / f"{name}-{self.window[0]}-{self.theme}.png", full_page=True)

    def take_translated(self) -> None:
        """Every page that an address is enough for and that is there in every language."""
        context = self.context(self.scene.people["anybody"])
        for name, who, address in addresses(self.scene):
            if who == "anybody" and is_translated(address):
                page = self.page(context, f"{self.language}-{name}")
                page.goto(address)
                self.take(page, f"{self.language}-{name}")
                page.close()
        context.close()

    def take_addresses(self, only: str) -> None:
        """Every page that an address is enough for."""
        for who, visitor in self.scene.people.items():
            if who in self.scene.passwords:
                # Pages about the sign-in itself want the password again every few minutes.
                visitor.send("/account/reauthenticate/", password=self.scene.passwords[who])
            context = self.context(visitor)
            for name, reader, address in addresses(self.scene):
                if reader == who and name.startswith(only):
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
            page.close()
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
    scene: Scene, stack: LocalStack, folder: Path, only: str = "", languages: Sequence[str] = ()
) -> list[str]:
    """Take every picture (or those whose name begins with `only`, or the translated pages in `languages`);
    what was wrong with the pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for language in languages:
            for window, theme in zip(WINDOWS, THEMES, strict=True):
                camera = Camera(browser, scene, stack.base_url, folder, window, theme, language, complaints)
                camera.take_translated()
                camera.take_verdicts()
        for window in [] if languages else WINDOWS:
            for theme in THEMES:
                camera = Camera(browser, scene, stack.base_url, folder, window, theme, complaints=complaints)
                camera.take_addresses(only)
                if not only:
                    camera.take_verdicts()
                    with held(stack.processes["io"]):
                        camera.take_waiting()
                    camera.take_answers()
        browser.close()
    return complaints


def main() -> int:
    """Stage the scene in a temporary place and take the pictures."""
    if len(sys.argv) < 2:
        print("Usage: python -m tools.screenshots DIR [LANGUAGE ...]", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as data_dir:
        environment = {"LIKENESS_VIDEO_SIZE": "256"}
        with LocalStack(Path(data_dir), port=0, environment=environment) as stack:
            complaints = shoot(stage(stack), stack, Path(sys.argv[1]), languages=sys.argv[2:])
    print("\n".join(complaints) or "Nothing to complain about.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
