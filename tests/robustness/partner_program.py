"""A partner's program: nothing but HTTP and a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from config.local_stack import LocalStack
from tools.mailbox import Mailbox
from tools.visitor import Visitor, say_yes, sign_in

ANSWER_S = 90


@dataclass(frozen=True)
class PartnerProgram:
    """Calls the API of the service at `base_url` with the key of one partner."""

    base_url: str
    api_key: str
    mail: Path = Path()  # where the service writes what it sends to subjects
    reviewer: Visitor | None = None  # who sees that subjects are themselves

    def send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """One call and whatever answer it gets."""
        return requests.request(
            method,
            f"{self.base_url}/v1{path}",
            headers={"Authorization": f"Bearer {self.api_key}"},
            timeout=ANSWER_S,
            **arguments,
        )

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """One call that must be answered well; its JSON."""
        answer = self.send(method, path, **arguments)
        assert answer.ok, answer.text
        return answer.json()

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        """One file under the field name `file`."""
        with file.open("rb") as stream:
            return self.call("POST", path, files={"file": (file.name, stream)}, data=fields)

    def job(self, job_id: str) -> Any:
        """The job as it is now."""
        return self.call("GET", f"/jobs/{job_id}")

    def videos_used(self, portrait_id: str) -> int:
        """How many videos the consent for a portrait has given so far."""
        (consent,) = self.call("GET", "/consents", params={"portrait_id": portrait_id})["items"]
        return int(consent["used_videos"])


@dataclass(frozen=True)
class Inputs:
    """A portrait and driving audio that jobs can be made of, and the subject's way to take consent back."""

    portrait_id: str
    driving_audio_id: str
    receipt: str

    @property
    def order(self) -> dict[str, Any]:
        """The body of a job that uses them."""
        return {"portrait_id": self.portrait_id, "driving_audio_id": self.driving_audio_id, "seed": 7}


def program_of(stack: LocalStack, seed: dict[str, Any]) -> PartnerProgram:
    """The seeded partner of a service, with a reviewer who has signed in."""
    reviewer = next(person for person in seed["people"] if person["role"] == "reviewer")
    return PartnerProgram(stack.base_url, seed["api_key"], stack.data_dir / "mail", sign_in(stack, reviewer))


def consented_inputs(partner: PartnerProgram, portrait: Path, speech: Path, *, max_videos: int) -> Inputs:
    """Upload both and let the subject say yes."""
    portrait_id, mailbox = uploaded_portrait(partner, portrait)
    ask_for_consent(partner, portrait_id, max_videos=max_videos)
    assert partner.reviewer is not None
    receipt = say_yes(mailbox, partner.reviewer)
    speech_id = partner.upload("/driving-audio", speech, voice="synthetic")["id"]
    return Inputs(portrait_id, speech_id, receipt)


def uploaded_portrait(partner: PartnerProgram, portrait: Path) -> tuple[str, Mailbox]:
    """The id of the portrait, uploaded for a subject of its own, and that subject's mailbox."""
    address = f"subject-{uuid4().hex}@mail.example"
    subject = partner.call("POST", "/subjects", json={"display_name": "Somebody", "email": address})
    portrait_id = str(partner.upload("/portraits", portrait, subject_id=subject["id"])["id"])
    return portrait_id, Mailbox(partner.mail, address)


def ask_for_consent(partner: PartnerProgram, portrait_id: str, *, max_videos: int) -> Any:
    """Have the subject asked at their own address."""
    return partner.call(
        "POST",
        "/consents",
        json={
            "portrait_id": portrait_id,
            "basis": "other_person",
            "purpose": "Trying what happens when something breaks",
            "valid_until": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
            "max_videos": max_videos,
        },
    )


def press(page: str, **fields: str) -> str:
    """Open a page without an account and send its form; the address of the page that follows."""
    session = requests.Session()
    opened = session.get(page, timeout=ANSWER_S)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', opened.text)
    assert opened.ok, opened.status_code
    assert token, opened.text
    form = {"csrfmiddlewaretoken": token.group(1), **fields}
    answer = session.post(page, data=form, headers={"Referer": page}, timeout=ANSWER_S)
    assert answer.ok, answer.status_code
    return answer.url


def withdraw(receipt: str) -> None:
    """The subject changes their mind."""
    press(f"{receipt}withdraw/")
