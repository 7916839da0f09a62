"""All that is asked for with one video, before anything of it was checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class WantedJob:
    """What a partner chose for one video. Pages, tables and the API each make one; planning checks it.

    `video` are fields of VideoFormat, `disclosure` those of Disclosure, and `direction` is the JSON of a
    Direction; what is left out is as the operator set it. Without `seed` one is drawn, and without `renderer`
    the operator's default is taken. With `motion` the recording's motion track moves the face, with the
    `lips` of the speech or the performer's. `title` is what the partner calls the video; `tell_by_email` has
    whoever asks told when it is finished.
    """

    portrait_id: str
    driving_audio_id: str
    controls: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    renderer: str | None = None
    video: dict[str, Any] | None = None
    disclosure: dict[str, Any] | None = None
    direction: object = None
    motion: dict[str, Any] | None = None
    title: str = ""
    tell_by_email: bool = False
