"""Tells people by e-mail that a video of theirs is finished, if they asked for it."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.notify.emails import send_on_commit
from generation.models import Job
from generation.states import JobState

# Said once the work is over; of a video that waits for a reviewer it is told when it is decided, too.
TOLD: Final = frozenset({JobState.IN_REVIEW, JobState.RELEASED, JobState.REJECTED, JobState.FAILED})


def tell(job_id: str, state: str) -> bool:
    """Send the e-mail about a job that came into a state; False where nobody is told.

    Nothing is said of a state that is over already, such as the review that a released video passed through
    in one step.
    """
    with transaction.atomic():
        job = (
            Job.objects.select_related("portrait__subject")
            .filter(pk=job_id, state=state, tell_by_email=True)
            .first()
        )
        person = User.objects.filter(pk=job.submitted_by, is_active=True).first() if job else None
        if job is None or person is None or state not in TOLD:
            return False
        name = job.title or job.portrait.subject.shown_name
        context: dict[str, object] = {
            "person": person,
            "name": name,
            "state": state,
            "reason": job.reason_message if state in {JobState.FAILED, JobState.REJECTED} else "",
            "link": f"{settings.LIKENESS_BASE_URL.rstrip('/')}{reverse('job', args=[job.pk])}",
        }
        send_on_commit("video_finished", to=person.email, context=context)
    return True
