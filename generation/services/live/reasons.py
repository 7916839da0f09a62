"""Why a live session ended: stable codes, with a sentence and a hint for who watches it."""

from __future__ import annotations

from enum import StrEnum

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
    LiveEnd.ENDED_BY_PARTNER: ("The session was ended.", "Open a new one when you need it."),
    LiveEnd.CONNECTION_LOST: (
        "The connection was lost.",
        "Open a new session; a token works once.",
    ),
    LiveEnd.NOT_CONNECTED: (
        "Nobody came with the token in time.",
        "Open a new session and connect at once.",
    ),
    LiveEnd.TIME_OVER: (
        "The time that this session may last is over.",
        "GET /v1/usage says what is left of your minutes.",
    ),
    LiveEnd.CONSENT_WITHDRAWN: (
        "The person in the portrait has withdrawn their consent.",
        "The portrait cannot be used any more.",
    ),
    LiveEnd.CONSENT_ENDED: (
        "The consent for this portrait is no longer in force.",
        "Ask for consent again.",
    ),
    LiveEnd.PARTNER_SUSPENDED: (
        "The organisation was suspended.",
        "The partner page shows the reason.",
    ),
    LiveEnd.TAKEN_DOWN: (
        "A reviewer has stopped this session.",
        "Contact the operator of the service.",
    ),
    LiveEnd.REFUSED: (
        "The session could not be started with this portrait.",
        "Make a video of it first: the job says what is wrong.",
    ),
    LiveEnd.MARK_LOST: (
        "The invisible mark could not be read back from the stream, so the stream was stopped.",
        "This is a fault of the service. Open a new session, or report its id.",
    ),
    LiveEnd.TOO_SLOW: (
        "The service or the connection could not keep up with the speech.",
        "Try again when less is going on.",
    ),
    LiveEnd.WORKER_LOST: (
        "The process that made the pictures has stopped.",
        "Open a new session; if it happens again, report the session's id.",
    ),
}


def reason_of(code: str) -> JobReason:
    """The reason with this code, as API, page and stream show it."""
    message, hint = SENTENCES[LiveEnd(code)]
    return JobReason(code, message, hint)
