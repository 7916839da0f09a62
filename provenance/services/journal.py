"""Keeps the erasure journal, and applies again what a restored database has forgotten.

A withdrawal or erasure is noted in its transaction (`note`) and copied to the journal after the commit. A
database that was put back lacks rows that the journal has; `require_caught_up` stands before everything that
is served or made, and applies those first.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from provenance.common.errors import CodedError
from provenance.common.journal_steps import steps_of
from provenance.log.journal import FileJournalStore, JournalLine, JournalStore
from provenance.models.journal import JournalEntry
from provenance.selectors.log import LogDamaged
from provenance.selectors.signed_head import require_log_goes_on
from provenance.services.object_store_journal import ObjectJournalStore, bucket_of_media

FILE = "erasure-journal"

logger = logging.getLogger(__name__)


class JournalUnread(CodedError):
    """The erasure journal cannot be read, so nobody knows what must not be served."""

    code = "journal_unread"
    status = 503
    message = "What was withdrawn or erased cannot be looked up at the moment, so nothing is served."
    hint = "This is a fault of the service. Try again later; the operator finds more in docs/runbook.md."


class _Seen:
    """The newest row that this process knows to be in step with the journal."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.newest: int | None = None


_seen = _Seen()


def journal_store() -> JournalStore:
    """The journal: in the bucket of the media, or in a file beside the keys where they are on a disk."""
    bucket = bucket_of_media()
    return FileJournalStore(journal_file()) if bucket is None else ObjectJournalStore(bucket)


def journal_file() -> Path:
    """The file beside the keys."""
    return Path(settings.LIKENESS_KEYS_DIR) / FILE


def note(kind: str, about: str, **data: str) -> None:
    """Note a withdrawal or erasure, in its transaction; the journal has it after the commit.

    Should the process end in between, the next run of `write_unwritten` writes it.
    """
    JournalEntry.objects.create(time=timezone.now(), kind=kind, about=about, data=data)
    transaction.on_commit(write_unwritten, robust=True)


def write_unwritten() -> int:
    """Copy to the journal what it does not have yet; how many entries. Raises OSError."""
    store = journal_store()
    unwritten = list(JournalEntry.objects.filter(written_at=None).order_by("pk"))
    for entry in unwritten:
        store.append(JournalLine(entry.entry_id, entry.time, entry.kind, entry.about, entry.data))
        JournalEntry.objects.filter(pk=entry.pk).update(written_at=timezone.now())
    return len(unwritten)


def require_caught_up() -> None:
    """Require that everything in the journal holds in the database. One small query, unless it was put back.

    Raises JournalUnread.
    """
    newest = _newest()
    if _seen.newest is None or newest < _seen.newest:
        with _seen.lock:
            catch_up()
    else:
        _seen.newest = newest


def forget() -> None:
    """Compare the database with the journal again before the next answer."""
    _seen.newest = None


def catch_up() -> int:
    """Apply every entry of the journal that the database does not have; how many. Raises JournalUnread."""
    applied = 0
    try:
        known = set(JournalEntry.objects.values_list("entry_id", flat=True))
        for line in journal_store().read():
            if line.entry_id not in known:
                applied += _apply(line)
                known.add(line.entry_id)
    except OSError as error:
        logger.exception("The erasure journal cannot be read")
        raise JournalUnread from error
    if applied:
        logger.warning("The database had forgotten %d withdrawals and erasures, which hold again", applied)
        append_missing()
    _seen.newest = _newest()
    return applied


@transaction.atomic
def _apply(line: JournalLine) -> int:
    now = timezone.now()
    entry, is_new = JournalEntry.objects.get_or_create(
        entry_id=line.entry_id,
        defaults={
            "time": line.time,
            "kind": line.kind,
            "about": line.about,
            "data": line.data,
            "written_at": now,
            "reapplied_at": now,
        },
    )
    if is_new:
        for steps in steps_of(entry.kind):
            import_string(steps.apply)(entry)
    return int(is_new)


def append_missing() -> int:
    """Write into the log what was applied again while it stood still; how many entries were looked at.

    While it still stands still nothing happens, and the next run tries again.
    """
    try:
        require_log_goes_on()
    except LogDamaged:
        return 0
    waiting = list(JournalEntry.objects.exclude(reapplied_at=None).filter(logged_at=None).order_by("pk"))
    for entry in waiting:
        try:
            with transaction.atomic():
                for steps in steps_of(entry.kind):
                    if steps.append:
                        import_string(steps.append)(entry)
                JournalEntry.objects.filter(pk=entry.pk).update(logged_at=timezone.now())
        except (CodedError, DatabaseError):
            logger.exception("The entry %s of the erasure journal is not in the log yet", entry.entry_id)
    return len(waiting)


def _newest() -> int:
    return JournalEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
