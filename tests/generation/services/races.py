"""Lets several actors act at the same moment, many times over, and prints as JSON what became of it.

Run by test_races.py as `python -m tests.generation.services.races FOLDER` against a real database: threads
with connections of their own, committed transactions.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from generation.choices.wanted_job import WantedJob

ROUNDS = 8


def main(folder: Path) -> dict[str, list[Any]]:
    """One list of outcomes for each race, once there are tables and keys."""
    from django.core.management import call_command

    from accounts.access.actors import actor_of
    from accounts.models import MemberRole, StaffRole
    from provenance.keys.key_creation import create_missing_keys
    from tests.factories import PartnerFactory, person, staff_member
    from tests.generation.conftest import stored_audio, stored_portrait
    from tests.generation.services.held_races import held_races

    call_command("migrate", interactive=False, verbosity=0)
    create_missing_keys()
    partner = PartnerFactory()
    alice = person("Alice", partner=partner, role=MemberRole.OWNER)
    rita = actor_of(staff_member("Rita", StaffRole.REVIEWER))
    audio = stored_audio(partner, folder)
    portrait = stored_portrait(partner, folder)
    otto = actor_of(staff_member("Otto", StaffRole.OPERATOR))
    setting = Setting(alice, rita, otto, portrait, audio, folder)
    return {
        "withdraw while it is approved": [setting.withdraw_and_approve() for _ in range(ROUNDS)],
        "withdraw while it is cancelled": [setting.withdraw_and_cancel() for _ in range(ROUNDS)],
        "approve twice": [setting.approve_twice() for _ in range(ROUNDS)],
        "claim": [setting.claim_by_four() for _ in range(ROUNDS)],
        "suspend while jobs are cancelled": [setting.suspend_and_cancel() for _ in range(ROUNDS // 3)],
        "submit for the last video": [setting.submit_for_the_last_video() for _ in range(ROUNDS // 2)],
        "partners submit at once": partners_submit_at_once(folder),
        "withdraw everything while jobs are cancelled": [
            setting.withdraw_all_and_cancel() for _ in range(ROUNDS // 2)
        ],
        "withdraw while the first of two approves": [
            setting.withdraw_and_approve_first() for _ in range(ROUNDS // 2)
        ],
        "one holds its rows": [held_races(setting)],
    }


def at_once(*actions: Callable[[], Any]) -> list[str]:
    """Run the actions in threads that start together; what each returned or raised, by name."""
    from django.db import connections

    from provenance.common.errors import CodedError

    outcomes = [""] * len(actions)
    barrier = threading.Barrier(len(actions))

    def run(place: int, action: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes[place] = "nothing" if action() is None else "done"
        except CodedError as refusal:
            outcomes[place] = refusal.code
        except Exception as error:  # noqa: BLE001 - a deadlock must show up in the report, not in a lost thread
            outcomes[place] = f"{type(error).__name__}: {error}"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@dataclass
class Setting:
    """A partner with a portrait; every race gets a consent and a job of its own."""

    alice: Any
    rita: Any
    otto: Any
    portrait: Any
    audio: Any
    folder: Path

    def job(self, *, max_videos: int = 1) -> tuple[Any, Any]:
        """A fresh consent and a queued job under it; of somebody new, as nobody is asked that often."""
        from accounts.access.actors import actor_of
        from tests.factories import SubjectFactory, granted_consent

        self.portrait.subject = SubjectFactory(partner=self.portrait.partner)
        self.portrait.save()
        answer = granted_consent(self.portrait, self.alice, max_videos=max_videos)
        return answer, lambda: self._submit(actor_of(self.alice))

    def _submit(self, actor: Any, portrait_id: str = "") -> Any:
        from generation.services.submit import submit_job

        return submit_job(
            actor=actor,
            wanted=WantedJob(
                portrait_id=portrait_id or self.portrait.id, driving_audio_id=self.audio.id, seed=1
            ),
        )

    def _end(self) -> None:
        """Use up or withdraw what is left, so that rounds do not share a consent."""
        from django.db.models import F

        from accounts.models import ConsentGrant

        ConsentGrant.objects.filter(used_videos__lt=F("max_videos")).update(used_videos=F("max_videos"))

    def withdraw_and_approve(self) -> dict[str, Any]:
        """The subject withdraws at the moment the reviewer approves."""
        from accounts.services import consent as consents
        from generation.models import Job
        from generation.services.review import approve
        from provenance.models.record import Record
        from tests.generation.conftest import seal

        answer, submit = self.job()
        rendition = seal(submit(), self.folder)
        outcomes = at_once(
            lambda: consents.withdraw(answer.withdraw_token),
            lambda: approve(actor=self.rita, rendition_id=rendition.id),
        )
        return {
            "outcomes": outcomes,
            "job": Job.objects.get(pk=rendition.job_id).state,
            "record": Record.objects.get(rendition_id=rendition.id).state,
        }

    def withdraw_and_cancel(self) -> dict[str, Any]:
        """The subject withdraws at the moment the partner cancels."""
        from accounts.access.actors import actor_of
        from accounts.models import ConsentGrant
        from accounts.services import consent as consents
        from generation.models import Job
        from generation.services.cancel import cancel_job

        answer, submit = self.job()
        job = submit()
        outcomes = at_once(
            lambda: consents.withdraw(answer.withdraw_token),
            lambda: cancel_job(actor=actor_of(self.alice), job_id=job.id),
        )
        grant = ConsentGrant.objects.get(pk=answer.grant.pk)
        self._end()
        return {
            "outcomes": outcomes,
            "job": Job.objects.get(pk=job.id).state,
            "used_videos": grant.used_videos,
        }

    def approve_twice(self) -> dict[str, Any]:
        """Two tabs of the reviewer approve at the same moment."""
        from generation.services.review import approve
        from provenance.models.log import LogEntry
        from tests.generation.conftest import seal

        _, submit = self.job()
        rendition = seal(submit(), self.folder)
        outcomes = at_once(*[lambda: approve(actor=self.rita, rendition_id=rendition.id)] * 2)
        released = LogEntry.objects.filter(event="rendition.released", body__contains=rendition.id)
        return {"outcomes": outcomes, "entries": released.count()}

    def claim_by_four(self) -> dict[str, Any]:
        """Four workers get the same message."""
        from accounts.access.actors import actor_of
        from generation.services.advance import claim
        from generation.services.cancel import cancel_job

        _, submit = self.job()
        job = submit()
        outcomes = at_once(*[lambda: claim(job_id=job.id)] * 4)
        job.refresh_from_db()
        cancel_job(actor=actor_of(self.alice), job_id=job.id)
        self._end()
        return {"outcomes": sorted(outcomes), "attempts": job.attempts}

    def suspend_and_cancel(self) -> dict[str, Any]:
        """The operator suspends the partner at the moment it cancels its jobs, each under its own consent."""
        from accounts.access.actors import actor_of
        from accounts.services import partners
        from generation.models import Job
        from generation.services.cancel import cancel_job

        partner_id = self.portrait.partner_id
        jobs = [self.job()[1]() for _ in range(4)]
        outcomes = at_once(
            lambda: partners.suspend(partner_id=partner_id, actor=self.otto, reason="A race."),
            *[lambda job=job: cancel_job(actor=actor_of(self.alice), job_id=job.id) for job in jobs],
        )
        partners.reinstate(partner_id=partner_id, actor=self.otto, reason="It is over.")
        self._end()
        states = Job.objects.filter(pk__in=[job.id for job in jobs]).values_list("state", flat=True)
        return {"outcomes": outcomes, "states": sorted(states)}

    def submit_for_the_last_video(self) -> dict[str, Any]:
        """Four requests want the one video that the subject granted."""
        from accounts.access.actors import actor_of
        from generation.models import Job
        from generation.services.cancel import cancel_job

        answer, submit = self.job()
        outcomes = at_once(*[submit] * 4)
        jobs = Job.objects.filter(consent=answer.grant)
        count = jobs.count()
        for job in jobs:
            cancel_job(actor=actor_of(self.alice), job_id=job.id)
        self._end()
        return {"outcomes": sorted(outcomes), "jobs": count}

    def withdraw_all_and_cancel(self) -> dict[str, Any]:
        """The subject withdraws four consents at once at the moment the partner cancels the job of each."""
        from accounts.access.actors import actor_of
        from accounts.services import likeness
        from generation.models import Job
        from generation.services.cancel import cancel_job
        from tests.factories import SubjectFactory, granted_consent
        from tests.generation.conftest import stored_portrait

        partner = self.portrait.partner
        subject, jobs = SubjectFactory(partner=partner), []
        for number in range(4):
            portrait = stored_portrait(partner, self.folder, size=384 + 2 * number)
            portrait.subject = subject
            portrait.save()
            answer = granted_consent(portrait, self.alice, max_videos=1)
            jobs.append(self._submit(actor_of(self.alice), portrait.id))
        contact = answer.grant.contact
        assert contact is not None
        outcomes = at_once(
            lambda: likeness.withdraw_all(contact),
            *[
                lambda job=job: cancel_job(actor=actor_of(self.alice), job_id=job.id)
                for job in reversed(jobs)
            ],
        )
        states = Job.objects.filter(pk__in=[job.id for job in jobs]).values_list("state", flat=True)
        return {"outcomes": outcomes, "states": sorted(states)}

    def withdraw_and_approve_first(self) -> dict[str, Any]:
        """The subject withdraws at the moment the first of two reviewers approves four videos."""
        from accounts.models import Partner, ReviewPolicy
        from accounts.services import consent as consents
        from generation.models import Job
        from generation.services.review import approve
        from tests.generation.conftest import seal

        answer, submit = self.job(max_videos=4)
        renditions = [seal(submit(), self.folder) for _ in range(4)]
        policies = Partner.objects.filter(pk=self.portrait.partner_id)
        policies.update(review_policy=ReviewPolicy.TWO_REVIEWERS)
        outcomes = at_once(
            lambda: consents.withdraw(answer.withdraw_token),
            *[lambda one=one: approve(actor=self.rita, rendition_id=one.id) for one in reversed(renditions)],
        )
        policies.update(review_policy=ReviewPolicy.REVIEW)
        states = Job.objects.filter(consent=answer.grant).values_list("state", flat=True)
        return {"outcomes": outcomes, "states": sorted(states)}


def partners_submit_at_once(folder: Path) -> list[dict[str, Any]]:
    """Six partners want one job each at the same moment, and the promise has room for three."""
    from unittest import mock

    from django.test import override_settings

    from accounts.access.actors import actor_of
    from accounts.models import MemberRole
    from generation.admission import capacity
    from generation.models import Job
    from generation.services.cancel import cancel_job
    from generation.services.submit import submit_job
    from tests.factories import PartnerFactory, granted_consent, person
    from tests.generation.conftest import stored_audio, stored_portrait

    owners: dict[str, Any] = {}
    submissions: list[Callable[[], Any]] = []
    for number in range(6):
        partner = PartnerFactory()
        owner = person(f"Owner{number}", partner=partner, role=MemberRole.OWNER)
        portrait, audio = stored_portrait(partner, folder), stored_audio(partner, folder)
        granted_consent(portrait, owner, max_videos=100)
        owners[partner.id] = actor_of(owner)
        wanted = WantedJob(portrait_id=portrait.id, driving_audio_id=audio.id, seed=1)
        submissions.append(partial(submit_job, actor=owners[partner.id], wanted=wanted))
    ten_seconds = mock.patch.object(capacity, "frame_s", return_value=10 / capacity.LEAST_FRAMES)
    rounds = []
    with override_settings(LIKENESS_JOB_MAX_WAIT_S=30), ten_seconds:  # a partner's first job: within 27 s
        for _ in range(ROUNDS // 2):
            outcomes = at_once(*submissions)
            jobs = Job.objects.filter(state="queued")
            rounds.append({"outcomes": sorted(outcomes), "jobs": len(jobs)})
            for job in jobs:
                cancel_job(actor=owners[job.partner_id], job_id=job.id)
    return rounds


if __name__ == "__main__":
    import django

    django.setup()
    from django.conf import settings

    # The subjects' mailboxes are read in this process.
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201
