"""A partner, its subjects and the staff at work, so that every page of a running service shows something.

Everything happens through the public API and the pages' own forms, as these people would do it.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from config.local_stack import LocalStack

ROOT = Path(__file__).resolve().parent.parent
PORTRAITS = ROOT / "samples/portraits"
SPEECH = ROOT / "samples/speech"
PATIENCE_S = 600
STANDING = {"in_review", "released", "rejected", "failed", "cancelled", "revoked"}


class SceneFailed(RuntimeError):
    """A step of the scene was refused; the message is the service's own."""


@dataclass
class Visitor:
    """A browser without a screen: cookies, pages and forms."""

    base_url: str
    session: requests.Session = field(default_factory=requests.Session)

    def read(self, path: str) -> str:
        """A page's text. Raises SceneFailed unless it is found."""
        answer = self.session.get(self._address(path), timeout=60)
        if not answer.ok:
            raise SceneFailed(f"GET {path}: {answer.status_code}")
        return answer.text

    def send(self, path: str, *, page: str | None = None, **fields: Any) -> requests.Response:
        """Fill in the form that is on `page` (by default the address it goes to) and send it."""
        text = self.read(page or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        if token is None:
            raise SceneFailed(f"{page or path} has no form.")
        answer = self.session.post(
            self._address(path),
            data={"csrfmiddlewaretoken": token.group(1), **fields},
            headers={"Referer": self._address(path)},
            timeout=120,
        )
        if not answer.ok:
            raise SceneFailed(f"POST {path}: {answer.status_code}")
        return answer

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.base_url + path


@dataclass
class Partner:
    """A partner's program: nothing but HTTP and a key."""

    base_url: str
    api_key: str

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """One call; the decoded answer. Raises SceneFailed with the refusal's code."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        answer = requests.request(
            method, f"{self.base_url}/v1{path}", headers=headers, timeout=120, **arguments
        )
        if not answer.ok:
            raise SceneFailed(f"{method} {path}: {answer.json()['code']}")
        return answer.json()

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        """One multipart upload."""
        with file.open("rb") as stream:
            return self.call("POST", path, files={"file": (file.name, stream)}, data=fields)

    def portrait(self, name: str, file: Path, email: str = "") -> str:
        """Name a subject and upload their portrait; the portrait's id."""
        subject = self.call("POST", "/subjects", json={"display_name": name, "email": email})
        return str(self.upload("/portraits", file, subject_id=subject["id"])["id"])

    def ask(self, portrait_id: str, purpose: str, basis: str = "other_person", statement: str = "") -> Any:
        """Ask for consent; the answer holds the subject's link where there is somebody to ask."""
        return self.call(
            "POST",
            "/consents",
            json={
                "portrait_id": portrait_id,
                "basis": basis,
                "purpose": purpose,
                "statement": statement,
                "valid_until": (datetime.now(UTC) + timedelta(days=60)).isoformat(),
                "max_videos": 5,
            },
        )

    def video(self, portrait_id: str, audio_id: str, *, waits: bool = True) -> Any:
        """Order a video; by default wait until it stands still."""
        order = {"portrait_id": portrait_id, "driving_audio_id": audio_id, "seed": 7}
        job = self.call("POST", "/jobs", json=order)
        deadline = time.monotonic() + PATIENCE_S
        while waits and job["state"] not in STANDING:
            if time.monotonic() > deadline:
                raise SceneFailed(f"The job is still {job['state']}.")
            time.sleep(1)
            job = self.call("GET", f"/jobs/{job['id']}")
        return job


@dataclass
class Scene:
    """Who is signed in where, and the addresses that have something to show."""

    people: dict[str, Visitor]
    passwords: dict[str, str]
    partner: Partner
    places: dict[str, str]
    video: Path


def sign_in(stack: LocalStack, person: dict[str, str]) -> Visitor:
    """A visitor signed in as one of the seeded people, with the second factor if there is one."""
    visitor = Visitor(stack.base_url)
    visitor.send("/account/login/", login=person["email"], password=person["password"])
    if person["totp_secret"]:
        code = stack.manage("demo_code", person["role"]).strip()
        visitor.send("/account/2fa/authenticate/", code=code)
    return visitor


def stage(stack: LocalStack) -> Scene:
    """Act the whole scene. Takes a minute or two: two videos are made. Raises SceneFailed."""
    seed = json.loads(stack.manage("seed_demo"))
    people = {person["role"]: sign_in(stack, person) for person in seed["people"]}
    people["anybody"] = Visitor(stack.base_url)
    partner = Partner(stack.base_url, seed["api_key"])
    policy = f"/operator/partners/{seed['partner_id']}/policy/"
    policy_page = f"/operator/partners/{seed['partner_id']}/"
    places: dict[str, str] = {"operator_partner": policy_page}

    amara = partner.portrait("Amara", PORTRAITS / "amara.jpg", "amara@mail.example")
    kenji = partner.portrait("Kenji", PORTRAITS / "kenji.jpg", "kenji@mail.example")
    maya = partner.portrait("Maya", PORTRAITS / "maya.jpg")
    tomas = partner.portrait("Tomas", PORTRAITS / "tomas.jpg")
    unasked = partner.portrait("Amara, second picture", PORTRAITS / "amara.jpg")
    speech = partner.upload("/driving-audio", SPEECH / "sample1_female_calm.wav")["id"]
    places["consent_request"] = f"/partner/portraits/{unasked}/consent/"

    subject = people["anybody"]
    asked = partner.ask(amara, "A short welcome on the harbour's information screens")
    receipt = subject.send(asked["subject_link"], answer="grant").url
    places["receipt"] = receipt
    places["withdraw"] = f"{receipt}withdraw/"
    places["consent"] = partner.ask(kenji, "Safety instructions before the ferry leaves")["subject_link"]
    withdrawn = partner.ask(maya, "A greeting for the newsletter")
    taken_back = subject.send(withdrawn["subject_link"], answer="grant").url
    subject.send(f"{taken_back}withdraw/")
    places["receipt_withdrawn"] = taken_back
    attested = partner.ask(
        tomas,
        "A guide through the museum",
        basis="nonexistent_person",
        statement="Rendered by us from a public parametric head; the program and its input are kept.",
    )
    places["consent_review"] = f"/review/consents/{attested['id']}/"

    released = partner.video(amara, speech)
    places["job_released"] = f"/console/jobs/{released['id']}/"
    operator, reviewer = people["operator"], people["reviewer"]
    operator.send(policy, page=policy_page, review_policy="review")
    refused = partner.video(amara, speech)
    review = f"/review/renditions/{refused['rendition_id']}/"
    reviewer.send(
        f"{review}refuse/",
        page=review,
        **{"refuse-reason_code": "poor_quality", "refuse-note": "The lips run late in the last second."},
    )
    places["job_refused"] = f"/console/jobs/{refused['id']}/"
    waiting = partner.video(amara, speech)
    places["job_in_review"] = f"/console/jobs/{waiting['id']}/"
    places["review"] = f"/review/renditions/{waiting['rendition_id']}/"
    operator.send(policy, page=policy_page, review_policy="release")
    cancelled = partner.video(amara, speech, waits=False)
    partner.call("POST", f"/jobs/{cancelled['id']}/cancel")
    places["job_cancelled"] = f"/console/jobs/{cancelled['id']}/"

    people["anybody"].send(
        "/partners/apply/",
        name="Northern Lights Education",
        website="https://lights.example",
        contact_name="Signe",
        contact_email="signe@lights.example",
        purpose="Lessons read by our own teachers, for pupils who live far from school.",
    )
    applied = re.search(r'href="(/operator/partners/[^"]+/)">Northern', operator.read("/operator/partners/"))
    if applied is None:
        raise SceneFailed("The application is not in the operator's list.")
    places["operator_application"] = applied.group(1)
    places["running_speech"] = partner.upload("/driving-audio", SPEECH / "sample3_female_story.wav")["id"]
    places["granted_portrait"] = amara

    video = stack.data_dir / "scene.mp4"
    video.write_bytes(
        requests.get(
            f"{stack.base_url}/v1/renditions/{released['rendition_id']}/file",
            headers={"Authorization": f"Bearer {partner.api_key}"},
            timeout=120,
        ).content
    )
    return Scene(
        people, {person["role"]: person["password"] for person in seed["people"]}, partner, places, video
    )
