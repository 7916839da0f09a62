"""The RenderWorker model: a process that takes rendering jobs, and when it was last seen."""

from __future__ import annotations

from django.db import models


class RenderWorker(models.Model):
    """A Celery worker that listens to a queue of rendering, with `slots` jobs at a time; or a live server,
    with its sessions and the `address` at which browsers reach it.

    It writes its row by itself every few seconds, and takes it away when it ends in order.
    """

    name = models.CharField(primary_key=True, max_length=200)
    queue = models.CharField(max_length=10)
    slots = models.PositiveSmallIntegerField()
    address = models.CharField(max_length=300, blank=True, db_default="")
    seen_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("queue", "seen_at"), name="generation_worker_seen"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.slots} of {self.queue})"
