"""The form of the studio: that of a job, with controls that step as a hand moves them."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from generation.pages.forms.job import JobForm
from generation.services.planning import MAX_SEED

STEPS = {
    "gaze_yaw": "0.5",
    "gaze_pitch": "0.5",
    "head_distance": "0.01",
    "emotion_intensity": "0.05",
    "valence": "0.05",
    "arousal": "0.05",
    "expressiveness": "0.05",
    "head_motion": "0.05",
    "blinks_per_minute": "1",
}
# Groups of controls as the page shows them.
GROUPS = (
    (_("Feeling"), ("emotion", "emotion_intensity", "valence", "arousal")),
    (_("Eyes and distance"), ("gaze_yaw", "gaze_pitch", "head_distance")),
    (_("Manner"), ("style", "expressiveness", "head_motion", "blinks_per_minute", "listening")),
)


class StudioForm(JobForm):
    """A job, directed while its drafts are looked at. Without script it is the form of a new video."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portrait"].widget = forms.Select(choices=self._portrait_names())
        for name, step in STEPS.items():
            self.fields[name].widget.attrs["step"] = step
        self.fields["seed"].initial = secrets.randbelow(min(MAX_SEED, 9999)) + 1
        self.fields["seed"].help_text = gettext("The same seed gives the same performance.")

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Titles and fields of the controls, in the page's language."""
        return [(gettext(title), [self[name] for name in names]) for title, names in GROUPS]

    def _portrait_names(self) -> list[tuple[str, str]]:
        return [(row.pk, row.subject.shown_name) for row in self.shown_portraits]
