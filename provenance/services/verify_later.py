"""Verifying long files without keeping the caller: take the file in, read it in a worker, keep the answer."""

from __future__ import annotations

import logging
import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from celery import current_app
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils import timezone
from kombu.exceptions import OperationalError

from provenance.errors import CodedError
from provenance.models.verification import Verification, VerificationState
from provenance.services.verify import verify_file

TASK = "provenance.tasks.verify_upload"
FOLDER = "verifications"
ASK_AGAIN_AFTER = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(minutes=15)
KEEP_ANSWERS = timedelta(hours=1)

logger = logging.getLogger(__name__)


class VerificationLost(CodedError):
    """Nobody read the file in time."""

    code = "verification_lost"
    status = 503
    message = "The file was not read in time."
    hint = "Send it again; if it happens again, report the time it happened."


def verify_later(path: Path) -> Verification:
    """Put the file into storage and have a worker read it. Must be called outside a transaction."""
    # The row first: a file without one would be nobody's to delete.
    verification = Verification()
    verification.file_key = f"{FOLDER}/{verification.id}"
    verification.save(force_insert=True)
    with path.open("rb") as file:
        storages["media"].save(verification.file_key, File(file))
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
        with NamedTemporaryFile(suffix=".upload") as copy:
            with storages["media"].open(verification.file_key) as stored:
                shutil.copyfileobj(stored, copy)
            copy.flush()
            answer = {"state": VerificationState.DONE, "verdict": verify_file(Path(copy.name)).to_json()}
    except FileNotFoundError:
        return  # another run has read it; its answer counts
    except CodedError as error:
        answer = {"state": VerificationState.REFUSED, "problem": _problem(error)}
    waiting.update(**answer, file_key="")
    storages["media"].delete(verification.file_key)


def sweep_verifications() -> None:
    """Send again what nobody read, refuse what nobody will, forget answers after an hour."""
    now = timezone.now()
    waiting = Verification.objects.filter(state=VerificationState.WAITING)
    for verification in waiting.filter(created_at__lt=now - GIVE_UP_AFTER):
        problem = _problem(VerificationLost())
        Verification.objects.filter(pk=verification.pk, state=VerificationState.WAITING).update(
            state=VerificationState.REFUSED, problem=problem, file_key=""
        )
        storages["media"].delete(verification.file_key)
    for verification in waiting.filter(created_at__lt=now - ASK_AGAIN_AFTER):
        _send(verification.id)
    Verification.objects.filter(created_at__lt=now - KEEP_ANSWERS).exclude(
        state=VerificationState.WAITING
    ).delete()


def _send(verification_id: str) -> None:
    try:
        current_app.send_task(TASK, args=(verification_id,))
    except OperationalError:
        # The row and the file are there; the sweep sends it again when the broker is back.
        logger.exception("Verification %s could not be sent to a worker", verification_id)


def _problem(error: CodedError) -> dict[str, str]:
    return {"code": error.code, "title": error.message, "hint": error.hint}
