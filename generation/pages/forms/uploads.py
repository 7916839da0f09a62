"""The forms of what partners upload: a portrait and who is in it, a recording and whose voice it is."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner, Subject
from accounts.selectors import subjects_of
from generation.intake.choices import BOX_PATTERN, COLOUR_PATTERN, PictureChoices
from generation.intake.formats.media_format import AUDIO_FORMATS, PORTRAIT_FORMATS, MediaFormat
from generation.models import Voice
from provenance.common.readable_text import validate_readable

NEW_SUBJECT = "new"
MOST_SUBJECTS = 200


def _accept(kinds: str, formats: tuple[MediaFormat, ...]) -> str:
    """The value of `accept`: MIME types like "image/*", and the suffixes that systems know no type of."""
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
