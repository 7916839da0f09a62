"""Compares the recordings of live checks with what the log says about them.

A reviewer decides by a recording, the words that it had to be of and what the machine found in it. Recordings
of 0.9.0 and before are compared as far as the log has digests of them.
"""

from __future__ import annotations

from accounts.models import ConsentGrant
from accounts.recordings import RecordingRow
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import digest_of_facts, newest_decision, require_as_logged

# As `auditlog_fsck --state` names them: a digest that differs does not say in which of them.
RECEIVED = ("sha256", "file_key", "content_type", "language", "words", "turn")
FOUND = ("warnings", "distance")


def received_digest(recording: RecordingRow, grant: ConsentGrant) -> str:
    """SHA-256 (hex) of what was taken in and which words it had to be of, salted as the request's terms."""
    return digest_of_facts(
        "live recording",
        grant.terms_salt,
        recording.sha256,
        recording.file_key,
        recording.content_type,
        str(recording.language),
        [str(word) for word in recording.words],
        str(recording.turn),
    )


def found_digest(recording: RecordingRow, grant: ConsentGrant) -> str:
    """SHA-256 (hex) of what the machine found: the codes of its warnings, and the distance of the faces."""
    distance = None if recording.distance is None else f"{recording.distance:.6f}"
    return digest_of_facts("live report", grant.terms_salt, list(recording.warnings), distance)


def recording_differences(recording: RecordingRow, grant: ConsentGrant) -> list[str]:
    """The columns of a recording that the log contradicts. Raises LogDamaged."""
    received = newest_decision(recording.id, {LogEvent.LIVE_RECORDING_RECEIVED})
    checked = newest_decision(recording.id, {LogEvent.LIVE_RECORDING_CHECKED})
    if received is None:
        return ["id"]
    expected = {
        "consent": (grant.pk, received.data["consent_id"]),
        "is_live": (recording.is_live, received.data["is_live"]),
        "checked_at": (recording.checked_at is None, checked is None),
    }
    differing = [column for column, (value, said) in expected.items() if value != said]
    digest = received_digest(recording, grant)
    differing += [] if received.data.get("recording_digest", digest) == digest else RECEIVED
    if checked is None:
        return differing + (list(FOUND) if recording.warnings or recording.distance is not None else [])
    digest = found_digest(recording, grant)
    is_as_found = len(recording.warnings) == checked.data["warnings"]
    is_as_found = is_as_found and checked.data.get("report_digest", digest) == digest
    return differing + ([] if is_as_found else list(FOUND))


def require_recording_as_logged(recording: RecordingRow, grant: ConsentGrant) -> None:
    """Let a recording pass that the log bears out. Raises RowContradictsLog, LogDamaged."""
    require_as_logged("live recording", recording.id, recording_differences(recording, grant))
