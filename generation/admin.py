"""Django's admin for operators: read-only views of the generation tables."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from generation.models import DrivingAudio, IdempotencyKey, Job, Portrait, Rendition


@admin.register(Portrait)
class PortraitAdmin(ReadOnlyAdmin):
    """Portraits, without their pictures."""

    list_display = ("id", "partner", "subject", "width", "height", "created_at")
    search_fields = ("id", "sha256")


@admin.register(DrivingAudio)
class DrivingAudioAdmin(ReadOnlyAdmin):
    """Driving audio, without the sound."""

    list_display = ("id", "partner", "duration_s", "created_at")
    search_fields = ("id", "sha256")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs; the filters find what is stuck."""

    list_display = (
        "id",
        "partner",
        "state",
        "reason_code",
        "attempts",
        "frames_done",
        "frames_total",
        "created_at",
    )
    list_filter: ClassVar = ("state", "reason_code", "queue")
    search_fields = ("id",)


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    """Renditions, without the video."""

    list_display = ("id", "job", "duration_s", "size_bytes", "sealed_at", "released_at", "decided_by")
    search_fields = ("id", "sha256")


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Requests that may be repeated."""

    list_display = ("route", "key", "partner", "started_at", "status")
