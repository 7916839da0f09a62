"""The ApiKey model. Keys belong to the organisation, so that they outlive the person who made them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts import ids
from accounts.models.partner import Partner


class Scope(models.TextChoices):
    """What a key may be used for."""

    PORTRAITS = "portraits", _("upload and read portraits")
    AUDIO = "audio", _("upload and read driving audio")
    CONSENTS = "consents", _("name subjects and ask for consent")
    JOBS = "jobs", _("submit, watch and cancel jobs")
    RENDITIONS = "renditions", _("read and download renditions")
    WEBHOOKS = "webhooks", _("name the addresses that are told what happens")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Questions about the table of keys."""

    def for_partner(self, partner: Partner) -> ApiKeyQuerySet:
        """The keys of one partner."""
        return self.filter(partner=partner)

    def usable(self, at: datetime) -> ApiKeyQuerySet:
        """The keys that are neither revoked nor expired at a moment."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiKey(models.Model):
    """A key of a partner: a public prefix to find it by, and the SHA-256 of a secret of 256 random bits."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.api_key_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    secret_sha256 = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.name} (lk_{self.prefix}_...)"

    @property
    def is_usable(self) -> bool:
        """Whether the key works now."""
        return self.revoked_at is None and self.expires_at > timezone.now()
