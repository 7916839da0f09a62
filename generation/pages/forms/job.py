"""The form of a video: portrait, speech and how the performance should be."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner
from generation.animation.framing.video_format import BLUR, VideoFormat
from generation.animation.motion.controls import EMOTIONS, RANGES, SPEAKING_STYLES, MotionControls
from generation.animation.motion.direction.performed import LIPS_OF_PERFORMER, LIPS_OF_SPEECH
from generation.choices.control_names import title_of
from generation.choices.directions import DirectionRefused, chosen_direction, stored_direction
from generation.choices.video_formats import default_format
from generation.choices.wanted_job import WantedJob
from generation.intake.choices import COLOUR_PATTERN
from generation.models import DrivingAudio, Portrait
from generation.pages.forms.label import LabelFields
from generation.pages.job_words import ASPECT_LABELS, CONTROL_LABELS
from generation.selectors import all_driving_audio_of, usable_portraits_of
from generation.services.planning import MAX_SEED
from provenance.common.readable_text import validate_readable
from provenance.pages.days import written_day
from provenance.pages.in_language import refusal_in_language

LONGEST_DIRECTION = 500_000
MOST_PORTRAITS = 48
MOST_RECORDINGS = 100
SIZE_CHOICES = (360, 512, 720, 1080)
FRAME_RATE_CHOICES = (24, 25, 30, 50, 60)
COLOUR = "colour"
NAME_FIELDS = ("title", "tell_by_email")
FORMAT_FIELDS = ("aspect", "size", "fps", "fill", "fill_colour")

Chosen = TypeVar("Chosen", bound=Model)


class DrivingAudioField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of recordings by length and time."""

    def label_from_instance(self, obj: DrivingAudio) -> str:
        """What tells one recording from another without listening."""
        uploaded = gettext("Uploaded {day} at {time} ({id})").format(
            day=written_day(obj.created_at, "MONTH_DAY_FORMAT"),
            time=date_format(obj.created_at, "H:i"),
            id=obj.id,
        )
        return f"{obj.title or uploaded}, {number_format(round(obj.duration_s, 1), 1)} s"


class JobForm(LabelFields):
    """One video: portrait, speech and how the performance should be."""

    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=80,
        validators=[validate_readable],
        help_text=_("To find the video again. Only your organisation sees it."),
    )
    tell_by_email = forms.BooleanField(label=_("Tell me by e-mail when it is finished"), required=False)
    portrait: forms.ModelChoiceField[Portrait] = forms.ModelChoiceField(
        queryset=None, label=_("Portrait"), widget=forms.RadioSelect, empty_label=None
    )
    driving_audio = DrivingAudioField(queryset=None, label=_("Driving audio"), empty_label=None)
    emotion = forms.ChoiceField(
        label=_("Emotion"), choices=lambda: [(name, title_of(name)) for name in EMOTIONS]
    )
    style = forms.ChoiceField(
        label=_("Speaking style"),
        choices=lambda: [(name, title_of(name)) for name in SPEAKING_STYLES],
        initial=MotionControls().style,
    )
    aspect = forms.ChoiceField(
        label=_("Shape"),
        choices=lambda: [(aspect, gettext(label)) for aspect, label in ASPECT_LABELS.items()],
    )
    size = forms.TypedChoiceField(label=_("Size"), coerce=int)
    fps = forms.TypedChoiceField(
        label=_("Frames a second"),
        choices=[(rate, rate) for rate in FRAME_RATE_CHOICES],
        coerce=int,
    )
    fill = forms.ChoiceField(
        label=_("Beyond the picture"),
        choices=[(BLUR, _("The picture's edges, blurred")), (COLOUR, _("A colour"))],
        help_text=_("Where tall or wide needs more than there is in the picture."),
    )
    fill_colour = forms.RegexField(
        label=_("The colour"),
        regex=COLOUR_PATTERN,
        required=False,
        initial="#808080",
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    listening = forms.BooleanField(
        label=_("Listens instead of speaking"),
        required=False,
        help_text=_(
            "The recording is another's voice: the person in the picture hears it, nods and does not speak."
        ),
    )
    direction = forms.CharField(
        label=_("Direction"),
        required=False,
        max_length=LONGEST_DIRECTION,
        help_text=_("Keyframes and a layer as JSON, the same as in the API. Empty for none."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    motion = forms.ChoiceField(
        label=_("What moves the face"),
        required=False,
        choices=[
            ("", _("The voice")),
            (LIPS_OF_SPEECH, _("The recording's motion track; lips from the speech")),
            (LIPS_OF_PERFORMER, _("The recording's motion track, with its lips")),
        ],
        help_text=_(
            "A motion track is uploaded for a recording; a reviewer looks at each video that it moves."
        ),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=MAX_SEED,
        required=False,
        help_text=_("The same seed gives the same performance. Drawn at random when left empty."),
    )

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        portrait, driving_audio = self.fields["portrait"], self.fields["driving_audio"]
        assert isinstance(portrait, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(driving_audio, forms.ModelChoiceField)  # noqa: S101
        usable, recordings = usable_portraits_of(partner), all_driving_audio_of(partner)
        portrait.queryset, driving_audio.queryset = usable, recordings
        # Lists may have grown too long for one page: the newest are offered, and what was chosen elsewhere.
        self.shown_portraits = _newest(usable, MOST_PORTRAITS, chosen=self["portrait"].value())
        driving_audio.choices = [
            (row.pk, driving_audio.label_from_instance(row))
            for row in _newest(recordings, MOST_RECORDINGS, chosen=self["driving_audio"].value())
        ]
        self.offer_presets(partner)
        self._offer_formats(default_format())
        natural = MotionControls()
        for name, (label, help_text) in CONTROL_LABELS.items():
            low, high = RANGES[name]
            self.fields[name] = forms.FloatField(
                label=gettext(label),
                help_text=gettext(help_text) if help_text else "",
                min_value=low,
                max_value=high,
                initial=getattr(natural, name),
                widget=forms.NumberInput(attrs={"type": "range", "step": "any"}),
            )

    def _offer_formats(self, default: VideoFormat) -> None:
        for name, offered in (("size", SIZE_CHOICES), ("fps", FRAME_RATE_CHOICES)):
            field, usual = self.fields[name], getattr(default, name)
            assert isinstance(field, forms.TypedChoiceField)  # noqa: S101
            words = gettext("{number} pixels") if name == "size" else "{number}"
            field.choices = [(value, words.format(number=value)) for value in sorted({*offered, usual})]
            field.initial = usual
        self.fields["size"].help_text = gettext("The shorter side; 1080 with 16:9 gives 1920 × 1080.")

    def clean_direction(self) -> dict[str, Any] | None:
        """The direction as decoded JSON, None for none."""
        text = self.cleaned_data["direction"].strip()
        if not text:
            return None
        try:
            return stored_direction(chosen_direction(json.loads(text)))
        except (ValueError, RecursionError) as error:
            place = f" {error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise forms.ValidationError(_("This is no JSON.") + place) from error
        except DirectionRefused as refusal:
            raise forms.ValidationError(refusal_in_language(refusal)) from refusal

    def video(self) -> dict[str, str | int]:
        """The chosen format, as `submit_job` takes it."""
        fill = self.cleaned_data["fill"]
        chosen = {name: self.cleaned_data[name] for name in ("aspect", "size", "fps")} | {
            "fill": self.cleaned_data["fill_colour"] if fill == COLOUR else fill
        }
        return {name: value for name, value in chosen.items() if value}

    def job(self) -> WantedJob:
        """All that was chosen."""
        chosen = self.cleaned_data
        return WantedJob(
            portrait_id=chosen["portrait"].id,
            driving_audio_id=chosen["driving_audio"].id,
            controls=self.controls(),
            seed=chosen["seed"],
            video=self.video(),
            disclosure=self.disclosure(),
            direction=chosen["direction"],
            motion=self.motion_choice(),
            title=chosen["title"],
            tell_by_email=chosen["tell_by_email"],
        )

    def motion_choice(self) -> dict[str, str] | None:
        """Whose lips a performer's motion has, as `submit_job` takes it; None for the voice's motion."""
        lips = self.cleaned_data["motion"]
        return {"lips": lips} if lips else None

    def controls(self) -> dict[str, float | str]:
        """The chosen controls, as `submit_job` takes them."""
        chosen = {name: self.cleaned_data[name] for name in ("emotion", "style", *CONTROL_LABELS)}
        return chosen | {"listening": 1.0 if self.cleaned_data["listening"] else 0.0}


def _newest(rows: QuerySet[Chosen], most: int, *, chosen: object) -> list[Chosen]:
    """The newest rows, after the one that was chosen if it is older than they."""
    newest = list(rows[:most])
    if not isinstance(chosen, str) or any(row.pk == chosen for row in newest):
        return newest
    return [*rows.filter(pk=chosen), *newest]
