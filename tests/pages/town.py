"""A partner in the middle of its work, so that every page has something to show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from accounts.access.actors import actor_of
from accounts.models import Basis, Partner, User
from accounts.services import consent, partners
from accounts.tasks import send_likeness_link
from generation.choices.wanted_job import WantedJob
from generation.models import Job, Rendition
from generation.services.review import approve
from generation.services.submit import submit_job
from provenance.services.misuse import report_misuse
from tests.accounts.reading import found
from tests.factories import (
    PortraitFactory,
    ask_consent,
    ask_subject,
    granted_consent,
    issue_key,
    newest_mail,
)
from tests.generation.conftest import seal, stored_audio, stored_portrait


@dataclass(frozen=True)
class Town:
    """Where the cast finds something to look at."""

    link: str
    receipt: str
    likeness: str
    withdrawn_receipt: str
    portrait_id: str
    waiting: Rendition
    released: Rendition
    queued: Job


def build(partner: Partner, owner: User, reviewer: User, folder: Path) -> Town:
    """Portraits in every state of consent, a job queued, one in review, one released; an application."""
    portrait = stored_portrait(partner, folder)
    audio = stored_audio(partner, folder)
    answer = granted_consent(portrait, owner)
    receipt = answer.withdraw_token
    withdrawn = granted_consent(PortraitFactory(partner=partner), owner).withdraw_token
    consent.withdraw(withdrawn)
    _, link = ask_subject(PortraitFactory(partner=partner), owner)
    consent.send_code(link)
    ask_consent(PortraitFactory(partner=partner), owner, basis=Basis.NONEXISTENT_PERSON)
    unasked = PortraitFactory(partner=partner)

    def order() -> Job:
        return submit_job(
            actor=actor_of(owner),
            wanted=WantedJob(portrait_id=portrait.id, driving_audio_id=audio.id, seed=7),
        )

    released = seal(order(), folder)
    approve(actor=actor_of(reviewer), rendition_id=released.id)
    waiting = seal(order(), folder)
    assert answer.grant.contact is not None
    send_likeness_link(answer.grant.contact.id)
    likeness = found(r"/likeness/([\w-]{43})/", newest_mail(answer.grant.subject.email))
    issue_key(partner)
    report_misuse(kind="deception", text="It is used to sell coins.", rendition_id=released.id)
    partners.apply(
        name="Northern Lights",
        website="https://lights.example",
        contact_name="Signe",
        contact_email="signe@lights.example",
        purpose="Lessons.",
        user=None,
    )
    return Town(link, receipt, likeness, withdrawn, unasked.id, waiting, released, order())
