"""The forms with which a reviewer approves, refuses or revokes a video."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.pages.choices import in_language
from generation.services.review import RejectionCode, RevocationCode


class ApprovalForm(forms.Form):
    """Words to go with an approval."""

    note = forms.CharField(
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label=_("Note to the partner"),
    )


class RejectionForm(ApprovalForm):
    """Why a video is refused."""

    reason_code = forms.ChoiceField(label=_("Reason"), choices=in_language(RejectionCode.choices))
    field_order = ("reason_code", "note")


class RevocationForm(ApprovalForm):
    """Why a released video is revoked."""

    reason_code = forms.ChoiceField(label=_("Reason"), choices=in_language(RevocationCode.choices))
    field_order = ("reason_code", "note")
