"""Log entries: their canonical bytes (RFC 8785), and the check that they hold no personal data.

Entries hold hashes, opaque ids and codes. What is appended cannot be erased on request, so nothing that
tells who somebody is may get in: `Entry` refuses values that look like it. The check is a last line of
defence; callers must not rely on it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import rfc8785

from provenance.log.errors import EntryRejected

VERSION = 1
MAX_VALUE_LENGTH = 200
MAX_DATA_KEYS = 32
MAX_INTEGER = 2**53 - 1  # what RFC 8785 numbers can carry exactly

# Ids, hex and base64url digests, versions, dates, codes. No white space (names), no "@" (addresses), no "+"
# (telephone numbers; use base64url or hex for digests).
_VALUE = re.compile(rf"[A-Za-z0-9._:/=~-]{{1,{MAX_VALUE_LENGTH}}}", re.ASCII)
_KEY = re.compile(r"[a-z_]{1,60}", re.ASCII)
_ACTOR = re.compile(r"system|(?:prt|usr|key)_[A-Za-z0-9_-]{1,60}|subject:sub_[A-Za-z0-9_-]{1,60}", re.ASCII)
_REFERENCE = re.compile(r"[a-z]{3}_[A-Za-z0-9_-]{1,60}", re.ASCII)
_TIME = "%Y-%m-%dT%H:%M:%SZ"

_VALUE_TYPES = (str, int, bool, type(None))
DataValue = str | int | bool | None


class LogEvent(StrEnum):
    """Everything that is worth an entry. A value, once used, keeps its meaning for ever."""

    PARTNER_APPLIED = "partner.applied"
    PARTNER_APPROVED = "partner.approved"
    PARTNER_REFUSED = "partner.refused"
    PARTNER_SUSPENDED = "partner.suspended"
    PARTNER_REINSTATED = "partner.reinstated"
    PARTNER_POLICY_SET = "partner.policy_set"
    PARTNER_LABEL_POLICY_SET = "partner.label_policy_set"
    PARTNER_RETENTION_SET = "partner.retention_set"
    PARTNER_QUOTAS_SET = "partner.quotas_set"
    MEMBER_INVITED = "member.invited"
    MEMBER_INVITATION_ENDED = "member.invitation_ended"
    MEMBER_JOINED = "member.joined"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LOG_BEGAN = "member.log_began"
    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    CONSENT_REQUESTED = "consent.requested"
    CONSENT_SENT = "consent.sent"
    CONSENT_RECORDED = "consent.recorded"
    CONSENT_GRANTED = "consent.granted"
    CONSENT_DECLINED = "consent.declined"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CONSENT_ATTESTED = "consent.attested"
    CONSENT_CONFIRMED = "consent.confirmed"
    CONSENT_REFUSED = "consent.refused"
    CONSENT_UNDELIVERABLE = "consent.undeliverable"
    SUBJECT_ASKING_STOPPED = "subject.asking_stopped"
    SUBJECT_ASKING_ALLOWED = "subject.asking_allowed"
    SUBJECT_EXPORTED = "subject.exported"
    SUBJECT_ERASED = "subject.erased"
    PORTRAIT_ERASED = "portrait.erased"
    DRIVING_AUDIO_VOICE_STATED = "driving_audio.voice_stated"
    DRIVING_AUDIO_MOTION_STATED = "driving_audio.motion_stated"
    DRIVING_AUDIO_ERASED = "driving_audio.erased"
    LIVE_RECORDING_RECEIVED = "live_recording.received"
    LIVE_RECORDING_CHECKED = "live_recording.checked"
    LIVE_RECORDING_ERASED = "live_recording.erased"
    VOICE_REQUESTED = "voice.requested"
    VOICE_SENT = "voice.sent"
    VOICE_GRANTED = "voice.granted"
    VOICE_DECLINED = "voice.declined"
    VOICE_WITHDRAWN = "voice.withdrawn"
    DRAFT_MADE = "draft.made"
    LIVE_OPENED = "live.opened"
    LIVE_STARTED = "live.started"
    LIVE_ENDED = "live.ended"
    LIVE_HASHED = "live.hashed"
    STUDIO_OPENED = "studio.opened"
    FACE_REGISTERED = "face.registered"
    FACE_UNREGISTERED = "face.unregistered"
    FACE_MATCHED = "face.matched"
    FACE_MATCH_DECIDED = "face.match_decided"
    FACE_MATCH_DROPPED = "face.match_dropped"
    FACE_RECORDING_ERASED = "face.recording_erased"
    JOB_SUBMITTED = "job.submitted"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    RENDITION_SEALED = "rendition.sealed"
    RENDITION_APPROVED = "rendition.approved"
    RENDITION_RELEASED = "rendition.released"
    RENDITION_REJECTED = "rendition.rejected"
    RENDITION_REVOKED = "rendition.revoked"
    RENDITION_ERASED = "rendition.erased"
    REVIEW_SAMPLED = "review.sampled"
    REVIEW_SECOND_LOOK = "review.second_look"
    APPEAL_FILED = "appeal.filed"
    APPEAL_DECIDED = "appeal.decided"
    MISUSE_CLOSED = "misuse.closed"
    STAFF_ROLE_GRANTED = "staff.role_granted"
    STAFF_ROLE_REMOVED = "staff.role_removed"
    AUDIT_VIEWED = "audit.viewed"
    AUDIT_EXPORTED = "audit.exported"
    LOG_SUCCEEDED = "log.succeeded"


@dataclass(frozen=True)
class Entry:
    """One entry. `time` is aware and kept to the second in UTC; `actor` is an opaque id or "system".

    Raises EntryRejected when a part may not stand in the log.
    """

    index: int
    time: datetime
    event: LogEvent
    actor: str
    data: Mapping[str, DataValue]

    def __post_init__(self) -> None:
        if type(self.index) is not int or self.index < 0:  # a bool counts as an int, but writes as true
            raise EntryRejected("An entry's index counts from 0.")
        if self.time.tzinfo is None:
            raise EntryRejected("An entry's time needs a time zone.")
        if not _ACTOR.fullmatch(self.actor):
            raise EntryRejected("An actor is system, prt_..., usr_..., key_... or subject:sub_...")
        if len(self.data) > MAX_DATA_KEYS:
            raise EntryRejected(f"An entry holds at most {MAX_DATA_KEYS} values.")
        for key, value in self.data.items():
            _require_plain(key, value)
        object.__setattr__(self, "time", self.time.astimezone(UTC).replace(microsecond=0))

    @property
    def body(self) -> bytes:
        """The canonical bytes that are hashed into the tree."""
        document = {
            "v": VERSION,
            "index": self.index,
            "time": self.time.strftime(_TIME),
            "event": self.event.value,
            "actor": self.actor,
            "data": dict(self.data),
        }
        return bytes(rfc8785.dumps(document))

    @property
    def references(self) -> frozenset[str]:
        """The public ids that the data mentions: what a reader may look this entry up by."""
        return frozenset(
            value for value in self.data.values() if isinstance(value, str) and _REFERENCE.fullmatch(value)
        )


def _require_plain(key: str, value: object) -> None:
    """Refuse what is malformed or looks like personal data. The message never repeats the value."""
    if not _KEY.fullmatch(key):
        raise EntryRejected("A key in an entry's data is made of a-z and _ only.")
    if not isinstance(value, _VALUE_TYPES):
        raise EntryRejected(f"The value of {key} is not text, a whole number, a truth value or null.")
    if isinstance(value, str) and not _VALUE.fullmatch(value):
        raise EntryRejected(
            f"The value of {key} is empty, too long or looks like personal data. "
            "Entries hold ids, hashes and codes."
        )
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise EntryRejected(f"The number in {key} is too large for canonical JSON; write it as text.")


def parse_entry(body: bytes) -> Entry:
    """Read canonical bytes. Raises EntryRejected for anything that `Entry.body` would not have written."""
    try:
        document = json.loads(body)
        entry = Entry(
            index=document["index"],
            time=datetime.strptime(document["time"], _TIME).replace(tzinfo=UTC),
            event=LogEvent(document["event"]),
            actor=document["actor"],
            data=document["data"],
        )
        is_canonical = entry.body == body
    except EntryRejected:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EntryRejected("The entry is not in the log's JSON form.") from error
    if not is_canonical:
        raise EntryRejected("The entry is not in canonical form.")
    return entry
