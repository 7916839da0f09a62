"""Signal receivers: compare faces when consent is asked, cancel and revoke jobs when it is withdrawn or a
partner suspended.

The signals are sent inside the transaction of the change, and what is done here belongs to it: an error
undoes the whole change. Only the notice by e-mail comes after it, and is lost with the process.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from accounts.models import ConsentGrant, Partner
from accounts.services.consent import hold
from accounts.signals import (
    attestation_deciding,
    consent_asked,
    consent_withdrawn,
    consents_ending,
    partner_suspended,
    voice_withdrawn,
)
from generation.events import JobStateChanged, job_state_changed
from generation.failures import FailureCode
from generation.models import Job, LiveSession, Portrait, Voice
from generation.models.live_session import ACTIVE_STATES
from generation.notices import TOLD
from generation.services.cancel import STOPPABLE, stop_everything
from generation.services.face_register.comparing import compare
from generation.services.live.ending import hold_sessions, stop_sessions
from generation.services.live.reasons import LiveEnd
from generation.tasks import tell_by_email_soon


@receiver([consent_asked, attestation_deciding])
def compare_the_portrait(grant: ConsentGrant, **kwargs: Any) -> None:
    """Compare what is said to show nobody with registered faces and the portraits of the living."""
    compare(Portrait.objects.get(pk=grant.portrait_id))


@receiver(consents_ending)
def hold_what_runs_under_them(grants: list[ConsentGrant], **kwargs: Any) -> None:
    """Lock the live sessions under grants that end: whoever ends one holds it and waits for the log."""
    hold_sessions(LiveSession.objects.filter(consent__in=grants))


@receiver(consent_withdrawn)
def stop_what_the_consent_covered(grant: ConsentGrant, **kwargs: Any) -> None:
    """Cancel running jobs and end live sessions under this grant, and revoke what was made under it."""
    stop_everything(jobs=Job.objects.filter(consent=grant), code=FailureCode.CONSENT_WITHDRAWN)
    stop_sessions(LiveSession.objects.filter(consent=grant), reason=LiveEnd.CONSENT_WITHDRAWN)


@receiver(voice_withdrawn)
def stop_what_the_voice_drives(driving_audio_id: str, **kwargs: Any) -> None:
    """Cancel running jobs with a recording whose speaker was asked, and revoke what was made with it."""
    jobs = Job.objects.filter(driving_audio=driving_audio_id, voice=Voice.SPEAKER)
    stop_everything(jobs=jobs, code=FailureCode.CONSENT_WITHDRAWN)


@receiver(partner_suspended)
def stop_what_the_partner_runs(partner: Partner, **kwargs: Any) -> None:
    """Cancel the partner's running jobs, end its live sessions and revoke its videos."""
    jobs, sessions = Job.objects.filter(partner=partner), LiveSession.objects.filter(partner=partner)
    under_jobs = jobs.filter(state__in=STOPPABLE).values("consent_id")
    under_sessions = sessions.filter(state__in=ACTIVE_STATES).values("consent_id")
    # As a withdrawal does: the consents, then what runs live under them, then the jobs.
    hold(ConsentGrant.objects.filter(Q(pk__in=under_jobs) | Q(pk__in=under_sessions)))
    stop_everything(jobs=jobs, code=FailureCode.PARTNER_SUSPENDED)
    stop_sessions(sessions, reason=LiveEnd.PARTNER_SUSPENDED)


@receiver(job_state_changed)
def tell_who_asked(event: JobStateChanged, **kwargs: Any) -> None:
    """Have whoever asked for it told that a video is finished. Sent after the commit, at most once."""
    if event.after in TOLD:
        tell_by_email_soon(event.job_id, event.after)
