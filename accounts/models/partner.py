"""Models of partner organisations, their members, and invitations to join."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts import ids
from accounts.models.plain_names import KEY_LENGTH, plain_host, plain_name
from accounts.states import PartnerState


class ReviewPolicy(models.TextChoices):
    """What happens to a sealed rendition of this partner."""

    REVIEW = "review", _("a reviewer looks at every video")
    TWO_REVIEWERS = "two_reviewers", _("two reviewers look at every video")
    RELEASE = "release", _("videos are released without a look")


class LabelPolicy(models.TextChoices):
    """Whether this partner's videos carry a visible label."""

    REQUIRED = "required", _("every video carries a visible label")
    OPTIONAL = "optional", _("a video may be made without a label")


class Partner(models.Model):
    """An organisation that may use likenesses it has consent for, once it is approved."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.partner_id, editable=False)
    name = models.CharField("organisation", max_length=160)
    website = models.URLField(max_length=200)
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField()
    # Of the page on which they applied, a code of LANGUAGES; empty: not known.
    contact_language = models.CharField(max_length=8, default="", db_default="", editable=False)
    purpose = models.TextField(max_length=2000)
    state = models.CharField(max_length=16, choices=PartnerState.choices, default=PartnerState.APPLIED)
    reason = models.TextField(max_length=1000, blank=True)
    review_policy = models.CharField(max_length=16, choices=ReviewPolicy.choices, default=ReviewPolicy.REVIEW)
    label_policy = models.CharField(max_length=16, choices=LabelPolicy.choices, default=LabelPolicy.REQUIRED)
    keep_sources_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days that portraits and audio outlive their consent, if its own."
    )
    keep_videos_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days that videos outlive their consent, if its own."
    )
    max_active_jobs = models.PositiveIntegerField(
        null=True, blank=True, help_text="Jobs that wait or run at a time; empty: as many as everybody."
    )
    max_month_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Minutes of video in a month; empty: no limit."
    )
    max_storage_mb = models.PositiveIntegerField(
        null=True, blank=True, help_text="Megabytes of portraits, recordings and videos; empty: no limit."
    )
    applied_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What name and website are compared by (accounts/duplicates.py): made from them whenever they are saved.
    name_key = models.CharField(max_length=KEY_LENGTH, default="", db_default="", editable=False)
    host_key = models.CharField(max_length=KEY_LENGTH, default="", db_default="", editable=False)

    class Meta:
        ordering = ["applied_at", "id"]
        indexes = [
            models.Index(fields=["name_key"], name="partner_by_name_key"),
            models.Index(fields=["host_key"], name="partner_by_host_key"),
            models.Index(fields=["state", "applied_at", "id"], name="partner_list_of_state"),
            models.Index(fields=["applied_at", "id"], name="partner_list"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=PartnerState.values), name="partner_state_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Write the row, with the keys of its name and website."""
        self.name_key, self.host_key = plain_name(self.name), plain_host(self.website)
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "name_key", "host_key"}
        super().save(*args, **options)

    @property
    def is_active(self) -> bool:
        """Whether this partner may use the service now."""
        return self.state == PartnerState.APPROVED


class MemberRole(models.TextChoices):
    """What a person may do for a partner: owners also manage keys, people and the organisation."""

    OWNER = "owner", _("owner")
    MEMBER = "member", _("member")


class Membership(models.Model):
    """A person's membership of a partner. One account belongs to one partner at most."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.membership_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="memberships")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="membership")
    role = models.CharField(max_length=16, choices=MemberRole.choices, default=MemberRole.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=MemberRole.values), name="member_role_known")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.partner_id}"

    @property
    def is_owner(self) -> bool:
        """Whether this person manages the organisation."""
        return self.role == MemberRole.OWNER


class Invitation(models.Model):
    """A link that lets the holder of one mailbox join a partner. Only the token's hash is stored."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.invitation_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=MemberRole.choices, default=MemberRole.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=MemberRole.values), name="invitation_role_known"
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.id} to {self.partner_id}"
