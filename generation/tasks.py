"""Celery tasks of generation: rendering in the queues `cpu` and `gpu`, the reconciler in `io`."""

from __future__ import annotations

import contextlib
import logging
from functools import cache
from typing import TYPE_CHECKING

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from accounts.models import Partner
from generation import notices
from generation.admission import usage
from generation.models import Job
from generation.services.erasure import run
from generation.services.face_register import describing, registering
from generation.services.live.ending import end_lost_sessions
from generation.services.live_check import checking
from generation.services.production.workspace import sweep_workspaces
from generation.services.reconcile import reconcile as reconcile_jobs
from generation.services.segments.sweep import sweep_segments
from generation.services.voice_consent import asking
from generation.traces import attempt_span
from generation.turn import next_in_turn, queue_of
from provenance.common.clock import is_clock_right
from provenance.services.journal import require_caught_up
from provenance.services.log import LogDamaged

if TYPE_CHECKING:
    from generation.animation.protocols import PortraitAnimator

MOST_TRIES = 10
HELP_AGAIN_S = 1.0

logger = logging.getLogger(__name__)


@cache
def _animator(renderer: str) -> PortraitAnimator:
    """A renderer with the motion source of the settings, loaded by the first job of a worker child that needs
    it and kept for the next ones.

    Imported here and not above: the web process and the parent of the worker's children never load torch, and
    CUDA does not survive a fork.
    """
    import torch  # noqa: PLC0415

    from generation.animation.composition import load_animator  # noqa: PLC0415

    # The speech network works in windows too small to share out: with two threads on two busy cores it took
    # four times as long as with one, as its threads wait by spinning.
    torch.set_num_threads(1)
    return load_animator(
        renderer=renderer,
        motion_source=settings.LIKENESS_MOTION_SOURCE,
        device=settings.LIKENESS_RENDER_DEVICE,
    )


@shared_task
def run_job(job_id: str) -> None:
    """Work on the job whose turn it is in the queue of this one, if any waits.

    There is a message for each job that waits, so each gets its turn. Running it twice is the same as running
    it once: what was done is not done again.
    """
    from generation.services.attempt import run_attempt  # noqa: PLC0415

    if not is_clock_right():  # the job waits for a machine that knows the time
        return
    queue = queue_of(job_id)
    # Another worker may take the same one first; then this message is for the next.
    for _ in range(MOST_TRIES):
        turn = None if queue is None else next_in_turn(queue)
        if turn is None:
            return
        job = Job.objects.filter(pk=turn).only("partner_id", "traceparent").get()
        with (
            structlog.contextvars.bound_contextvars(job_id=turn, partner_id=job.partner_id),
            attempt_span(job_id=turn, partner_id=job.partner_id, traceparent=job.traceparent),
        ):
            if run_attempt(job_id=turn, load_animator=_animator):
                return


@shared_task
def help_with_segments(job_id: str, attempt: str) -> None:
    """Make segments of a long video that another worker joins. Running it twice is the same as running it
    once: a segment is made by whoever takes it.

    Jobs that wait go first: then the message goes to the end of the queue again.
    """
    from generation.services.segments.helping import Help, help_with  # noqa: PLC0415

    if not is_clock_right():
        return
    with structlog.contextvars.bound_contextvars(job_id=job_id):
        ended = help_with(job_id=job_id, attempt=attempt, load_animator=_animator)
    queue = queue_of(job_id)
    if ended is Help.JOBS_WAIT and queue is not None:
        with contextlib.suppress(OperationalError):
            help_with_segments.apply_async((job_id, attempt), queue=queue, countdown=HELP_AGAIN_S)


@shared_task
def erase_what_is_due() -> None:
    """Erase what no consent has covered for the stated days. Running it again does nothing."""
    try:
        done = run.erase_what_is_due()
    except LogDamaged:
        logger.warning("Nothing is erased while the log stands still")
        return
    if any(vars(done).values()):
        logger.warning("Erased: %s", done)


@shared_task
def sweep_strays() -> None:
    """Remove files that nothing refers to. Running it again finds none."""
    try:
        run.sweep_strays()
    except LogDamaged:
        logger.warning("Nothing is swept while the log stands still")


@shared_task(soft_time_limit=300, time_limit=330)
def check_recording(recording_id: str) -> None:
    """Look at the recording of a live check. Running it again does nothing."""
    checking.check_recording(recording_id)


def check_recording_soon(recording_id: str) -> None:
    """Have a worker look at a recording; while the broker is away the periodic task finds it."""
    with contextlib.suppress(OperationalError):
        check_recording.delay(recording_id)


@shared_task(soft_time_limit=1500, time_limit=1600)
def check_recordings() -> None:
    """Look at every recording that nobody has looked at. Running it again finds none."""
    for recording_id in checking.unchecked():
        checking.check_recording(recording_id)
    for registration_id in registering.unchecked_registrations():
        registering.check_registration(registration_id)


@shared_task(soft_time_limit=300, time_limit=330)
def check_registration(registration_id: str) -> None:
    """Look at the recording of somebody who registers their face. Running it again does nothing."""
    registering.check_registration(registration_id)


def check_registration_soon(registration_id: str) -> None:
    """Have a worker look at it; while the broker is away the periodic task finds it."""
    with contextlib.suppress(OperationalError):
        check_registration.delay(registration_id)


@shared_task(soft_time_limit=120, time_limit=150)
def describe_portrait(portrait_id: str) -> None:
    """Describe the face of a portrait and compare it. Running it again does nothing."""
    describing.describe(portrait_id)


def describe_portrait_soon(portrait_id: str) -> None:
    """Have a worker describe a portrait; while the broker is away the periodic task finds it."""
    with contextlib.suppress(OperationalError):
        describe_portrait.delay(portrait_id)


@shared_task
def tell_by_email(job_id: str, state: str) -> None:
    """Tell whoever asked for it that a video is finished. Running it twice sends two e-mails."""
    notices.tell(job_id, state)


def tell_by_email_soon(job_id: str, state: str) -> None:
    """Have a worker send the e-mail, if one was asked for; while the broker is away none is sent."""
    if Job.objects.filter(pk=job_id, tell_by_email=True).exists():
        with contextlib.suppress(OperationalError):
            tell_by_email.delay(job_id, state)


@shared_task
def send_voice_requests() -> None:
    """Send requests to speakers that no mail server has taken. None is sent twice."""
    asking.send_unsent()


@shared_task(soft_time_limit=1500, time_limit=1600)
def describe_portraits() -> None:
    """Describe every portrait that was not described yet, those of earlier versions too."""
    for portrait_id in describing.undescribed():
        describing.describe(portrait_id)


@shared_task
def add_up_usage(partner_id: str) -> None:
    """Renew the sums that a partner with very many jobs sees of its usage. Running it again does the same."""
    if (partner := Partner.objects.filter(pk=partner_id).first()) is not None:
        usage.add_up_usage(partner)


@shared_task
def reconcile() -> None:
    """Find jobs that got lost, and what their workers left on this machine. Fails without the journal.

    A machine whose clock is off finds none.
    """
    require_caught_up()
    if not is_clock_right():
        return
    done = reconcile_jobs()
    end_lost_sessions()
    sweep_workspaces()
    sweep_segments()
    if any(vars(done).values()):
        logger.warning("Reconciled jobs: %s", done)
