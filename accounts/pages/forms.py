"""Django forms of the accounts pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ATTESTED_BASES,
    Basis,
    LabelPolicy,
    MemberRole,
    Partner,
    ReviewPolicy,
    Scope,
    WebhookEventType,
)
from accounts.services.consent.asking import MOST_VIDEOS
from accounts.services.partners import LARGEST_QUOTA, LONGEST_KEPT_DAYS
from provenance.common.readable_text import validate_readable, validate_readable_lines


class PartnerApplicationForm(forms.ModelForm):  # type: ignore[type-arg]
    """What an organisation says about itself when it applies."""

    website = forms.URLField(
        max_length=200,
        assume_scheme="https",
        label=_("Website"),
        help_text=_("Where we can read about it."),
        widget=forms.URLInput(attrs={"autocomplete": "url", "placeholder": "https://"}),
    )

    class Meta:
        model = Partner
        fields = ("name", "website", "contact_name", "contact_email", "purpose")
        labels = {
            "name": _("Name of the organisation"),
            "contact_name": _("Your name"),
            "contact_email": _("Your e-mail address"),
            "purpose": _("What the videos are for"),
        }
        help_texts = {
            "purpose": _("Whose likenesses do you want to use, and for whom? Everybody portrayed is asked."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "contact_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "contact_email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "purpose": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.validators.append(validate_readable_lines if name == "purpose" else validate_readable)


class KeyForm(forms.Form):
    """A new API key."""

    LIVES = [("30", "30 days"), ("90", "90 days"), ("365", "one year")]

    name = forms.CharField(max_length=80, help_text="Where it will be used.")
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=Scope.values
    )
    days = forms.ChoiceField(label="Expires after", choices=LIVES, initial="90")

    def expires_at(self) -> datetime:
        """The moment the chosen life ends."""
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]))


class InvitationForm(forms.Form):
    """Somebody to invite into the organisation."""

    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(
        choices=MemberRole.choices,
        initial=MemberRole.MEMBER,
        help_text="Owners also manage keys, people and the organisation.",
    )


class ReasonForm(forms.Form):
    """The reason of a decision; the organisation is shown it."""

    reason = forms.CharField(
        max_length=500, widget=forms.Textarea(attrs={"rows": 3}), validators=[validate_readable_lines]
    )


class ReviewPolicyForm(forms.Form):
    """Whether a reviewer looks at every video."""

    review_policy = forms.ChoiceField(label="Review", choices=ReviewPolicy.choices)


class LabelPolicyForm(forms.Form):
    """Whether a partner may make videos without a visible label."""

    label_policy = forms.ChoiceField(label="Label", choices=LabelPolicy.choices)


class RetentionForm(forms.Form):
    """How long a partner's media outlive the consent that covers them."""

    keep_sources_days = forms.IntegerField(
        label="Days for portraits and recordings",
        min_value=0,
        max_value=LONGEST_KEPT_DAYS,
        required=False,
        help_text="After the consent has ended. Empty: as long as this service keeps everybody's.",
    )
    keep_videos_days = forms.IntegerField(
        label="Days for videos", min_value=0, max_value=LONGEST_KEPT_DAYS, required=False
    )


class QuotasForm(forms.Form):
    """What a partner may have."""

    max_active_jobs = forms.IntegerField(
        label="Jobs at a time",
        min_value=0,
        max_value=LARGEST_QUOTA,
        required=False,
        help_text="That wait or run. Empty: as many as everybody.",
    )
    max_month_minutes = forms.IntegerField(
        label="Minutes of video in a month",
        min_value=0,
        max_value=LARGEST_QUOTA,
        required=False,
        help_text="Empty: no limit.",
    )
    max_storage_mb = forms.IntegerField(
        label="Megabytes of portraits, recordings and videos",
        min_value=0,
        max_value=LARGEST_QUOTA,
        required=False,
        help_text="Empty: no limit.",
    )


class ConsentRequestForm(forms.Form):
    """A request for consent to use one portrait."""

    basis = forms.ChoiceField(label="Who or what is in the portrait", choices=Basis.choices)
    purpose = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The subject reads this word for word.",
        validators=[validate_readable_lines],
    )
    valid_until = forms.DateField(
        label="Until the end of", widget=forms.DateInput(attrs={"type": "date"}), help_text="A day, in UTC."
    )
    max_videos = forms.IntegerField(label="How many videos", min_value=1, max_value=MOST_VIDEOS, initial=10)
    allows_live = forms.BooleanField(
        label="Live sessions too",
        required=False,
        help_text="It may also speak as it happens. Each session counts as a video, a kept one as two.",
    )
    statement = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only where there is nobody to ask: where the picture comes from and how you know.",
        validators=[validate_readable_lines],
    )

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("basis") in ATTESTED_BASES and not cleaned.get("statement"):
            self.add_error("statement", "Say where the picture comes from and how you know.")
        return cleaned

    def ends_at(self) -> datetime:
        """The last moment of the chosen day."""
        return datetime.combine(
            self.cleaned_data["valid_until"], time.max, tzinfo=timezone.get_current_timezone()
        )


class WebhookForm(forms.Form):
    """A new webhook."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Where messages are sent: an https address on the public internet.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )
    event_types = forms.MultipleChoiceField(
        label="What to be told of",
        choices=[(kind.value, kind.label) for kind in WebhookEventType if kind != WebhookEventType.TEST],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Choose none to be told of everything.",
    )
