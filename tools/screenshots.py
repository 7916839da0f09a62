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
from pathlib import Path
from typing import Final

import django
from playwright.sync_api import sync_playwright

from config.local_stack import LocalStack
from tools.camera import Camera, Theme
from tools.pictured_acts import take_answers, take_studio, take_verdicts, take_waiting
from tools.pictured_pages import EMPTY, addresses
from tools.staged_people import gather, stage

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = (390, 844), (1280, 900)
LOOKS: Final[dict[str, tuple[tuple[int, int], Theme]]] = {
    "phone-light": (PHONE, "light"),
    "phone-dark": (PHONE, "dark"),
    "desk-light": (DESK, "light"),
    "desk-dark": (DESK, "dark"),
}
LOOKS_OF_LANGUAGES: Final = ("phone-light", "desk-dark")
ACTED: Final = "acted"  # with --only: what acting shows, and no page that an address is enough for


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
            take_verdicts(camera)
            continue
        if only in {"", ACTED}:
            take_studio(camera)
            take_verdicts(camera)
            with held(stack.processes["io"]):
                take_waiting(camera)
            take_answers(camera)


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
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    django.setup()
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
