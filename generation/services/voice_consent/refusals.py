"""Coded refusals about voices."""

from __future__ import annotations

from provenance.common.errors import CodedError


class VoiceAsked(CodedError):
    """The speaker of a recording was asked, so nobody else says whose voice it is."""

    code = "voice_asked"
    status = 409
    message = "The speaker of this recording was asked; their answer counts."
    hint = "Use another recording."
