"""Runs retention: begins what is due, finishes what has begun, erases names; and sweeps strays."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.access.actors import SYSTEM
from accounts.services.contacts.expiry import delete_expired
from accounts.services.erasure import erase_contact, erase_subject
from generation.models import ErasureReason
from generation.services.erasure.due import Retention
from generation.services.erasure.erase import begin, finish_or_later, unfinished
from generation.services.erasure.strays import sweep
from generation.services.resumable.uploading import drop_expired
from provenance.common.clock import now_of_database
from provenance.models.log import LogEntry
from provenance.services import journal
from provenance.services.log import require_log_goes_on
from provenance.services.misuse import forget_closed

logger = logging.getLogger(__name__)


class ClockBehind(Exception):
    """The log has entries of a later time than this clock's: nothing is erased by it."""


@dataclass
class Erased:
    """How much one run erased, and what is still to be done."""

    files: int = 0
    subjects: int = 0
    contacts: int = 0
    left: int = 0


def erase_what_is_due() -> Erased:
    """Erase what no consent has covered for the stated days. Again does nothing.

    Raises LogDamaged while the log stands still: then it is not known what was granted. Raises JournalUnread
    and ClockBehind.
    """
    journal.require_caught_up()
    journal.write_unwritten()
    at = _time_to_go_by()
    journal.append_missing()
    retention = Retention(at)
    for rows in (
        retention.renditions,
        retention.kept_sessions,
        retention.portraits,
        retention.driving_audio,
        retention.live_recordings,
        retention.face_registrations,
    ):
        for row in rows():
            begin(row, reason=ErasureReason.RETENTION, actor_id=SYSTEM.id)
    done = Erased()
    for row in unfinished():
        done.files += finish_or_later(row)
    done.left = sum(1 for _ in unfinished())
    done.subjects = sum(erase_subject(subject, actor_id=SYSTEM.id) for subject in retention.subjects())
    done.contacts = sum(erase_contact(contact) for contact in retention.contacts())
    delete_expired()
    drop_expired(at)
    forget_closed(at)
    if done.files or done.subjects or done.contacts:
        _drop_old_pages()
    return done


def _drop_old_pages() -> None:
    """Have SQLite empty its write-ahead log, in which rows stand as they were before they were erased.

    While somebody reads it keeps what they need; a later run empties it then. PostgreSQL's vacuum needs no
    help.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def sweep_strays() -> int:
    """Remove files that nothing refers to; how many. Raises as `erase_what_is_due`.

    After a restore the log stands still, and files of rows that may still be brought back are no strays.
    """
    journal.require_caught_up()
    return sweep(_time_to_go_by())


def _time_to_go_by() -> datetime:
    require_log_goes_on()
    at = now_of_database()
    newest = LogEntry.objects.order_by("-index").values_list("time", flat=True).first()
    if newest is not None and newest > at:
        raise ClockBehind
    return at
