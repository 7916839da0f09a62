"""Coded refusals about recordings in which a subject shows that they are the person in the portrait."""

from __future__ import annotations

from provenance.common.errors import CodedError


class RecordingMissing(CodedError):
    """Nothing was recorded that could be compared with the portrait."""

    code = "recording_missing"
    status = 409
    message = "There is no recording of you yet."
    hint = "Go back to the request and record one; it takes half a minute."


class RecordingUnchecked(CodedError):
    """The machine has not looked at the recording, or could not read it."""

    code = "recording_unchecked"
    status = 409
    message = "This recording was not checked yet, or could not be read."
    hint = "Wait a minute. One that cannot be read can only be refused."


class PhraseExpired(CodedError):
    """The words were drawn too long ago, or a recording of them was sent already."""

    code = "phrase_expired"
    status = 410
    message = "The words that you were asked to read have expired."
    hint = "Load the page again, and record the new words."


class RecordingUnusable(CodedError):
    """The file is empty, too large or no video."""

    code = "recording_unusable"
    status = 422
    message = "This is not a video, or it is larger than 60 MB."
    hint = "Record again, half a minute at most."


class TooManyRecordings(CodedError):
    """Enough was recorded for this request for now."""

    code = "too_many_recordings"
    status = 429
    message = "Too many recordings were sent in the last hour."
    hint = "Wait an hour. Nothing was agreed to meanwhile."


class AgreedTermsUnknown(CodedError):
    """A yes from before the log kept a digest of what it was given for."""

    code = "agreed_terms_unknown"
    status = 409
    message = "This yes was given before the log kept what it was given for, so it grants nothing."
    hint = "Refuse it. The partner can ask again at once."


class FaceUndescribed(CodedError):
    """No worker has described the face of the portrait yet, so it was compared with nobody."""

    code = "face_undescribed"
    status = 409
    message = "The face of this portrait was not compared with those of living people yet."
    hint = "Wait a minute and try again."


class FaceMatched(CodedError):
    """The face of an attested portrait is like that of a living person who is known here."""

    code = "face_matched"
    status = 409
    message = "A reviewer has to find out first whose face this portrait shows."
    hint = "Nothing is made of it until then."
