"""Why a live session ended: stable codes, with a sentence and a hint for who watches it."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_noop as _

from generation.failures import JobReason


class LiveEnd(StrEnum):
    """Every way in which a live session ends."""

    ENDED_BY_PARTNER = "ended_by_partner"
    CONNECTION_LOST = "connection_lost"
    NOT_CONNECTED = "not_connected"
    TIME_OVER = "time_over"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_ENDED = "consent_ended"
    PARTNER_SUSPENDED = "partner_suspended"
    TAKEN_DOWN = "taken_down"
    REFUSED = "refused"
    MARK_LOST = "mark_lost"
    TOO_SLOW = "too_slow"
    WORKER_LOST = "worker_lost"


# Those after which what was shown may not circulate either: the record is withdrawn with the same code.
WITHDRAWING = frozenset({LiveEnd.CONSENT_WITHDRAWN, LiveEnd.PARTNER_SUSPENDED, LiveEnd.TAKEN_DOWN})

SENTENCES: dict[LiveEnd, tuple[str, str]] = {
    LiveEnd.ENDED_BY_PARTNER: (_("The session was ended."), _("Open a new one when you need it.")),
    LiveEnd.CONNECTION_LOST: (
        _("The connection was lost."),
        _("Open a new session; a token works once."),
    ),
    LiveEnd.NOT_CONNECTED: (
        _("Nobody came with the token in time."),
        _("Open a new session and connect at once."),
    ),
    LiveEnd.TIME_OVER: (
        _("The time that this session may last is over."),
        _("GET /v1/usage says what is left of your minutes."),
    ),
    LiveEnd.CONSENT_WITHDRAWN: (
        _("The person in the portrait has withdrawn their consent."),
        _("The portrait cannot be used any more."),
    ),
    LiveEnd.CONSENT_ENDED: (
        _("The consent for this portrait is no longer in force."),
        _("Ask for consent again."),
    ),
    LiveEnd.PARTNER_SUSPENDED: (
        _("The organisation was suspended."),
        _("The partner page shows the reason."),
    ),
    LiveEnd.TAKEN_DOWN: (
        _("A reviewer has stopped this session."),
        _("Contact the operator of the service."),
    ),
    LiveEnd.REFUSED: (
        _("The session could not be started with this portrait."),
        _("Make a video of it first: the job says what is wrong."),
    ),
    LiveEnd.MARK_LOST: (
        _("The invisible mark could not be read back from the stream, so the stream was stopped."),
        _("This is a fault of the service. Open a new session, or report its id."),
    ),
    LiveEnd.TOO_SLOW: (
        _("The service or the connection could not keep up with the speech."),
        _("Try again when less is going on."),
    ),
    LiveEnd.WORKER_LOST: (
        _("The process that made the pictures has stopped."),
        _("Open a new session; if it happens again, report the session's id."),
    ),
}


def reason_of(code: str) -> JobReason:
    """The reason with this code, as API, page and stream show it."""
    message, hint = SENTENCES[LiveEnd(code)]
    return JobReason(code, message, hint)
