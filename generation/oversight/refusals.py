"""Why a look at somebody's decision is not taken."""

from __future__ import annotations

from provenance.common.errors import CodedError


class OtherReviewerNeeded(CodedError):
    """The person decided about it before."""

    code = "other_reviewer_needed"
    status = 409
    message = "You have decided about this video. Somebody else has to look at it now."
    hint = "It waits for another reviewer."


class DecidedAlready(CodedError):
    """Somebody else has answered."""

    code = "decided_already"
    status = 409
    message = "This was decided meanwhile."
    hint = "Load the page again to see what was decided."


class NotAppealable(CodedError):
    """There is no decision that could be objected to."""

    code = "not_appealable"
    status = 409
    message = "There is no decision here that could be appealed."
    hint = "A reviewer's refusal or revocation can be appealed once, for thirty days."
