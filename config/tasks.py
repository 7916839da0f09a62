"""Periodic task of the service itself: a sign that the clockwork runs and that a worker hears it."""

from __future__ import annotations

from celery import shared_task

from config.operations import heartbeats


@shared_task
def note_beat() -> None:
    """Say that periodic tasks are started and worked on."""
    heartbeats.note(heartbeats.BEAT)
