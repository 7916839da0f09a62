"""A released video with all that it rests on, made once for many edits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from pytest_django import DjangoDbBlocker

from accounts.access.actors import actor_of
from accounts.models import ApiKey, ConsentGrant, MemberRole, Partner, StaffRole
from generation.choices.wanted_job import WantedJob
from generation.models import Job, Rendition
from generation.services.review import approve
from generation.services.submit import submit_job
from provenance.models import Record
from tests.conftest import forget_what_was_signed
from tests.factories import (
    PartnerFactory,
    PortraitFactory,
    granted_consent,
    issue_key,
    person,
    staff_member,
)
from tests.generation.conftest import seal, stored_audio, stored_portrait

KINDS: dict[type[Model], str] = {
    Job: "job",
    Rendition: "rendition",
    Record: "record",
    ConsentGrant: "grant",
    Partner: "partner",
    ApiKey: "key",
}


@contextmanager
def taken_down_at_the_end(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is made within lasts for the tests of a class, each of which is rolled back to it."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # as pytest-django's own, which last one test
    with blocker.unblock(), whole:
        cache.clear()
        forget_what_was_signed()  # this is set up before what does so for each test
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Setting:
    """A released video of partner A with a key, and what belongs to partner B, by the columns that would name
    it.
    """

    rendition_id: str
    key_text: str
    others: dict[str, str]


def make_setting(folder: Path) -> Setting:
    partner = PartnerFactory()
    alice = person("Alice", partner=partner, role=MemberRole.OWNER)
    portrait, audio = stored_portrait(partner, folder), stored_audio(partner, folder)
    granted_consent(portrait, alice)
    order: dict[str, Any] = {"portrait_id": portrait.id, "driving_audio_id": audio.id}
    job = submit_job(actor=actor_of(alice), wanted=WantedJob(seed=7, **order))
    rendition = seal(job, folder)
    approve(actor=actor_of(staff_member("Rita", StaffRole.REVIEWER)), rendition_id=rendition.id)

    partner_b = PartnerFactory()
    charlie = person("Charlie", partner=partner_b, role=MemberRole.OWNER)
    theirs = PortraitFactory(partner=partner_b)
    granted = granted_consent(theirs, charlie).grant
    others = {
        "partner": partner_b.id,
        "portrait": theirs.id,
        "driving_audio": stored_audio(partner_b, folder, 0.7).id,
        "consent": granted.id,
        "subject": theirs.subject_id,
        "contact": granted.contact_id,
    }
    return Setting(rendition.id, issue_key(partner), others)


def rows_of(released: Rendition) -> dict[type[Model], Model]:
    """The row of each table that a released video rests on."""
    job = released.job
    return {
        Job: job,
        Rendition: released,
        Record: Record.objects.get(pk=released.id),
        ConsentGrant: job.consent,
        Partner: job.partner,
        ApiKey: ApiKey.objects.get(partner=job.partner),
    }
