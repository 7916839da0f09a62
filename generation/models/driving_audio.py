"""The DrivingAudio model: a normalised recording of speech."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_noop as _

from generation.models.erasable import Erasable
from provenance.common.ids import new_id


def new_driving_audio_id() -> str:
    """A new driving audio id."""
    return new_id("aud")


class Voice(models.TextChoices):
    """Whose voice a recording is, as its partner says; of the last kind the speaker is asked."""

    OWN = "own", _("of our own people, or ours to use, with the speaker's agreement")
    SYNTHETIC = "synthetic", _("nobody's: the speech is synthetic")
    SPEAKER = "speaker", _("somebody else's, who is asked here")


class DrivingAudio(Erasable):
    """Normalised speech of one partner: WAV, mono or stereo, 16 bits, 48 kHz, without metadata.

    `voice` is empty where nobody said whose voice it is, as in recordings from before that was asked.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_driving_audio_id, editable=False)
    partner = models.ForeignKey("accounts.Partner", on_delete=models.PROTECT, related_name="driving_audio")
    audio_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, help_text="Of the stored WAV.")
    duration_s = models.FloatField()
    sample_rate = models.PositiveIntegerField()
    voice = models.CharField(max_length=12, blank=True, choices=Voice.choices)
    motion_key = models.CharField(max_length=200, blank=True, help_text="Of a performer's motion track.")
    motion_sha256 = models.CharField(max_length=64, blank=True)
    motion_fps = models.FloatField(null=True, blank=True)
    motion_frames = models.PositiveIntegerField(null=True, blank=True)
    performer_consent = models.CharField(
        max_length=300, blank=True, help_text="Where the performer's signed consent is kept, as attested."
    )
    warnings: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, help_text="Codes and sentences of what could be better."
    )
    title = models.CharField(max_length=80, blank=True, help_text="As the partner calls it.")
    peaks: models.JSONField[Any, Any] = models.JSONField(
        null=True, blank=True, editable=False, help_text="Loudest samples of equal stretches, 0 to 100."
    )
    uploaded_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "id")
        indexes = (
            models.Index(
                fields=(
                    "partner",
                    "created_at",
                    "id",
                    "erasure_began_at",
                ),  # the last lets it be counted alone
                condition=models.Q(erasure_began_at=None),
                name="generation_audio_list",
            ),
        )
        verbose_name_plural = "driving audio"
        constraints = (
            models.UniqueConstraint(fields=("partner", "sha256"), name="generation_driving_audio_once"),
        )

    def __str__(self) -> str:
        return self.id
