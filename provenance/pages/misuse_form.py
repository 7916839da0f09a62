"""The form with which anybody reports misuse of a video."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from provenance.models.misuse import MisuseKind, MisuseReport


class MisuseForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is wrong with a video. The facts of its verdict come along hidden."""

    file_sha256 = forms.RegexField(r"^([0-9a-f]{64})?$", required=False, widget=forms.HiddenInput)
    rendition_id = forms.RegexField(r"^[A-Za-z0-9_-]{0,80}$", required=False, widget=forms.HiddenInput)
    verdict = forms.RegexField(r"^[a-z_]{0,30}$", required=False, widget=forms.HiddenInput)

    kind = forms.ChoiceField(label=_("What is wrong?"), choices=MisuseKind.choices, widget=forms.RadioSelect)

    class Meta:
        model = MisuseReport
        fields = ("kind", "text", "contact", "rendition_id", "file_sha256", "verdict")
        labels = {
            "text": _("Tell us about it"),
            "contact": _("Your e-mail address"),
        }
        help_texts = {
            "text": _("Where did you see the video, and what is it used for?"),
            "contact": _("Only for questions about this report; deleted when it is closed."),
        }
        widgets = {
            "text": forms.Textarea(attrs={"rows": 5}),
            "contact": forms.EmailInput(attrs={"autocomplete": "email"}),
        }
