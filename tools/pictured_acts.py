"""What only acting shows, photographed: verdicts, the studio, a file that waits, and answers to forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext

from tools.camera import Camera
from tools.pictured_pages import FILES_TO_VERIFY, VECTORS
from tools.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent
STUDIO_MS: Final = 180_000


def take_verdicts(camera: Camera) -> None:
    """The verify page's answers."""
    context = camera.context(camera.scene.people["anybody"])
    for name, path in FILES_TO_VERIFY.items():
        shown = name if camera.language == "en" else f"{camera.language}-{name}"
        page = camera.page(context, shown)
        page.goto("/verify/")
        page.set_input_files("input[type=file]", path or camera.scene.video)
        page.locator(".verdict").wait_for()
        camera.take(page, shown)
        if path is None:
            page.goto(page.locator("a[href*='/verify/said/']").get_attribute("href") or "/")
            camera.take(page, shown.replace("intact", "shared"))
        page.close()
    context.close()


def take_studio(camera: Camera) -> None:
    """The studio with a draft of its own making, keyframes in its lanes, and one of them chosen."""
    context = camera.context(camera.scene.people["owner"])
    page = camera.page(context, "studio_directed")
    page.goto("/console/studio/")
    page.locator("[data-studio][data-stills]").wait_for(timeout=STUDIO_MS)
    page.locator("select[name=emotion]").select_option("happy")
    for lane in ("Gaze", "Head"):
        page.get_by_role("button", name=f"Add a keyframe at the cursor: {lane}").click()
    page.get_by_label("Add at the cursor", exact=True).select_option("Nod")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("[data-note]").wait_for(state="hidden")
    camera.take(page, "studio_directed")
    context.close()


def take_waiting(camera: Camera) -> None:
    """The place where a file's answer will be, while no worker reads it."""
    anybody = camera.scene.people["anybody"]
    with (VECTORS / "sealed.mp4").open("rb") as file:
        answer = anybody.session.post(
            f"{camera.base_url}/v1/verify", files={"file": file}, headers={"Prefer": "respond-async"}
        )
    context = camera.context(anybody)
    page = camera.page(context, "verify_waiting")
    page.goto(f"/verify/later/{answer.json()['id']}/")
    camera.take(page, "verify_waiting")
    context.close()


def take_answers(camera: Camera) -> None:
    """Pages that only sending a form shows: complaints, a new key, a running job."""
    context = camera.context(camera.scene.people["owner"])
    for act in (_refused_portrait, _new_key, _checked_table, _refused_job, _running_job):
        act(camera, context)
    context.close()
    _refused_sign_in(camera)


def _refused_portrait(camera: Camera, context: BrowserContext) -> None:
    """A file that is no picture."""
    page = camera.page(context, "portrait_error")
    page.goto("/console/portraits/new/")
    page.select_option("select[name=subject]", "new")
    page.fill("input[name=display_name]", "Nobody")
    page.set_input_files("input[type=file]", ROOT / "static/icon.svg")
    page.get_by_role("button", name="Upload").click()
    page.locator("[role=alert]").wait_for()
    camera.take(page, "portrait_error")
    page.close()


def _new_key(camera: Camera, context: BrowserContext) -> None:
    """A key of the API, shown once, and taken back."""
    page = camera.page(context, "key_created")
    page.goto("/partner/")
    page.get_by_text("Create a key").click()
    page.fill("input[name=name]", "newsroom")
    page.get_by_role("button", name="Create").click()
    page.locator(".secret").wait_for()
    camera.take(page, "key_created")
    # Two keys may be active at a time, and there are more pictures to come.
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/partner/")
    page.get_by_role("button", name="Revoke newsroom").first.click()
    page.locator(".message").first.wait_for()
    page.close()


def _checked_table(camera: Camera, context: BrowserContext) -> None:
    """A table of jobs, some of whose lines are refused."""
    page = camera.page(context, "jobs_table_checked")
    page.goto("/console/jobs/table/")
    table = "portrait,audio,title,emotion\nAmara,aud_nothing,Welcome,happy\nNobody,,Turns aside,glad\n"
    page.fill("textarea[name=text]", table)
    page.get_by_role("button", name="Check the table").click()
    page.wait_for_load_state("load")
    camera.take(page, "jobs_table_checked")
    page.close()


def _refused_job(camera: Camera, context: BrowserContext) -> None:
    """A direction that cannot be followed."""
    page = camera.page(context, "job_new_error")
    page.goto("/console/jobs/new/")
    page.fill("#id_direction", '{"version": 1, "keyframes": [{"time_s": 0, "gaze_yaw": 99}]}')
    page.get_by_role("button", name="Make the video").click()
    page.locator("[role=alert]").wait_for()
    camera.take(page, "job_new_error")
    page.close()


def _running_job(camera: Camera, context: BrowserContext) -> None:
    """A job while it runs, which is cancelled then."""
    job: dict[str, Any] = camera.scene.partner.video(
        camera.scene.places["granted_portrait"], camera.scene.places["running_speech"], waits=False
    )
    page = camera.page(context, "job_running")
    page.goto(f"/console/jobs/{job['id']}/")
    page.wait_for_timeout(2000)
    page.screenshot(path=camera.folder / f"job_running-{camera.window[0]}-{camera.theme}.png", full_page=True)
    page.close()
    camera.scene.partner.call("POST", f"/jobs/{job['id']}/cancel")


def _refused_sign_in(camera: Camera) -> None:
    """A wrong password, a reset for nobody, and a form whose cookie is gone."""
    context = camera.context(Visitor(camera.base_url))
    page = camera.page(context, "sign_in_error")
    page.goto("/account/login/")
    page.fill("input[name=login]", "somebody@mail.example")
    page.fill("input[name=password]", "not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("[role=alert]").wait_for()
    camera.take(page, "sign_in_error")
    page.goto("/account/password/reset/")
    page.fill("input[name=email]", "nobody@mail.example")
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_load_state("load")
    camera.take(page, "password_reset_sent")
    page.goto("/account/login/")
    context.clear_cookies()
    page.fill("input[name=login]", "somebody@mail.example")
    page.fill("input[name=password]", "not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="The form could not be accepted").wait_for()
    camera.take(page, "form_not_accepted")
    context.close()
