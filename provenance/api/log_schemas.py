"""Response schemas of the transparency log's API. Hashes are base64, as in checkpoints."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime

from ninja import Schema
from pydantic import Field

from provenance.log.entries import DataValue
from provenance.log.hashing import leaf_hash
from provenance.log.merkle import ConsistencyProof, InclusionProof
from provenance.models.log import LogEntry


class EntryOut(Schema):
    """What an entry says: when (UTC), what, who, and what about it."""

    time: datetime
    event: str
    actor: str
    data: dict[str, DataValue]


class LogEntryOut(Schema):
    """One entry. `body` is what was hashed, to the byte; `entry` is the same, parsed."""

    index: int
    entry: EntryOut
    body: str
    leaf_hash: str = Field(description="SHA-256 of a zero byte and the body, base64")

    @classmethod
    def of(cls, row: LogEntry) -> LogEntryOut:
        """From a stored row."""
        entry = row.entry
        return cls(
            index=row.index,
            entry=EntryOut(
                time=entry.time, event=entry.event.value, actor=entry.actor, data=dict(entry.data)
            ),
            body=row.body,
            leaf_hash=b64encode(leaf_hash(row.body.encode())).decode(),
        )


class LogEntriesOut(Schema):
    """A page of entries in order. Go on with `after` = `next_after` until that is null."""

    entries: list[LogEntryOut]
    next_after: int | None
    tree_size: int


class InclusionProofOut(Schema):
    """That the leaf stands at `index` of the log of `tree_size` entries: RFC 6962 section 2.1.1."""

    index: int
    tree_size: int
    leaf_hash: str
    root_hash: str
    hashes: list[str]

    @classmethod
    def of(cls, proof: InclusionProof) -> InclusionProofOut:
        """From a verified proof."""
        return cls(
            index=proof.index,
            tree_size=proof.tree_size,
            leaf_hash=b64encode(proof.leaf_hash).decode(),
            root_hash=b64encode(proof.root_hash).decode(),
            hashes=[b64encode(value).decode() for value in proof.hashes],
        )


class ConsistencyProofOut(Schema):
    """That the log of `second` entries only added to that of `first` entries: RFC 6962 section 2.1.2."""

    first: int
    second: int
    first_root: str
    second_root: str
    hashes: list[str]

    @classmethod
    def of(cls, proof: ConsistencyProof) -> ConsistencyProofOut:
        """From a verified proof."""
        return cls(
            first=proof.first,
            second=proof.second,
            first_root=b64encode(proof.first_root).decode(),
            second_root=b64encode(proof.second_root).decode(),
            hashes=[b64encode(value).decode() for value in proof.hashes],
        )
