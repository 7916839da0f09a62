"""The VoiceConsent model: whether the speaker of a recording allows that it drives videos."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from accounts import ids
from provenance.common.ids import new_id


def new_voice_consent_id() -> str:
    """A new id of a consent to the use of a voice."""
    return new_id("voc")


class VoiceState(models.TextChoices):
    """What became of one request."""

    REQUESTED = "requested", "waiting for the speaker"
    GRANTED = "granted", "granted"
    DECLINED = "declined", "declined by the speaker"
    WITHDRAWN = "withdrawn", "withdrawn"
    EXPIRED = "expired", "expired unanswered"


class VoiceConsent(models.Model):
    """One request to the speaker of a recording, at a contact of their own, and the answer.

    As for portraits the link goes to the contact and to nobody else, a yes needs a code from there, tokens
    are stored as hashes, and the log has a digest of the terms, salted with `terms_salt`.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_voice_consent_id, editable=False)
    driving_audio = models.ForeignKey(
        "generation.DrivingAudio", on_delete=models.PROTECT, related_name="voice_consents"
    )
    speaker = models.ForeignKey("accounts.Subject", on_delete=models.PROTECT, related_name="voice_consents")
    contact = models.ForeignKey("accounts.Contact", on_delete=models.PROTECT, related_name="voice_consents")
    purpose = models.CharField(max_length=500)
    terms_salt = models.CharField(max_length=32, default=ids.terms_salt, editable=False)
    state = models.CharField(max_length=12, choices=VoiceState.choices, default=VoiceState.REQUESTED)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    link_token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    link_expires_at = models.DateTimeField()
    link_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdraw_token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    receipt = models.TextField(blank=True, editable=False)
    receipt_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=VoiceState.values), name="generation_voice_state_known"
            ),
            models.UniqueConstraint(
                fields=("driving_audio",),
                condition=models.Q(state__in=[VoiceState.REQUESTED, VoiceState.GRANTED]),
                name="generation_voice_asked_once",
            ),
        )

    def __str__(self) -> str:
        return self.id

    def state_at(self, at: datetime) -> VoiceState:
        """The state at a moment: a request past its date is expired, even if the row does not say so."""
        state = VoiceState(self.state)
        if state == VoiceState.REQUESTED and self.link_expires_at <= at:
            return VoiceState.EXPIRED
        return state

    @property
    def current_state(self) -> VoiceState:
        """The state now."""
        return self.state_at(timezone.now())
