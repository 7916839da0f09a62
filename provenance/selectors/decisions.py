"""What the log last decided about something, and the refusal of a row that says something else.

A row is a copy that whoever owns the database can edit; the log's entries are not. Gates compare the row with
the log before they open. Each comparison gives the names of the columns that differ.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from django.db import connections, router
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from provenance.common.errors import CodedError
from provenance.log.entries import Entry, LogEvent
from provenance.log.errors import EntryRejected
from provenance.log.hashing import leaf_hash
from provenance.log.merkle import Subtree
from provenance.models.log import LogEntry, LogReference
from provenance.models.record import Record, RecordState, sealing_data
from provenance.selectors.contradictions import note_contradiction
from provenance.selectors.log import LogDamaged, find_entries, stored_hashes

logger = logging.getLogger(__name__)
# Of each of some events the newest index about a public id. Every gate asks this several times.
_NEWEST = (
    f'SELECT MAX(entry."index") FROM {LogEntry._meta.db_table} entry '  # noqa: S608 - names of our own
    f'JOIN {LogReference._meta.db_table} mentioned ON mentioned.entry_id = entry."index" '
    "WHERE mentioned.value = %s AND entry.event IN ({}) GROUP BY entry.event"
)


class RowContradictsLog(CodedError):
    """A stored row differs from what the log says about it, so it opens nothing."""

    code = "row_contradicts_log"
    status = 409
    message = "What is stored about this differs from the public log, so it is held back."
    hint = "This is a fault of the service. Report the id; auditlog_fsck --state names what differs."


@dataclass(frozen=True)
class StateFinding:
    """A row that contradicts the log: what it is, its id, and the columns that differ."""

    kind: str
    row_id: str
    columns: tuple[str, ...]


Row = TypeVar("Row", bound=Model)
StateCheck = Callable[[], Iterator[StateFinding]]
_STATE_CHECKS: list[StateCheck] = []


def register_state_check(check: StateCheck) -> None:
    """Have `auditlog_fsck --state` run a comparison of rows of an app above with the log."""
    if check not in _STATE_CHECKS:
        _STATE_CHECKS.append(check)


def state_findings() -> Iterator[StateFinding]:
    """Every row that contradicts the log, records first."""
    yield from findings_of("record", Record.objects.all(), record_differences)
    for check in _STATE_CHECKS:
        yield from check()


def findings_of(
    kind: str, rows: QuerySet[Row], differences: Callable[[Row], list[str]]
) -> Iterator[StateFinding]:
    """One finding for each row with differences, or with a cell that cannot be read at all."""
    table = rows.model
    connection = connections[router.db_for_read(table)]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:  # without converters: an id may be anything too
        cursor.execute(f"SELECT {quote(str(table._meta.pk.column))} FROM {quote(table._meta.db_table)}")  # noqa: S608 - names of our own
        ids = sorted((row[0] for row in cursor.fetchall()), key=str)
    for row_id in ids:
        try:
            found = differences(rows.get(pk=row_id))
        except Exception:  # noqa: BLE001 - whatever is wrong with a cell is a finding, and the check goes on
            found = ["unreadable"]
        if found:
            yield StateFinding(kind, str(row_id), tuple(found))


def require_as_logged(kind: str, row_id: str, differences: list[str]) -> None:
    """Let a row pass that differs in no column. Raises RowContradictsLog, and names the columns in the
    process log.
    """
    if differences:
        logger.error("The %s %s contradicts the log in: %s", kind, row_id, ", ".join(differences))
        note_contradiction()
        raise RowContradictsLog


def newest_decision(public_id: str, events: Collection[LogEvent]) -> Entry | None:
    """The newest entry of one of the events about a public id, or None. Two queries.

    Raises LogDamaged when the entry is not the one whose hash is in the tree.
    """
    row = find_entries(mentioning=public_id).filter(event__in=events).order_by("-index").first()
    return None if row is None else _all_checked([row], public_id)[0]


@dataclass(frozen=True)
class Decisions:
    """The newest entry of each of some events about one public id, read together."""

    public_id: str
    events: frozenset[LogEvent]
    _newest: Mapping[LogEvent, tuple[LogEntry, bytes]]  # with its hash in the tree

    def newest(self, events: Collection[LogEvent]) -> Entry | None:
        """The newest entry of some of the events that were read, or None. No query.

        Raises LogDamaged when the entry is not the one whose hash is in the tree.
        """
        if not self.events.issuperset(events):
            raise ValueError("These decisions were not read.")
        rows = [self._newest[event] for event in events if event in self._newest]
        if not rows:
            return None
        row, stored = max(rows, key=lambda found: found[0].index)
        return _checked(row, stored, self.public_id)


def newest_decisions(public_id: str, events: Collection[LogEvent]) -> Decisions:
    """What `newest_decision` finds for any selection of these events. Two queries.

    Raises LogDamaged when the tree lacks one of the entries.
    """
    names = [event.value for event in events]
    newest = RawSQL(_NEWEST.format(", ".join(["%s"] * len(names))), [public_id, *names])  # noqa: S611
    rows = list(LogEntry.objects.filter(index__in=newest)) if names else []
    hashes = _hashes_of(rows)
    found = {LogEvent(row.event): (row, hashes[row.index]) for row in rows}
    return Decisions(public_id, frozenset(events), found)


def decisions_about(public_id: str, events: Collection[LogEvent]) -> list[Entry]:
    """All entries of some events about a public id, oldest first. Two queries.

    Raises LogDamaged when one of them is not the one whose hash is in the tree.
    """
    rows = find_entries(mentioning=public_id).filter(event__in=events)
    return _all_checked(list(rows.order_by("index")), public_id)


def _all_checked(rows: list[LogEntry], public_id: str) -> list[Entry]:
    hashes = _hashes_of(rows)
    return [_checked(row, hashes[row.index], public_id) for row in rows]


def _hashes_of(rows: list[LogEntry]) -> dict[int, bytes]:
    """The hash in the tree of each entry, by index. One query."""
    stored = stored_hashes([Subtree(0, row.index) for row in rows])
    return {leaf.offset: value for leaf, value in stored.items()}


def _checked(row: LogEntry, stored: bytes, public_id: str) -> Entry:
    """What a row says, when its bytes are those of the tree and its columns and its id are in them."""
    if stored != leaf_hash(row.body.encode()):
        raise LogDamaged
    try:
        entry = row.entry
    except EntryRejected as error:
        raise LogDamaged from error
    if entry.event.value != row.event or public_id not in entry.data.values():
        raise LogDamaged
    return entry


RENDITION_STEPS = frozenset(
    {
        LogEvent.RENDITION_SEALED,
        LogEvent.RENDITION_RELEASED,
        LogEvent.RENDITION_REJECTED,
        LogEvent.RENDITION_REVOKED,
    }
)
_RECORD_STATES = {
    LogEvent.RENDITION_SEALED: RecordState.SEALED,
    LogEvent.RENDITION_RELEASED: RecordState.RELEASED,
    LogEvent.RENDITION_REJECTED: RecordState.WITHDRAWN,
    LogEvent.RENDITION_REVOKED: RecordState.WITHDRAWN,
}
_SEALED_COLUMNS = {
    "content_prints_digest": ["content_prints"],
    "file_digest": ["file_sha256"],
    "manifest_digest": ["manifest"],
    "fingerprints_digest": ["fingerprints", "fingerprints_salt"],
}


def record_differences(record: Record) -> list[str]:
    """The columns of a record that the log contradicts. Raises LogDamaged."""
    decisions = newest_decisions(record.rendition_id, RENDITION_STEPS)
    sealing = decisions.newest({LogEvent.RENDITION_SEALED})
    step = decisions.newest(RENDITION_STEPS)
    if sealing is None or step is None:
        return ["rendition_id"]
    sealed = sealing_data(record)
    differing = [
        column
        for name in sealed.keys() | sealing.data.keys()
        if sealing.data.get(name) != sealed.get(name)
        for column in _SEALED_COLUMNS.get(name, [name])
    ]
    released = decisions.newest({LogEvent.RENDITION_RELEASED})
    reason = step.data.get("reason_code", "")
    label = record.manifest_label.encode()
    expected = {
        "log_index": (record.log_index, sealing.index),
        "manifest_label": (bool(label) and label in bytes(record.manifest), True),
        "sealed_at": (record.sealed_at.replace(microsecond=0), sealing.time),
        "state": (record.state, _RECORD_STATES[step.event]),
        "released_at": (record.released_at is None, released is None),
        "withdrawn_at": (record.withdrawn_at is None, "reason_code" not in step.data),
        "withdrawal_reason": (record.withdrawal_reason, reason),
    }
    return differing + [name for name, (column, said) in expected.items() if column != said]


def names_content(key: str, sha256: str) -> bool:
    """Whether a stored file's key is made from this digest: a key that is edited alone names another file."""
    return PurePosixPath(key).stem == sha256


def digest_of_facts(*facts: object) -> str:
    """SHA-256 of a list of facts, for log data: what an entry fixes without saying it."""
    return hashlib.sha256("\n".join(map(repr, facts)).encode()).hexdigest()
