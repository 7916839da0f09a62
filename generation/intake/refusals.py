"""Intake's refusals and warnings: codes, sentences, hints."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generation.intake.limits import (
    AUDIO_MAX_BYTES,
    AUDIO_MAX_S,
    AUDIO_MIN_S,
    MOTION_MAX_BYTES,
    PERFORMANCE_MAX_BYTES,
    PORTRAIT_MAX_BYTES,
    PORTRAIT_MAX_PIXELS,
    PORTRAIT_MAX_SIDE,
    PORTRAIT_MIN_SIDE,
)
from generation.intake.places import Place
from provenance.common.errors import CodedError
from provenance.common.errors import gettext_noop as _


class IntakeCode(StrEnum):
    """Refusals of intake itself. The portrait check adds its own: no_face, several_faces and so on."""

    FILE_EMPTY = "file_empty"
    FILE_TYPE_UNSUPPORTED = "file_type_unsupported"
    FILE_TYPE_MISMATCH = "file_type_mismatch"
    FILE_TOO_COSTLY = "file_too_costly"
    IMAGE_FILE_TOO_LARGE = "image_file_too_large"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_TOO_SMALL = "image_too_small"
    IMAGE_DAMAGED = "image_damaged"
    CREDENTIALS_TAMPERED = "credentials_tampered"
    FACE_NOT_ANIMATABLE = "face_not_animatable"
    FACE_NOT_THERE = "face_not_there"
    AUDIO_FILE_TOO_LARGE = "audio_file_too_large"
    AUDIO_TOO_SHORT = "audio_too_short"
    AUDIO_TOO_LONG = "audio_too_long"
    AUDIO_DAMAGED = "audio_damaged"
    AUDIO_SILENT = "audio_silent"
    AUDIO_WITHOUT_SPEECH = "audio_without_speech"
    MOTION_FILE_TOO_LARGE = "motion_file_too_large"
    MOTION_UNREADABLE = "motion_unreadable"
    PERFORMANCE_FILE_TOO_LARGE = "performance_file_too_large"
    PERFORMANCE_UNREADABLE = "performance_unreadable"


_MB = 1024 * 1024
SENTENCES: dict[IntakeCode, tuple[str, str]] = {
    IntakeCode.FILE_EMPTY: (_("The file is empty."), _("Send the file itself, not only its name.")),
    IntakeCode.FILE_TYPE_UNSUPPORTED: (
        _("The file is of a kind that is not accepted here."),
        _(
            "Portraits are JPEG, HEIC, PNG, WebP, AVIF or TIFF; driving audio is any common sound or "
            "video file."
        ),
    ),
    IntakeCode.FILE_TYPE_MISMATCH: (
        _("The file is called a picture or a recording, but what is in it is neither."),
        _("Open it in the program that made it, save it again and send that."),
    ),
    IntakeCode.FILE_TOO_COSTLY: (
        _("Reading the file takes more memory or time than a file of its kind should."),
        _("Save it again with an ordinary program and send that."),
    ),
    IntakeCode.IMAGE_FILE_TOO_LARGE: (
        _("The portrait's file is larger than {size} MB.").format(size=PORTRAIT_MAX_BYTES // _MB),
        _("Save it as JPEG, or smaller."),
    ),
    IntakeCode.IMAGE_TOO_LARGE: (
        _("It has over {megapixels} megapixels or a side over {pixels} pixels.").format(
            megapixels=PORTRAIT_MAX_PIXELS // 10**6, pixels=PORTRAIT_MAX_SIDE
        ),
        _("Scale it down; 1024 pixels on the longer side are enough."),
    ),
    IntakeCode.IMAGE_TOO_SMALL: (
        _("The portrait's shorter side has fewer than {pixels} pixels.").format(pixels=PORTRAIT_MIN_SIDE),
        _("Use a larger picture; 512 pixels or more on the shorter side look best."),
    ),
    IntakeCode.IMAGE_DAMAGED: (
        _("The picture cannot be decoded: it is cut off or damaged."),
        _("Open it in a picture program, save it again and send that."),
    ),
    IntakeCode.CREDENTIALS_TAMPERED: (
        _(
            "The portrait carries content credentials that do not fit the picture: it was changed after "
            "signing."
        ),
        _("Send the picture as it was signed, or one that never had credentials."),
    ),
    IntakeCode.FACE_NOT_ANIMATABLE: (
        _("The face was found, but frames rendered from it as a trial came out wrong."),
        _("Use another picture of the person: from the front, upright, with some room around the head."),
    ),
    IntakeCode.FACE_NOT_THERE: (
        _("There is no face where one was chosen."),
        _("Choose one of the faces that are marked, or send the picture without a choice."),
    ),
    IntakeCode.AUDIO_FILE_TOO_LARGE: (
        _("The driving audio's file is larger than {size} MB.").format(size=AUDIO_MAX_BYTES // _MB),
        _("Save it as FLAC, M4A or MP3."),
    ),
    IntakeCode.AUDIO_TOO_SHORT: (
        _("The driving audio is shorter than {seconds} seconds.").format(seconds=f"{AUDIO_MIN_S:g}"),
        _("Send at least one spoken word."),
    ),
    IntakeCode.AUDIO_TOO_LONG: (
        _("The driving audio is longer than {seconds} seconds.").format(seconds=f"{AUDIO_MAX_S:g}"),
        _("Split it and submit one job for each part."),
    ),
    IntakeCode.AUDIO_DAMAGED: (
        _("The sound cannot be decoded whole: the file is cut off, damaged or holds no sound."),
        _("Open it in a sound program, save it again and send that."),
    ),
    IntakeCode.AUDIO_SILENT: (
        _("The driving audio is silent."),
        _("Check the microphone or the export, and that the right track is in the file."),
    ),
    IntakeCode.AUDIO_WITHOUT_SPEECH: (
        _("The driving audio holds sound, but nothing like speech."),
        _("Send a recording of one person speaking, without loud music or noise."),
    ),
    IntakeCode.MOTION_FILE_TOO_LARGE: (
        _("The motion track's file is larger than {size} MB.").format(size=MOTION_MAX_BYTES // _MB),
        _("Two minutes at 60 frames a second have about 6 MB; cut the take to the recording."),
    ),
    IntakeCode.MOTION_UNREADABLE: (
        _("The motion track cannot be read."),
        _("Send the CSV file of a Live Link Face take, with the columns that the app writes."),
    ),
    IntakeCode.PERFORMANCE_FILE_TOO_LARGE: (
        _("The performer's video is larger than {size} MB.").format(size=PERFORMANCE_MAX_BYTES // _MB),
        _("Cut it to the recording, or save it smaller; 720 lines are enough."),
    ),
    IntakeCode.PERFORMANCE_UNREADABLE: (
        _("The performer's video cannot be decoded: it is cut off, damaged or holds no picture."),
        _("Open it in a video program, save it again as MP4 and send that."),
    ),
}


# Codes that are not given any more and mean nothing else: rows of earlier versions hold them.
RESERVED = {
    "image_animated": "The file holds more than one picture. The first one is taken now.",
    "not_a_human_face": "The face could not be made out. Other codes say why now.",
}


class IntakeRefused(CodedError):
    """Intake does not accept a file. The code is one of IntakeCode or of the portrait check."""

    code = "intake_refused"
    status = 422
    message = "The file cannot be used."
    hint = "See the message."
    # Where in the picture the fault lies; and the picture itself, as a small JPEG.
    places: tuple[Place, ...] = ()
    preview: bytes = b""

    @classmethod
    def because(cls, code: IntakeCode, *, detail: str = "", places: tuple[Place, ...] = ()) -> IntakeRefused:
        """The refusal with this code and its own sentence and hint; `detail` is put behind the sentence."""
        message, hint = SENTENCES[code]
        refused = cls(f"{message} {detail}".strip(), code=code.value, hint=hint)
        refused.places = places
        return refused


# The picture carries an image generator's mark, or ours: the one warning that a stored portrait keeps.
PORTRAIT_GENERATED = "portrait_generated"


@dataclass(frozen=True)
class IntakeWarning:
    """Something that could be better but does not stop the job."""

    code: str
    message: str
    hint: str = ""
    places: tuple[Place, ...] = ()
