"""Verify a file later: store it, have a worker read it, keep the verdict for a while.

Long files are read so, every file that comes while all readers are busy, and one whose reader gets too little
of a busy machine: none is turned away until storage holds as many as it may. What is kept for strangers is
bounded in number and bytes, in all and for each of them.
"""

from __future__ import annotations

import logging
import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from celery import current_app
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac
from kombu.exceptions import OperationalError

from provenance.common.errors import CodedError
from provenance.models.verification import ProblemJson, Verification, VerificationState
from provenance.services.verify import verify_file
from provenance.verify.reader.reader_pool import HURRIED_S, QUEUE_TIMEOUT_S, ReadersBusy
from provenance.verify.verdict.messages import messages_to_json
from provenance.verify.verdict.verdict import Verdict

TASK = "provenance.tasks.verify_upload"
FOLDER = "verifications"
MOST_WAITING = 100
MOST_WAITING_BYTES = 2_000_000_000
SEND_AFTER = timedelta(minutes=1)  # what could not be sent at once, or whose file is still on its way
SEND_AGAIN_AFTER = timedelta(minutes=10)
# A file takes twenty seconds of a processor at the very most, and a hundred may wait: on a machine that gives
# its readers a third of a processor all are read in that time.
GIVE_UP_AFTER = timedelta(hours=2)
SOONEST_POLL_S, LATEST_POLL_S = 2, 30

logger = logging.getLogger(__name__)


class VerificationLost(CodedError):
    """Nobody read the file in time."""

    code = "verification_lost"
    status = 503
    message = "The file was not read in time."
    hint = "Send it again; if it happens again, report the time it happened."


class TooManyWaiting(CodedError):
    """One sender has as many files waiting as one may have."""

    code = "too_many_waiting"
    status = 429
    message = "Too many of your files wait to be checked already."
    hint = "Wait for their answers, then send the next ones."


def verify_now_or_later(path: Path, *, sender: str, is_for_later: bool = False) -> Verdict | Verification:
    """The verdict on the file at `path`, or when the readers are busy, the verification that will have it.

    `sender` is the address that sent it. Raises `UnsupportedMedia`, and `ReadersBusy` or `TooManyWaiting`
    when no more files may wait. Must be called outside a transaction.
    """
    if not is_for_later:
        try:
            return verify_file(path, queue_timeout_s=QUEUE_TIMEOUT_S, hurried_s=HURRIED_S)
        except ReadersBusy:
            logger.info("The readers are busy; a file is read later")
    return verify_later(path, sender=sender)


def verify_later(path: Path, *, sender: str) -> Verification:
    """Put the file into storage and have a worker read it. Must be called outside a transaction.

    Raises `ReadersBusy` or `TooManyWaiting` when no more files may wait.
    """
    # The row first: a file without one would be nobody's to delete.
    verification = Verification(size_bytes=path.stat().st_size, sender=_digest(sender))
    verification.file_key = f"{FOLDER}/{verification.id}"
    verification.save(force_insert=True)
    try:
        # Counted with its own row in place: however many come at once, no more than the bounds ever stay.
        _check_bounds(verification.sender)
        with path.open("rb") as file:
            storages["media"].save(verification.file_key, File(file))
    except BaseException:
        verification.delete()
        storages["media"].delete(f"{FOLDER}/{verification.id}")
        raise
    _send(verification.id)
    return verification


def verify_stored(verification_id: str) -> None:
    """Read the file of a verification that waits, keep the answer and delete the file. Twice is once."""
    waiting = Verification.objects.filter(pk=verification_id, state=VerificationState.WAITING)
    verification = waiting.first()
    if verification is None:
        return
    answer: dict[str, object]
    try:
        with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".upload") as copy:
            with storages["media"].open(verification.file_key) as stored:
                shutil.copyfileobj(stored, copy)
            copy.flush()
            found = verify_file(Path(copy.name))
            answer = {
                "state": VerificationState.DONE,
                "verdict": found.to_json(),
                "words": messages_to_json(found.messages),
            }
    except FileNotFoundError:
        # Another run has read it, and its answer counts; or the process that took it in ended half-way.
        answer = {"state": VerificationState.REFUSED, "problem": _problem(VerificationLost())}
    except ReadersBusy:
        waiting.update(sent_at=None)  # the sweep sends it again
        return
    except CodedError as error:
        answer = {"state": VerificationState.REFUSED, "problem": _problem(error)}
    _end(verification, answer)


def files_ahead(verification: Verification) -> int:
    """How many files wait that came before this one."""
    waiting = Verification.objects.filter(state=VerificationState.WAITING)
    return waiting.filter(created_at__lt=verification.created_at).count()


def ask_again_after_s(ahead: int) -> int:
    """When it is worth asking again for a verdict with `ahead` files before it, in seconds.

    Who is far behind asks seldom, so that fifty who wait at one address stay within what it may call.
    """
    return min(LATEST_POLL_S, max(SOONEST_POLL_S, ahead // 2))


def keep_answers() -> timedelta:
    """How long a verdict can be fetched."""
    return timedelta(minutes=settings.LIKENESS_KEEP_VERDICTS_MINUTES)


def sweep_verifications() -> None:
    """Send again what nobody read, refuse what nobody will, forget answers after their time."""
    now = timezone.now()
    waiting = Verification.objects.filter(state=VerificationState.WAITING)
    for verification in waiting.filter(created_at__lt=now - GIVE_UP_AFTER):
        _end(verification, {"state": VerificationState.REFUSED, "problem": _problem(VerificationLost())})
    unsent = waiting.filter(sent_at=None, created_at__lt=now - SEND_AFTER)
    for verification in (unsent | waiting.filter(sent_at__lt=now - SEND_AGAIN_AFTER)).order_by("created_at"):
        _send(verification.id)
    Verification.objects.filter(answered_at__lt=now - keep_answers()).delete()


def _check_bounds(sender: str) -> None:
    waiting = Verification.objects.filter(state=VerificationState.WAITING)
    of_one, bytes_of_one = settings.LIKENESS_VERIFY_WAITING_FILES, settings.LIKENESS_VERIFY_WAITING_MB * 10**6
    for rows, most, most_bytes, refusal in (
        (waiting.filter(sender=sender), of_one, bytes_of_one, TooManyWaiting),
        (waiting, MOST_WAITING, MOST_WAITING_BYTES, ReadersBusy),
    ):
        found = rows.aggregate(files=Count("pk"), size=Sum("size_bytes"))
        if found["files"] > most or found["size"] > most_bytes:
            raise refusal


def _end(verification: Verification, answer: dict[str, object]) -> None:
    Verification.objects.filter(pk=verification.pk, state=VerificationState.WAITING).update(
        **answer, file_key="", sender="", answered_at=timezone.now()
    )
    storages["media"].delete(verification.file_key)


def _send(verification_id: str) -> None:
    try:
        current_app.send_task(TASK, args=(verification_id,))
    except OperationalError:
        # The row and the file are there; the sweep sends it again when the broker is back.
        logger.exception("Verification %s could not be sent to a worker", verification_id)
    else:
        Verification.objects.filter(pk=verification_id).update(sent_at=timezone.now())


def _digest(sender: str) -> str:
    return salted_hmac("provenance.verification.sender", sender).hexdigest()[:32]


def _problem(error: CodedError) -> ProblemJson:
    return {"code": error.code, "title": error.message, "hint": error.hint}
