"""Coded refusals of the studio."""

from __future__ import annotations

from provenance.common.errors import CodedError, InvalidInput


class StudioBusy(CodedError):
    """Every studio process works for somebody else."""

    code = "studio_busy"
    status = 503
    message = "The studio is used by others at the moment."
    hint = "It goes on by itself as soon as there is room. A video can be made without a preview."


class StudioNotOffered(CodedError):
    """The parts that make videos here cannot make a preview."""

    code = "studio_not_offered"
    status = 409
    message = "This service makes videos with parts that offer no preview."
    hint = "Make the video without one."


class StudioClosed(CodedError):
    """The opening of the studio that a preview belongs to is over, or somebody else's."""

    code = "studio_closed"
    status = 409
    message = "The studio was opened more than an hour ago, or with another portrait."
    hint = "Load the page again."


class DraftRefused(InvalidInput):
    """What was asked for cannot be performed; the sentence says why."""

    code = "draft_refused"
    message = "This cannot be performed."
    hint = "Change what the sentence names."
