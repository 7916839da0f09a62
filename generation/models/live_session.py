"""The LiveSession model: a portrait that speaks while somebody talks, from opening to sealed record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from generation.models.driving_audio import Voice
from generation.models.erasable import Erasable
from generation.models.job import MAX_RENDERER_NAME
from provenance.common.ids import new_id


def new_live_id() -> str:
    """A new id of a live session. It is its rendition id too: record, manifest and log name it."""
    return new_id("lvr")


class LiveState(models.TextChoices):
    """Where a live session is in its life."""

    OPENED = "opened", _("Opened")  # a token was given out, nobody has come with it
    STARTING = "starting", _("Starting")  # a worker fits the portrait; nothing has left it
    LIVE = "live", _("Live")
    ENDED = "ended", _("Ended")


USES_OF_KEPT = 2  # videos of the consent: what was shown, and the file
ACTIVE_STATES = (LiveState.OPENED, LiveState.STARTING, LiveState.LIVE)


class LiveSessionQuerySet(models.QuerySet["LiveSession"]):
    """Queries of sessions by what has to be done about them."""

    def active(self, at: datetime) -> LiveSessionQuerySet:
        """Sessions that take a worker's room at a moment: opened and not past their date, starting, live."""
        is_waiting = Q(state=LiveState.OPENED, token_expires_at__gt=at)
        return self.filter(is_waiting | Q(state__in=(LiveState.STARTING, LiveState.LIVE)))

    def lost(self, at: datetime, silence: timedelta) -> LiveSessionQuerySet:
        """Sessions that nobody came for, and those whose server was not heard of for `silence`."""
        is_late = Q(state=LiveState.OPENED, token_expires_at__lte=at)
        is_silent = Q(state__in=(LiveState.STARTING, LiveState.LIVE), seen_at__lt=at - silence)
        return self.filter(is_late | is_silent)


class LiveSession(models.Model):
    """A live session. Its state changes through `generation.services.live` only.

    `watermark_id` (hexadecimal) and `watermark_year` are set when it starts: every frame carries them.
    `segment_hashes` holds the SHA-256 of each second of the stream as it left, 32 bytes each, in order.
    `sealed_at` says that a record of it was sealed; a session that never started has none.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_live_id, editable=False)
    partner = models.ForeignKey("accounts.Partner", on_delete=models.PROTECT, related_name="live_sessions")
    portrait = models.ForeignKey(
        "generation.Portrait", on_delete=models.PROTECT, related_name="live_sessions"
    )
    consent = models.ForeignKey(
        "accounts.ConsentGrant", on_delete=models.PROTECT, related_name="live_sessions"
    )
    controls: models.JSONField[Any, Any] = models.JSONField(help_text="MotionControls at its start.")
    disclosure: models.JSONField[Any, Any] = models.JSONField(help_text="Disclosure, defaults included.")
    voice = models.CharField(max_length=12, choices=Voice.choices)
    seed = models.BigIntegerField()
    renderer = models.CharField(max_length=MAX_RENDERER_NAME)
    size = models.PositiveIntegerField(help_text="Pixels a side.")
    fps = models.PositiveSmallIntegerField()
    max_s = models.PositiveIntegerField(help_text="It ends by itself after so many seconds.")
    is_kept = models.BooleanField(
        default=False, db_default=False, help_text="Its file is kept when its record is sealed."
    )
    server = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Which live server it was given to."
    )
    opened_by = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    token_expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=LiveState.choices, default=LiveState.OPENED)
    reason_code = models.CharField(max_length=60, blank=True, help_text="Why it ended.")
    opened_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When its server last said so.")
    ended_at = models.DateTimeField(null=True, blank=True)
    watermark_id = models.CharField(max_length=12, unique=True, null=True, blank=True)
    watermark_year = models.PositiveSmallIntegerField(null=True, blank=True)
    frames = models.PositiveIntegerField(default=0)
    repeated_frames = models.PositiveIntegerField(
        default=0, help_text="Of its frames, those that show the one before again, to keep up with the time."
    )
    segment_hashes = models.BinaryField(default=bytes, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)

    objects = LiveSessionQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "id")
        indexes = (
            models.Index(fields=("partner", "opened_at", "id"), name="generation_live_list"),
            models.Index(fields=("state", "seen_at"), name="generation_live_by_state"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=LiveState.values), name="generation_live_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=LiveState.ENDED) | ~Q(reason_code="") & Q(ended_at__isnull=False),
                name="generation_live_end_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=LiveState.LIVE)
                | Q(started_at__isnull=False, watermark_id__isnull=False, watermark_year__isnull=False),
                name="generation_live_has_a_mark",
            ),
        )

    def __str__(self) -> str:
        return self.id

    def seconds_at(self, at: datetime) -> float:
        """How long it has been live at a moment, in seconds."""
        if self.started_at is None:
            return 0.0
        return max(((self.ended_at or at) - self.started_at).total_seconds(), 0.0)


class KeptSession(Erasable):
    """The sealed file of a session that was opened to be kept. The session's id is its rendition id."""

    session = models.OneToOneField(
        LiveSession, primary_key=True, on_delete=models.PROTECT, related_name="kept", editable=False
    )
    file_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    duration_s = models.FloatField()

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def id(self) -> str:
        """The rendition id, under which record and log know the file."""
        return str(self.pk)

    @property
    def partner_id(self) -> str:
        """Whose session it was."""
        return str(self.session.partner_id)
