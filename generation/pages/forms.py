"""Django forms of the partner console and the review pages."""

from __future__ import annotations

import json
from typing import Any, TypeVar, cast

from django import forms
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner, Subject
from accounts.pages.choices import in_language
from accounts.selectors import subjects_of
from generation.animation.framing.video_format import BLUR, PICTURE, SQUARE, VideoFormat
from generation.animation.motion.controls import EMOTIONS, RANGES, SPEAKING_STYLES, MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.performed import LIPS_OF_PERFORMER, LIPS_OF_SPEECH
from generation.choices.control_names import title_of
from generation.choices.directions import DirectionRefused, chosen_direction, stored_direction
from generation.choices.video_formats import default_format
from generation.intake.choices import BOX_PATTERN, COLOUR_PATTERN, PictureChoices
from generation.intake.formats.media_format import AUDIO_FORMATS, PORTRAIT_FORMATS, MediaFormat
from generation.models import DrivingAudio, Portrait, Voice
from generation.pages.label_form import LabelFields
from generation.selectors import all_driving_audio_of, usable_portraits_of
from generation.services.review import RejectionCode, RevocationCode
from generation.services.submit import MAX_SEED
from provenance.common.readable_text import validate_readable
from provenance.pages.in_language import refusal_in_language

NEW_SUBJECT = "new"
MOST_SUBJECTS = 200
LONGEST_DIRECTION = 500_000
MOST_PORTRAITS = 48
MOST_RECORDINGS = 100

Chosen = TypeVar("Chosen", bound=Model)

CONTROL_LABELS = {
    "gaze_yaw": (
        gettext_noop("Gaze, left to right"),
        gettext_noop("Degrees; positive looks towards the picture's right edge."),
    ),
    "gaze_pitch": (gettext_noop("Gaze, up to down"), gettext_noop("Degrees; positive looks down.")),
    "head_distance": (gettext_noop("Head distance"), gettext_noop("1 is as pictured, more is further away.")),
    "emotion_intensity": (gettext_noop("Strength of the emotion"), ""),
    "valence": (
        gettext_noop("Displeased to pleased"),
        gettext_noop("Added to the emotion; 0.5 adds nothing."),
    ),
    "arousal": (gettext_noop("Drowsy to excited"), gettext_noop("Added to the emotion; 0.5 adds nothing.")),
    "expressiveness": (gettext_noop("Expressiveness"), gettext_noop("How far brows, cheeks and lips go.")),
    "head_motion": (gettext_noop("Head movement"), gettext_noop("0 holds the head still.")),
    "blinks_per_minute": (gettext_noop("Blinks a minute"), ""),
}


ASPECT_LABELS = {
    SQUARE: gettext_noop("Square: head and shoulders"),
    PICTURE: gettext_noop("The whole picture, in its own shape"),
    "9:16": gettext_noop("Tall (9:16)"),
    "16:9": gettext_noop("Wide (16:9)"),
}
SIZE_CHOICES = (360, 512, 720, 1080)
FRAME_RATE_CHOICES = (24, 25, 30, 50, 60)
COLOUR = "colour"
NAME_FIELDS = ("title", "tell_by_email")
FORMAT_FIELDS = ("aspect", "size", "fps", "fill", "fill_colour")


def described_format(video: dict[str, Any]) -> list[tuple[str, str]]:
    """A job's format as labels and values, for people; empty for jobs from before it was part of them."""
    if not video:
        return []
    lines = [
        (gettext("Shape"), gettext(ASPECT_LABELS[str(video["aspect"])])),
        (gettext("Size"), gettext("{number} pixels").format(number=video["size"])),
        (gettext("Frames a second"), str(video["fps"])),
    ]
    if video["aspect"] in {"9:16", "16:9"}:
        fill = gettext("blurred") if video["fill"] == BLUR else str(video["fill"])
        lines.append((gettext("Beyond the picture"), fill))
    return lines


def described_controls(controls: dict[str, Any]) -> list[tuple[str, str]]:
    """A job's controls as labels and values, for people."""
    shown = MotionControls.from_json(controls).to_json()
    lines = [
        (gettext("Emotion"), gettext(str(shown["emotion"]))),
        (gettext("Speaking style"), gettext(str(shown["style"]))),
    ]
    if shown["listening"]:
        lines.append((gettext("Listening"), gettext("The recording is another's voice")))
    lines += [
        (gettext(label), number_format(f"{shown[name]:g}")) for name, (label, _) in CONTROL_LABELS.items()
    ]
    return lines


def described_motion(motion: dict[str, Any]) -> list[tuple[str, str]]:
    """What moves the face of a job's video, for people; empty for the voice."""
    if not motion:
        return []
    described = gettext("a performer's track; lips from the speech")
    if motion["lips"] == LIPS_OF_PERFORMER:
        described = gettext("a performer's track; lips the performer's")
    return [(gettext("Motion"), described)]


def described_direction(direction: dict[str, Any]) -> list[tuple[str, str]]:
    """A job's direction as labels and values, for people; empty where there is none."""
    if not direction:
        return []
    directed = Direction.from_json(direction)
    lines = [
        (gettext("Keyframes"), f"{len(directed.keyframes)}: {', '.join(directed.controls)}"),
        (gettext("Layer"), f"{len(directed.layer)}: {', '.join(directed.channels)}"),
    ]
    return [line for line, rows in zip(lines, (directed.keyframes, directed.layer), strict=True) if rows]


def _accept(kinds: str, formats: tuple[MediaFormat, ...]) -> str:
    suffixes = {suffix for one in formats for suffix in one.suffixes}
    return ",".join([kinds, *sorted(suffixes)])


class PortraitForm(forms.Form):
    """A picture and who is in it."""

    subject = forms.ChoiceField(label=_("Who is in the picture?"))
    display_name = forms.CharField(
        label=_("Name of the new subject"),
        max_length=120,
        required=False,
        help_text=_("How they are addressed on their consent page."),
        validators=[validate_readable],
    )
    email = forms.EmailField(
        label=_("E-mail address of the new subject"),
        required=False,
        help_text=_(
            "A living person is asked there, and only there: an address of their own, not of your "
            "organisation. Leave it empty for people who do not exist and for artworks."
        ),
    )
    phone = forms.CharField(
        label=_("Telephone number of the new subject"),
        max_length=40,
        required=False,
        help_text=_("With the country (+44 ...). For people without an e-mail address."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=_("Language of messages to the new subject"), required=False, choices=settings.LANGUAGES
    )
    file = forms.FileField(
        label=_("Picture"),
        help_text=_("As your telephone or camera made it, up to 50 megapixels; the face from the front."),
        widget=forms.ClearableFileInput(attrs={"accept": _accept("image/*", PORTRAIT_FORMATS)}),
    )
    background = forms.RegexField(
        label=_("Behind transparent parts"),
        regex=COLOUR_PATTERN,
        required=False,
        initial="#808080",
        help_text=_("The colour to fill them with, for pictures that were cut out."),
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    # Chosen among the faces that are shown once a picture turns out to hold several.
    face_box = forms.RegexField(regex=BOX_PATTERN, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(row.id, row.display_name) for row in subjects_of(partner)[:MOST_SUBJECTS]]
        subject = self.fields["subject"]
        assert isinstance(subject, forms.ChoiceField)  # noqa: S101
        subject.choices = [(NEW_SUBJECT, gettext("Somebody new")), *known]

    def clean(self) -> dict[str, Any]:
        """A new subject needs a name; of a known one nothing is asked, so that nobody is taken for another.

        The consent to a portrait filed under the wrong person would be asked of the wrong person.
        """
        values: dict[str, Any] = super().clean() or {}
        subject = values.get("subject")
        if subject == NEW_SUBJECT:
            if not values.get("display_name"):
                self.add_error("display_name", _("Give the new subject a name."))
        elif any(values.get(field) for field in ("display_name", "email", "phone")):
            self.add_error(
                "subject",
                _(
                    "You chose a known subject and described a new one. Choose “Somebody new”, or "
                    "leave the name, the e-mail address and the telephone number empty."
                ),
            )
        return values

    def choices(self) -> PictureChoices:
        """What was chosen about the picture, as `upload_portrait` takes it."""
        return PictureChoices.from_text(self.cleaned_data["face_box"], self.cleaned_data["background"])


class DrivingAudioForm(forms.Form):
    """A recording of speech."""

    title = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=80,
        validators=[validate_readable],
        help_text=_("What you call it. Only your organisation sees it."),
    )
    file = forms.FileField(
        label=_("Recording"),
        help_text=_("A voice memo, a sound file or a video; half a second to two minutes, up to 30 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": _accept("audio/*,video/*", AUDIO_FORMATS)}),
    )
    voice = forms.ChoiceField(
        label=_("Whose voice is it?"),
        choices=lambda: [(voice.value, gettext(voice.label)) for voice in Voice],
        widget=forms.RadioSelect,
        help_text=_(
            "A voice is somebody's too. You attest it, and each video's manifest and the log say it."
        ),
    )

    speaker: forms.ModelChoiceField[Subject] = forms.ModelChoiceField(
        queryset=None,
        required=False,
        empty_label=_("Choose, if it is somebody else's"),
        label=_("Whose, if it is somebody else's"),
        help_text=_(
            "One of your subjects, who is asked at a contact of their own. No video is made with the "
            "recording before they agree."
        ),
    )
    purpose = forms.CharField(
        label=_("What for, if it is somebody else's"),
        required=False,
        max_length=500,
        help_text=_("They read it in the question."),
    )

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        subjects = Subject.objects.for_partner(partner).filter(erased_at=None)
        reachable = subjects.exclude(email="", phone="").order_by("display_name", "id")
        cast("forms.ModelChoiceField[Subject]", self.fields["speaker"]).queryset = reachable

    def clean(self) -> dict[str, Any]:
        """Who is asked has to be named."""
        values = super().clean() or {}
        if values.get("voice") == Voice.SPEAKER:
            for name, sentence in (
                ("speaker", _("Choose who is asked.")),
                ("purpose", _("Say what the recording is for.")),
            ):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return values


class DrivingAudioField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of recordings by length and time."""

    def label_from_instance(self, obj: DrivingAudio) -> str:
        """What tells one recording from another without listening."""
        uploaded = gettext("Uploaded {day} at {time} ({id})").format(
            day=date_format(obj.created_at, "MONTH_DAY_FORMAT"),
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

    def job(self) -> dict[str, Any]:
        """All that was chosen, as `submit_job` takes it."""
        chosen = self.cleaned_data
        return {
            "portrait_id": chosen["portrait"].id,
            "driving_audio_id": chosen["driving_audio"].id,
            "controls": self.controls(),
            "seed": chosen["seed"],
            "video": self.video(),
            "disclosure": self.disclosure(),
            "direction": chosen["direction"],
            "motion": self.motion_choice(),
            "title": chosen["title"],
            "tell_by_email": chosen["tell_by_email"],
        }

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
