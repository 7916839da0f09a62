"""A whole Likeness on loopback, and the subject who says yes on the page behind their link."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from PIL import Image

from config.local_stack import LocalStack

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
PAGE_TIMEOUT_S = 60


@dataclass(frozen=True)
class RunningService:
    """Where it is, the key of a partner whose videos are released without review, and small inputs."""

    url: str
    api_key: str
    portrait: Path
    speech: Path


@contextmanager
def running_service(folder: Path) -> Iterator[RunningService]:
    """Web server, workers and Redis in `folder` for the length of the block; small pictures keep it quick."""
    with LocalStack(folder / "stack", port=0, environment={"LIKENESS_VIDEO_SIZE": "256"}) as stack:
        seed = json.loads(stack.manage("seed_demo"))
        portrait, speech = folder / "maya.png", folder / "hello.wav"
        with Image.open(SAMPLES / "portraits/maya.jpg") as picture:
            picture.resize((512, 512)).save(portrait)
        with (
            wave.open(str(SAMPLES / "speech/sample1_female_calm.wav")) as sample,
            wave.open(str(speech), "wb") as cut,
        ):
            cut.setparams(sample.getparams())
            cut.writeframes(sample.readframes(2 * sample.getframerate()))
        yield RunningService(stack.base_url, seed["api_key"], portrait, speech)


def grant_consent(link: str) -> None:
    """Open the subject's link without an account and say yes in its form."""
    session = requests.Session()
    page = session.get(link, timeout=PAGE_TIMEOUT_S)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text
    form = {"csrfmiddlewaretoken": token.group(1), "answer": "grant"}
    answer = session.post(link, data=form, headers={"Referer": link}, timeout=PAGE_TIMEOUT_S)
    assert answer.ok, answer.status_code
