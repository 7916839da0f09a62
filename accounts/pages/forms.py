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
from accounts.pages.choices import in_language
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

    LIVES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("one year"))]

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Where it will be used."))
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=in_language(Scope.choices),
        widget=forms.CheckboxSelectMultiple,
        initial=Scope.values,
    )
    days = forms.ChoiceField(label=_("Expires after"), choices=LIVES, initial="90")

    def expires_at(self) -> datetime:
        """The moment the chosen life ends."""
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]))


class InvitationForm(forms.Form):
    """Somebody to invite into the organisation."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=in_language(MemberRole.choices),
        initial=MemberRole.MEMBER,
        help_text=_("Owners also manage keys, people and the organisation."),
    )


class ReasonForm(forms.Form):
    """The reason of a decision; the organisation is shown it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_readable_lines],
    )


class ReviewPolicyForm(forms.Form):
    """Whether a reviewer looks at every video."""

    review_policy = forms.ChoiceField(label=_("Review"), choices=in_language(ReviewPolicy.choices))


class LabelPolicyForm(forms.Form):
    """Whether a partner may make videos without a visible label."""

    label_policy = forms.ChoiceField(label=_("Label"), choices=in_language(LabelPolicy.choices))


class RetentionForm(forms.Form):
    """How long a partner's media outlive the consent that covers them."""

    keep_sources_days = forms.IntegerField(
        label=_("Days for portraits and recordings"),
        min_value=0,
        max_value=LONGEST_KEPT_DAYS,
        required=False,
        help_text=_("After the consent has ended. Empty: as long as this service keeps everybody's."),
    )
    keep_videos_days = forms.IntegerField(
        label=_("Days for videos"), min_value=0, max_value=LONGEST_KEPT_DAYS, required=False
    )


class QuotasForm(forms.Form):
    """What a partner may have."""

    max_active_jobs = forms.IntegerField(
        label=_("Jobs at a time"),
        min_value=0,
        max_value=LARGEST_QUOTA,
        required=False,
        help_text=_("That wait or run. Empty: as many as everybody."),
    )
    max_month_minutes = forms.IntegerField(
        label=_("Minutes of video in a month"),
        min_value=0,
        max_value=LARGEST_QUOTA,
        required=False,
        help_text=_("Empty: no limit."),
    )
    max_storage_mb = forms.IntegerField(
        label=_("Megabytes of portraits, recordings and videos"),
        min_value=0,
        max_value=LARGEST_QUOTA,
        required=False,
        help_text=_("Empty: no limit."),
    )


class ConsentRequestForm(forms.Form):
    """A request for consent to use one portrait."""

    basis = forms.ChoiceField(label=_("Who or what is in the portrait"), choices=in_language(Basis.choices))
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The subject reads this word for word."),
        validators=[validate_readable_lines],
    )
    valid_until = forms.DateField(
        label=_("Until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A day, in UTC."),
    )
    max_videos = forms.IntegerField(
        label=_("How many videos"), min_value=1, max_value=MOST_VIDEOS, initial=10
    )
    allows_live = forms.BooleanField(
        label=_("Live sessions too"),
        required=False,
        help_text=_("It may also speak as it happens. Each session counts as a video, a kept one as two."),
    )
    statement = forms.CharField(
        label=_("Statement"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only where there is nobody to ask: where the picture comes from and how you know."),
        validators=[validate_readable_lines],
    )

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("basis") in ATTESTED_BASES and not cleaned.get("statement"):
            self.add_error("statement", _("Say where the picture comes from and how you know."))
        return cleaned

    def ends_at(self) -> datetime:
        """The last moment of the chosen day."""
        return datetime.combine(
            self.cleaned_data["valid_until"], time.max, tzinfo=timezone.get_current_timezone()
        )


class WebhookForm(forms.Form):
    """A new webhook."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Where messages are sent: an https address on the public internet."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )
    event_types = forms.MultipleChoiceField(
        label=_("What to be told of"),
        choices=in_language(
            (kind.value, kind.label) for kind in WebhookEventType if kind != WebhookEventType.TEST
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Choose none to be told of everything."),
    )
