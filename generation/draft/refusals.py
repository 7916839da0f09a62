"""Coded refusals about drafts."""

from __future__ import annotations

from provenance.common.errors import CodedError


class DraftBusy(CodedError):
    """This process makes a draft for somebody else."""

    code = "draft_busy"
    status = 503
    message = "A draft is being made for somebody else at the moment."
    hint = "Try again in half a minute. Your code was not used."


class DraftFailed(CodedError):
    """No draft came out."""

    code = "draft_failed"
    status = 500
    message = "The draft could not be made."
    hint = "This is a fault of the service. You can decide without it."
