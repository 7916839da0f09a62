"""Compares the recordings of live checks with what the log says about them."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.access.recordings_by_log import recording_differences
from generation.models import LiveRecording
from provenance.selectors.decisions import StateFinding, findings_of


def recording_findings() -> Iterator[StateFinding]:
    """Every recording of a live check that contradicts the log. What was erased decides nothing."""

    def differences(row: LiveRecording) -> list[str]:
        return [] if row.is_erased else recording_differences(row, row.consent)

    return findings_of("live recording", LiveRecording.objects.select_related("consent"), differences)
