"""Protocol and look-up of the recordings of live checks; the table itself belongs to the generation app."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, cast

from accounts.models import ConsentGrant


class RecordingRow(Protocol):
    """The columns of a recording that a consent depends on.

    `words` and `turn` are what it had to be of. `checked_at` is when the machine was done with it, and
    `warnings` the codes of what spoke against it.
    `distance` is that of the two faces, None where one has none. `is_live`: the page recorded it itself.
    """

    @property
    def id(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def file_key(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def words(self) -> list[str]: ...
    @property
    def turn(self) -> str: ...
    @property
    def is_live(self) -> bool: ...
    @property
    def checked_at(self) -> datetime | None: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def distance(self) -> float | None: ...
    @property
    def erasure_began_at(self) -> datetime | None: ...


def recording_of(grant: ConsentGrant) -> RecordingRow | None:
    """The newest recording for a consent that was not erased."""
    found = grant.recordings.filter(erasure_began_at=None).order_by("-stored_at", "-id").first()
    return cast("RecordingRow | None", found)
