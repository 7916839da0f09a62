"""The words that the live page's script shows, and what a live server says, in the page's language.

A word in braces is a value that the script puts there. `tests/generation/pages/test_words_of_scripts.py`
compares the names with the script.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.errors import (
    ConsentDeclined,
    ConsentExpired,
    ConsentMissing,
    ConsentNotLive,
    ConsentUsedUp,
    ConsentWithdrawn,
    PartnerNotActive,
)
from generation.services.live.reasons import SENTENCES
from generation.services.live.refusals import (
    LiveMessageInvalid,
    LiveNotAllowed,
    LiveNotOffered,
    LiveTokenUnknown,
)
from generation.services.live.room import LiveBusy

# What a session is refused with when it starts, and while it runs.
_REFUSALS = (
    ConsentDeclined,
    ConsentExpired,
    ConsentMissing,
    ConsentNotLive,
    ConsentUsedUp,
    ConsentWithdrawn,
    LiveBusy,
    LiveMessageInvalid,
    LiveNotAllowed,
    LiveNotOffered,
    LiveTokenUnknown,
    PartnerNotActive,
)
# Of a session's process and of the gateway, which know no framework.
FROM_ELSEWHERE = (
    gettext_noop("This is no packet of Opus, or the sound of one that could not be decoded."),
    gettext_noop("Two minutes of sound are waiting already; this piece was not taken."),
    gettext_noop("The server of live sessions does not answer."),
    gettext_noop("Try again; a token works once."),
    gettext_noop("This offer cannot be answered."),
    gettext_noop(
        "Offer one video and one audio transceiver with H.264 and Opus, and a data channel `control`."
    ),
)


def live_words() -> dict[str, str | dict[str, str]]:
    """What static/live.js shows beyond the page's template; `said` has what a server may say by its English,
    as a stream is in no language."""
    return {
        "press_picture": _("Press the picture to hear it."),
        "closed": _("The connection was closed."),
        "no_seconds": _("not over WebRTC"),
        "live": _("Live."),
        "starting": _("Starting. This takes some seconds."),
        "no_sound": _("The microphone or the file cannot be used: {reason}"),
        "mark_read": _("{time} UTC, score {score}"),
        "repeated": _("{repeated} of {frames}"),
        "second_differs": _("A second is not as it left the server"),
        "record": _("Record {number}"),
        "said": {sentence: _(sentence) for sentence in _sentences()},
    }


def _sentences() -> list[str]:
    ends = [sentence for pair in SENTENCES.values() for sentence in pair]
    refusals = [sentence for kind in _REFUSALS for sentence in (kind.message, kind.hint)]
    return [*ends, *refusals, *FROM_ELSEWHERE]
