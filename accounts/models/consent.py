"""The ConsentGrant model: who may use which portrait, for what, until when and how often."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts import ids
from accounts.models.contact import Contact
from accounts.models.partner import Partner
from accounts.models.subject import Subject
from accounts.states import OPEN_CONSENT_STATES, ConsentState


class Basis(models.TextChoices):
    """Why the partner may use this likeness."""

    OWN_LIKENESS = "own_likeness", _("the asking person's own likeness")
    OTHER_PERSON = "other_person", _("another living person")
    NONEXISTENT_PERSON = "nonexistent_person", _("a person who does not exist")
    PUBLIC_DOMAIN_ARTWORK = "public_domain_artwork", _("an artwork in the public domain")


# Nobody is there who could say yes: the partner attests, and a reviewer who is not theirs confirms.
ATTESTED_BASES = frozenset({Basis.NONEXISTENT_PERSON, Basis.PUBLIC_DOMAIN_ARTWORK})


class LiveCheck(models.TextChoices):
    """Who found that the person who agreed is the one in the portrait."""

    NONE = "none", "nobody: granted before there were live checks (0.4.0 and earlier)"
    REVIEWER = "reviewer", "a reviewer, who was shown recording and portrait"


class ConsentQuerySet(models.QuerySet["ConsentGrant"]):
    """Questions about the table of consent grants."""

    def for_partner(self, partner: Partner) -> ConsentQuerySet:
        """The grants one partner asked for."""
        return self.filter(partner=partner)

    def in_force(self, at: datetime) -> ConsentQuerySet:
        """The grants that are granted and not past their date at a moment."""
        return self.filter(state=ConsentState.GRANTED, valid_until__gt=at)

    def usable(self, at: datetime) -> ConsentQuerySet:
        """The grants that a job can use at a moment: in force, with videos left, of a portrait still here."""
        has_one_left = models.Q(used_videos__lt=models.F("max_videos"))
        return self.in_force(at).filter(has_one_left, portrait__erasure_began_at=None)

    def due(self, at: datetime) -> ConsentQuerySet:
        """The grants whose time is over though their state does not say so yet."""
        unanswered = models.Q(state=ConsentState.REQUESTED) & models.Q(link_expires_at__lte=at)
        open_states = [*OPEN_CONSENT_STATES, ConsentState.GRANTED]
        return self.filter(unanswered | models.Q(state__in=open_states, valid_until__lte=at))


class ConsentGrant(models.Model):
    """One request for consent and what became of it.

    A living person is asked at `contact`, which is not the partner's: the link is sent there (`link_sent_at`)
    and a yes needs a code from there too (`contact_proved_at`; empty in consents granted before codes
    existed), and a recording in which they are seen to be the person in the portrait (`live_check`). The
    tokens of the subject's links are never stored, only their hashes. `terms_salt` is in the digests by which
    the log knows what was asked; empty in rows from before there were such digests. The receipt is canonical
    JSON; only its digest goes into the log and into manifests, and a random salt inside keeps the digest
    unguessable.
    """

    id = models.CharField(primary_key=True, max_length=32, default=ids.consent_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="consents")
    portrait = models.ForeignKey("generation.Portrait", on_delete=models.PROTECT, related_name="consents")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="consents")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="consents"
    )
    basis = models.CharField(max_length=32, choices=Basis.choices)
    purpose = models.CharField(max_length=500)
    statement = models.TextField(max_length=2000, blank=True)
    valid_until = models.DateTimeField()
    max_videos = models.PositiveIntegerField()
    used_videos = models.PositiveIntegerField(default=0)
    allows_live = models.BooleanField(default=False, help_text="Whether the portrait may also speak live.")
    state = models.CharField(max_length=16, choices=ConsentState.choices)
    requested_by = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    link_token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    link_expires_at = models.DateTimeField(null=True, blank=True)
    link_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    contact_proved_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdraw_token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    live_check = models.CharField(
        max_length=16, choices=LiveCheck.choices, blank=True, editable=False, help_text="Empty if attested."
    )
    terms_salt = models.CharField(max_length=32, default=ids.terms_salt, blank=True, editable=False)
    receipt = models.TextField(blank=True, editable=False)
    receipt_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["portrait", "state"]),
            models.Index(fields=["partner", "created_at", "id"], name="consent_list"),
            models.Index(fields=["state", "created_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ConsentState.values), name="consent_state_known"
            ),
            models.CheckConstraint(condition=models.Q(basis__in=Basis.values), name="consent_basis_known"),
            models.CheckConstraint(condition=models.Q(max_videos__gte=1), name="consent_at_least_one_video"),
            models.CheckConstraint(
                condition=models.Q(used_videos__lte=models.F("max_videos")), name="consent_never_overused"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[ConsentState.GRANTED, ConsentState.WITHDRAWN])
                | ~models.Q(receipt_digest=""),
                name="consent_granted_has_receipt",
            ),
            models.UniqueConstraint(
                fields=["partner", "contact"],
                condition=models.Q(state__in=[ConsentState.REQUESTED, ConsentState.RECORDED]),
                name="consent_one_open_request",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_attested(self) -> bool:
        """Whether the partner attests the basis and a reviewer confirms it, as there is nobody to ask."""
        return self.basis in ATTESTED_BASES

    def state_at(self, at: datetime) -> ConsentState:
        """The state at a moment: what is past its date counts as expired, even if the row does not say so
        yet.
        """
        state = ConsentState(self.state)
        if state in OPEN_CONSENT_STATES | {ConsentState.GRANTED} and self.valid_until <= at:
            return ConsentState.EXPIRED
        if (
            state == ConsentState.REQUESTED
            and self.link_expires_at is not None
            and self.link_expires_at <= at
        ):
            return ConsentState.EXPIRED
        return state

    @property
    def current_state(self) -> ConsentState:
        """The state now."""
        return self.state_at(timezone.now())

    @property
    def videos_left(self) -> int:
        """How many more videos this grant covers."""
        return max(self.max_videos - self.used_videos, 0)
