"""The fields of a job's form about its visible label."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import LabelPolicy, Partner
from generation.choices.disclosures import default_disclosure
from generation.disclosure.choice import NONE, TEXTS, presets
from generation.pages.job_words import PLACE_LABELS
from provenance.common.visible_label import PLACES

LABEL_FIELDS = ("label_preset", "label_language", "label_place", "label_sound_cue")
_FOR_PRESET = "preset"
# As generation.disclosure names them, for pages to translate.
PRESET_TITLES = (
    gettext_noop("European Union"),
    gettext_noop("California"),
    gettext_noop("China"),
    gettext_noop("India"),
    gettext_noop("Korea"),
)
_LANGUAGES = {
    "en": gettext_noop("English"),
    "de": gettext_noop("German"),
    "fr": gettext_noop("French"),
    "es": gettext_noop("Spanish"),
    "it": gettext_noop("Italian"),
    "ja": gettext_noop("Japanese"),
    "ko": gettext_noop("Korean"),
    "zh": gettext_noop("Chinese"),
}


class LabelFields(forms.Form):
    """Which rules the label follows, its language and place, and the sound cue."""

    label_preset = forms.ChoiceField(
        label=_("Rules"), required=False, help_text=_("What the law where you publish asks for.")
    )
    label_language = forms.ChoiceField(
        label=_("Language of the label"),
        choices=lambda: [
            (_FOR_PRESET, gettext("As the rules have it")),
            *((code, f"{gettext(name)}: {TEXTS[code]}") for code, name in _LANGUAGES.items()),
        ],
    )
    label_place = forms.ChoiceField(
        label=_("Corner"),
        choices=lambda: [(place, gettext(PLACE_LABELS[place])) for place in PLACES],
    )
    label_sound_cue = forms.BooleanField(
        label=_("Sound cue"),
        required=False,
        help_text=_("The sound begins with AI in Morse code, 0.9 s before the speech. Some rules have it."),
    )

    def offer_presets(self, partner: Partner) -> None:
        """Offer the rules that the partner may choose, the operator's first."""
        usual = default_disclosure()
        offered = [(name, gettext(preset.title)) for name, preset in presets().items()]
        if partner.label_policy == LabelPolicy.OPTIONAL:
            offered.append((NONE, gettext("No label")))
        field = self.fields["label_preset"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices, field.initial = offered, usual.preset

    def disclosure(self) -> dict[str, str | bool]:
        """The chosen disclosure, as `submit_job` takes it."""
        values = self.cleaned_data
        chosen: dict[str, str | bool] = {"preset": values["label_preset"], "place": values["label_place"]}
        if values["label_language"] != _FOR_PRESET:
            chosen["language"] = values["label_language"]
        if values["label_sound_cue"]:
            chosen["sound_cue"] = True
        return chosen
