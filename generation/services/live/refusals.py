"""Coded refusals about live sessions."""

from __future__ import annotations

from provenance.common.errors import CodedError


class LiveNotAllowed(CodedError):
    """The partner's videos are reviewed, and a live frame cannot be."""

    code = "live_not_allowed"
    status = 403
    message = "Your organisation's videos are reviewed, and nobody can review a live picture in time."
    hint = "An operator can set that your videos are released without a look."


class LiveTokenUnknown(CodedError):
    """The token is no session's, was used, or came too late."""

    code = "live_token_unknown"
    status = 401
    message = "This token opens no live session."
    hint = "A token works once and for a minute. Open a new session with POST /v1/live."


class LiveMessageInvalid(CodedError):
    """What came over the stream is not the sound or the message that it should be."""

    code = "live_message_invalid"
    status = 422
    message = "This message of a live session cannot be used."
    hint = "Sound is 16-bit PCM, mono, 16 000 Hz; messages are JSON as in docs/live.md."


class LiveNotOffered(CodedError):
    """The renderer or motion source of the settings cannot speak live."""

    code = "live_not_offered"
    status = 422
    message = "The renderer of this service makes no live pictures."
    hint = "Name another renderer, or make a video from a recording."
