"""A partner, its subjects and the staff at work, so that every page of a running service shows something.

Everything happens through the public API and the pages' own forms, as these people would do it.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from config.local_stack import LocalStack
from tools.mailbox import Mailbox
from tools.visitor import Visitor, agree, say_yes, sign_in

ROOT = Path(__file__).resolve().parent.parent
PORTRAITS = ROOT / "samples/portraits"
SPEECH = ROOT / "samples/speech"
PATIENCE_S = 600
STANDING = {"in_review", "released", "rejected", "failed", "cancelled", "revoked"}


class SceneFailed(RuntimeError):
    """A step of the scene was refused; the message is the service's own."""


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
        """Ask for consent: the subject at their address, or a reviewer where there is nobody to ask."""
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


def gather(stack: LocalStack) -> Scene:
    """Everybody signed in, before anybody did anything."""
    seed = json.loads(stack.manage("seed_demo"))
    people = {person["role"]: sign_in(stack, person) for person in seed["people"]}
    people["anybody"] = Visitor(stack.base_url)
    return Scene(
        people,
        {person["role"]: person["password"] for person in seed["people"]},
        Partner(stack.base_url, seed["api_key"]),
        {"operator_partner": f"/operator/partners/{seed['partner_id']}/"},
        stack.data_dir / "scene.mp4",
    )


def stage(stack: LocalStack, scene: Scene) -> None:
    """Act the whole scene. Takes a minute or two: four videos are made. Raises SceneFailed."""
    people, partner, places = scene.people, scene.partner, scene.places
    policy_page = places["operator_partner"]
    policy = f"{policy_page}policy/"

    amara = partner.portrait("Amara", PORTRAITS / "amara.jpg", "amara@mail.example")
    kenji = partner.portrait("Kenji", PORTRAITS / "kenji.jpg", "kenji@mail.example")
    maya = partner.portrait("Maya", PORTRAITS / "maya.jpg", "maya@mail.example")
    tomas = partner.portrait("Tomas", PORTRAITS / "tomas.jpg")
    unasked = partner.portrait("Amara, second picture", PORTRAITS / "amara.jpg", "amara@mail.example")
    speech = partner.upload("/driving-audio", SPEECH / "sample1_female_calm.wav", voice="synthetic")["id"]
    places["motion_track"] = f"/console/driving-audio/{speech}/motion/"
    speaker = partner.call("POST", "/subjects", json={"display_name": "Nora", "email": "nora@mail.example"})
    partner.upload(
        "/driving-audio",
        SPEECH / "sample2_male_bright.wav",
        voice="speaker",
        speaker_id=speaker["id"],
        purpose="The words of welcome on the harbour's information screens",
    )
    places["voice"] = Mailbox(stack.data_dir / "mail", "nora@mail.example").newest(
        r"(https?://\S+/voice/[\w-]{43}/)"
    )
    places["consent_request"] = f"/partner/portraits/{unasked}/consent/"
    places["portrait"] = f"/console/portraits/{unasked}/"

    def mailbox(name: str) -> Mailbox:
        return Mailbox(stack.data_dir / "mail", f"{name}@mail.example")

    subject = people["anybody"]
    partner.ask(amara, "A short welcome on the harbour's information screens")
    receipt = say_yes(mailbox("amara"), people["reviewer"])
    places["receipt"] = receipt
    places["withdraw"] = f"{receipt}withdraw/"
    partner.ask(kenji, "Safety instructions before the ferry leaves")
    places["consent"] = mailbox("kenji").consent_link()
    places["consent_live"] = subject.send(places["consent"], answer="grant").url
    places["consent_code"] = subject.send(places["consent"], answer="code").url
    partner.ask(maya, "A greeting for the newsletter")
    taken_back = say_yes(mailbox("maya"), people["reviewer"])
    subject.send(f"{taken_back}withdraw/")
    places["receipt_withdrawn"] = taken_back
    attested = partner.ask(
        tomas,
        "A guide through the museum",
        basis="nonexistent_person",
        statement="Rendered by us from a public parametric head; the program and its input are kept.",
    )
    places["consent_review"] = f"/review/consents/{attested['id']}/"
    second = partner.portrait("Maya's sister", PORTRAITS / "maya.jpg", "sister@mail.example")
    asked = partner.ask(second, "A welcome at the museum")
    places["consent_recorded"] = agree(mailbox("sister"))
    places["recording_review"] = f"/review/recordings/{asked['id']}/"

    released = partner.video(amara, speech)
    places["job_released"] = f"/console/jobs/{released['id']}/"
    places["audit_video"] = f"/audit/videos/{released['rendition_id']}/"
    operator, reviewer = people["operator"], people["reviewer"]
    operator.send(policy, page=policy_page, review_policy="review")
    for place in ("job_refused", "job_appealed"):
        refused = partner.video(amara, speech)
        review = f"/review/renditions/{refused['rendition_id']}/"
        reviewer.send(
            f"{review}refuse/",
            page=review,
            **{"refuse-reason_code": "poor_quality", "refuse-note": "The lips run late in the last second."},
        )
        places[place] = f"/console/jobs/{refused['id']}/"
    people["owner"].send(
        f"/console/renditions/{refused['rendition_id']}/appeal/",
        page=places["job_appealed"],
        text="The lips are with the sound: the recording itself has an echo in its last second.",
    )
    places["audit_refused"] = f"/audit/videos/{refused['rendition_id']}/"
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
    places["running_speech"] = partner.upload(
        "/driving-audio", SPEECH / "sample3_female_story.wav", voice="synthetic"
    )["id"]
    places["granted_portrait"] = amara

    subject.send("/likeness/", address="amara@mail.example")
    places["my_likeness"] = mailbox("amara").likeness_link()
    places["my_likeness_withdraw"] = f"{places['my_likeness']}withdraw/"
    places["my_likeness_erase"] = f"{places['my_likeness']}erase/"
    places["portrait_delete"] = f"/console/portraits/{maya}/delete/"
    places["video_delete"] = f"/console/renditions/{released['rendition_id']}/delete/"

    people["anybody"].send(
        "/verify/report/",
        kind="deception",
        text="It is shown in an advertisement for coins, as if she had advised to buy them.",
        contact="reader@mail.example",
        rendition_id=released["rendition_id"],
    )
    webhook = partner.call("POST", "/webhooks", json={"url": "http://localhost:9/hook"})
    partner.call("POST", f"/webhooks/{webhook['id']}/test")
    places["webhook"] = f"/partner/webhooks/{webhook['id']}/"

    scene.video.write_bytes(
        requests.get(
            f"{stack.base_url}/v1/renditions/{released['rendition_id']}/file",
            headers={"Authorization": f"Bearer {partner.api_key}"},
            timeout=120,
        ).content
    )
