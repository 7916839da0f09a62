"""Webhook endpoints of partners, and the messages that go to them."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts import ids
from accounts.models.partner import Partner


class WebhookEventType(models.TextChoices):
    """What partners can be told of: one type for each state of a job and of a consent, and their keys."""

    JOB_QUEUED = "job.queued", _("a job waits")
    JOB_ANIMATING = "job.animating", _("a job is being animated")
    JOB_MARKING = "job.marking", _("a job is being rendered and marked")
    JOB_SIGNING = "job.signing", _("a job is being signed")
    JOB_VERIFYING = "job.verifying", _("a job is being verified")
    JOB_IN_REVIEW = "job.in_review", _("a video waits for a reviewer")
    JOB_RELEASED = "job.released", _("a video was released")
    JOB_REJECTED = "job.rejected", _("a reviewer rejected a video")
    JOB_FAILED = "job.failed", _("a job failed")
    JOB_CANCELLED = "job.cancelled", _("a job was cancelled")
    JOB_REVOKED = "job.revoked", _("a video was revoked")
    CONSENT_REQUESTED = "consent.requested", _("a subject is asked for consent")
    CONSENT_RECORDED = "consent.recorded", _("the subject said yes; a reviewer looks at the recording")
    CONSENT_ATTESTED = "consent.attested", _("an attestation waits for a reviewer")
    CONSENT_GRANTED = "consent.granted", _("a consent was granted")
    CONSENT_DECLINED = "consent.declined", _("the subject declined")
    CONSENT_REFUSED = "consent.refused", _("a reviewer refused an attestation or recording")
    CONSENT_WITHDRAWN = "consent.withdrawn", _("a consent was withdrawn")
    CONSENT_EXPIRED = "consent.expired", _("a consent expired")
    API_KEY_CREATED = "api_key.created", _("an API key was created")
    API_KEY_REVOKED = "api_key.revoked", _("an API key was revoked")
    TEST = "webhook.test", _("a test")


class DeliveryState(models.TextChoices):
    """Where a message to an endpoint is."""

    WAITING = "waiting", "waiting"
    DELIVERED = "delivered", "delivered"
    GIVEN_UP = "given_up", "given up"


class WebhookEndpoint(models.Model):
    """An address of a partner that messages are sent to, with the secret that signs them.

    `event_types` are the types it wants, all when it is empty. The secret before the present one signs too
    until `previous_until`. A worker that sends to the endpoint holds it until `sending_until`; after failures
    nothing is sent before `paused_until`.
    """

    id = models.CharField(primary_key=True, max_length=32, default=ids.webhook_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    event_types = models.JSONField(default=list)
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(default="", editable=False)
    previous_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sending_until = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.url

    def wants(self, event_type: str) -> bool:
        """Whether messages of this type go to the endpoint."""
        return not self.event_types or event_type in self.event_types


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Questions about the table of deliveries."""

    def due(self, at: datetime) -> DeliveryQuerySet:
        """What may be sent at a moment: of each subject only the oldest message, whose turn it is."""
        earlier = WebhookDelivery.objects.filter(
            endpoint=OuterRef("endpoint"),
            subject=OuterRef("subject"),
            state=DeliveryState.WAITING,
            number__lt=OuterRef("number"),
        )
        return self.filter(~Exists(earlier), state=DeliveryState.WAITING, next_attempt_at__lte=at)


class WebhookDelivery(models.Model):
    """One message to one endpoint. `body` is what is sent, byte for byte, at every attempt.

    `number` is the order in which messages came to be; `subject` is the id of the job, consent or key, whose
    messages are sent in that order. `message_id` is the same for all endpoints and for every attempt.
    `attempts` has one item for each: `at`, `status` (None without an answer) and `error` (a code, or "").
    """

    number = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=32, unique=True, default=ids.delivery_id, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=32)
    event_type = models.CharField(max_length=40, choices=WebhookEventType)
    subject = models.CharField(max_length=40)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.WAITING)
    waiting_since = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    attempts = models.JSONField(default=list)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(
                fields=["endpoint", "subject", "number"],
                condition=Q(state="waiting"),
                name="webhook_delivery_waiting",
            ),
            models.Index(fields=["state", "created_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.message_id}"
