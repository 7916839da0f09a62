"""The JournalEntry model: what the erasure journal outside of the database holds too."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from provenance.common.ids import new_id


def new_journal_id() -> str:
    """A new id of an entry of the erasure journal."""
    return new_id("jrn")


class JournalEntry(models.Model):
    """One withdrawal or erasure. Written in the transaction of the change, copied to the journal after it.

    An entry of the journal that has no row here was lost with a database that was put back: it is applied
    again (`reapplied_at`) before anything is served, and written into the log (`logged_at`) once that goes
    on.
    """

    entry_id = models.CharField(max_length=40, unique=True, default=new_journal_id)
    time = models.DateTimeField()
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=80)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)
    written_at = models.DateTimeField(null=True, blank=True)
    reapplied_at = models.DateTimeField(null=True, blank=True)
    logged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["about", "kind"], name="journal_about"),
            models.Index(fields=["id"], condition=models.Q(written_at=None), name="journal_unwritten"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
