"""Models of contacts: where a living subject is reached, what proves that, and whom they do not want."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from accounts import ids
from accounts.models.partner import Partner

HIDDEN = "\N{BULLET}"


class Channel(models.TextChoices):
    """How messages reach a contact."""

    EMAIL = "email", "e-mail"
    PHONE = "phone", "telephone"


class Contact(models.Model):
    """An e-mail address or a telephone number, the same row for every partner that names it.

    `address` is where messages go, in lower case. `identity` is what addresses share that may lead to one
    mailbox: limits count by it, but nobody is shown anything by it, as not every mail system ignores what
    stands after a plus.
    `proved_at` is when somebody last typed in a code that the service had sent there. Of an erased contact
    (`erased_at`) both texts are keyed digests, so that its holder's stops go on counting.
    """

    id = models.CharField(primary_key=True, max_length=32, default=ids.contact_id, editable=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = models.CharField(max_length=254)
    identity = models.CharField(max_length=254, db_index=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "address"], name="contact_once"),
            models.CheckConstraint(
                condition=models.Q(channel__in=Channel.values), name="contact_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def masked(self) -> str:
        """The address as the person recognises it and somebody who looks over their shoulder does not."""
        if self.erased_at is not None:
            return "an erased address"
        if self.channel == Channel.PHONE:
            return f"the number that ends in {self.address[-2:]}"
        name, _, domain = self.address.partition("@")
        return f"{name[:1]}{3 * HIDDEN}@{domain}"


class OneTimeCode(models.Model):
    """A code that was sent to a contact so that a request, with the id `about`, can be answered with yes."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="codes")
    about = models.CharField(max_length=40, db_index=True)
    code_hash = models.CharField(max_length=64, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["contact", "created_at"], name="accounts_code_by_contact")]

    def __str__(self) -> str:
        return f"code {self.pk} for {self.about}"


class ContactLink(models.Model):
    """A link to "My likeness", sent to a contact. Only the token's hash is stored."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"link {self.pk} of {self.contact_id}"

    def is_open(self, at: datetime) -> bool:
        """Whether it can be used at a moment."""
        return self.expires_at > at


class AskingStop(models.Model):
    """The holder of a contact does not want to be asked by one partner, or by any (`partner` is null)."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="stops")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "partner"], name="asking_stop_once"),
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(partner=None), name="asking_stop_at_all_once"
            ),
        ]

    def __str__(self) -> str:
        return f"stop {self.pk} of {self.contact_id}"


class RefusedRequest(models.Model):
    """A consent request that was refused unsent, and why: operators see who pesters."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="refused_requests")
    code = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["partner", "created_at"], name="accounts_refused_by_partner")]

    def __str__(self) -> str:
        return f"{self.code} for {self.partner_id}"
