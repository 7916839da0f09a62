"""Models of the transparency log: four append-only tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from provenance.log.entries import Entry, parse_entry


class LogEntry(models.Model):
    """One entry. `body` is what counts and what is hashed; the other columns repeat it for searching.

    `index` counts from 0 without gaps.
    """

    index = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    event = models.CharField(max_length=40)
    actor = models.CharField(max_length=80)
    body = models.TextField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["time"], name="log_entry_time"),
            models.Index(fields=["event", "index"], name="log_entry_event"),
            models.Index(fields=["actor", "index"], name="log_entry_actor"),
        ]
        verbose_name_plural = "log entries"

    def __str__(self) -> str:
        return f"{self.index} {self.event}"

    @property
    def entry(self) -> Entry:
        """The entry that the canonical bytes hold. Raises EntryRejected when somebody changed them."""
        return parse_entry(self.body.encode())


class LogReference(models.Model):
    """That an entry's data mentions a public id: the index that finds entries by what they are about."""

    entry = models.ForeignKey(LogEntry, on_delete=models.PROTECT, related_name="references", db_index=False)
    value = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["value", "entry"], name="log_reference_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["entry"], name="log_reference_entry")]

    def __str__(self) -> str:
        return f"{self.value} in {self.entry_id}"


class LogNode(models.Model):
    """The hash of one complete subtree of the Merkle tree, leaves included.

    `position` is the subtree's place in the order of completion (`Subtree.position`), without gaps from 0.
    """

    position = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"node {self.position}"


class LogCheckpoint(models.Model):
    """The signed head of the log after `size` entries. Each append writes one, in its own transaction."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()

    def __str__(self) -> str:
        return f"checkpoint of {self.size} entries"
