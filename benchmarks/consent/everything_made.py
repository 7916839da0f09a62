"""Makes everything of one consented person that a service can make, as their partner's program does."""

from __future__ import annotations

import json
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from config.local_stack import LocalStack
from likeness import Client, LiveStream, read_live_speech
from tools.mailbox import Mailbox
from tools.staged_people import PORTRAITS, SPEECH
from tools.visitor import empty_recording, say_yes, sign_in

ADDRESS = "somebody@mail.example"
NAME = "Quentin Quillfeather"
PATIENCE_S = 420


@dataclass
class Partner:
    """A partner's program."""

    stack: LocalStack
    key: str

    def send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """One call, whatever its answer."""
        headers = {"Authorization": f"Bearer {self.key}", **arguments.pop("headers", {})}
        address = path if path.startswith("http") else f"{self.stack.base_url}/v1{path}"
        return requests.request(method, address, headers=headers, timeout=180, **arguments)

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """One call that must be answered well."""
        answer = self.send(method, path, **arguments)
        answer.raise_for_status()
        return answer.json()

    def upload_in_pieces(self, file: Path) -> str:
        """The id of an upload that arrived in two pieces."""
        data = file.read_bytes()
        tus = {"Tus-Resumable": "1.0.0"}
        begun = self.send("POST", "/uploads", headers={**tus, "Upload-Length": str(len(data))})
        begun.raise_for_status()
        place = f"/uploads/{begun.headers['Location'].rstrip('/').rpartition('/')[2]}"
        middle = min(len(data), 256 * 1024)
        for start, piece in ((0, data[:middle]), (middle, data[middle:])):
            told = {"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
            if piece:
                self.send("PATCH", place, headers={**tus, **told}, data=piece).raise_for_status()
        return place.rpartition("/")[2]

    def verdict(self, video: bytes) -> str:
        """What anybody is told who checks a copy."""
        return str(self.call("POST", "/verify", files={"file": ("copy.mp4", video)})["verdict"])

    def wait_for(self, path: str, name: str, values: set[Any] | None = None) -> Any:
        """A row's answer once it says something under a name. Raises TimeoutError."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            row = self.call("GET", path)
            if row[name] in values if values else row[name]:
                return row
            time.sleep(1)
        raise TimeoutError(f"{path} has no {name}")


@dataclass(frozen=True)
class Made:
    """What was made of one person: addresses of their files, copies of the videos, their receipt."""

    partner: Partner
    files: dict[str, str]
    copies: dict[str, bytes]
    seen: list[bytes]  # what was sent and shown besides
    receipt: str


def make_everything(stack: LocalStack, folder: Path) -> Made:
    """Make it; takes a minute or two. Raises what a refused call raises, and TimeoutError."""
    seed = json.loads(stack.manage("seed_demo"))
    people = {person["role"]: person for person in seed["people"]}
    partner = Partner(stack, seed["api_key"])
    subject = partner.call("POST", "/subjects", json={"display_name": NAME, "email": ADDRESS})
    sent = {"subject_id": subject["id"], "upload_id": partner.upload_in_pieces(PORTRAITS / "maya.jpg")}
    portrait = partner.call("POST", "/portraits", data=sent)["id"]
    speech = _two_seconds(SPEECH / "sample3_female_story.wav", folder / "speech.wav")
    with speech.open("rb") as file:
        audio = partner.call("POST", "/driving-audio", files={"file": file}, data={"voice": "synthetic"})[
            "id"
        ]
    request = {
        "portrait_id": portrait,
        "basis": "other_person",
        "purpose": "A drill",
        "valid_until": "2030-01-01T00:00:00Z",
        "max_videos": 9,
        "allows_live": True,
    }
    partner.call("POST", "/consents", json=request)
    receipt = say_yes(Mailbox(stack.data_dir / "mail", ADDRESS), sign_in(stack, people["reviewer"]))
    order = {"portrait_id": portrait, "driving_audio_id": audio}
    job = partner.wait_for(f"/jobs/{partner.call('POST', '/jobs', json=order)['id']}", "state", {"released"})
    video = partner.send("GET", f"/renditions/{job['rendition_id']}/file").content
    consent = {"performer_consent": "Release form 7/2026"}
    performance = {"file": ("performance.mp4", video)}
    partner.call("POST", f"/driving-audio/{audio}/motion", files=performance, data=consent)
    with Client(stack.base_url, partner.key) as likeness:
        opened = likeness.open_live(portrait, voice="synthetic", keep=True, size=256)
        with LiveStream(opened) as live:
            live.speak_all(read_live_speech(speech))
    session = partner.wait_for(f"/live/{opened.id}", "file_sha256")
    files = {
        "portrait": f"/portraits/{portrait}",
        "still": f"/portraits/{portrait}/still",
        "motion": f"/driving-audio/{audio}/motion",
        "video": f"/renditions/{job['rendition_id']}/file",
        "captions": f"/renditions/{job['rendition_id']}/captions",
        "live session": f"/live/{session['id']}/file",
    }
    kept = partner.send("GET", files["live session"]).content
    owner = sign_in(stack, people["owner"]).session
    shown = [
        owner.get(f"{stack.base_url}/console/{path}/", timeout=60).content
        for path in (
            f"portraits/{portrait}/small",
            f"portraits/{portrait}/picture",
            f"portraits/{portrait}/still",
        )
    ]
    seen = [*shown, bytes(live.received), speech.read_bytes(), empty_recording()]
    seen += [(PORTRAITS / "maya.jpg").read_bytes(), partner.send("GET", files["still"]).content]
    return Made(partner, files, {"video": video, "live session": kept}, seen, receipt)


def _two_seconds(source: Path, target: Path) -> Path:
    with wave.open(str(source)) as sample, wave.open(str(target), "wb") as cut:
        cut.setparams(sample.getparams())
        cut.writeframes(sample.readframes(2 * sample.getframerate()))
    return target
