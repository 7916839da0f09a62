"""The orders to a studio process and its answers: a line of JSON each, and bytes behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["still", "clip", "timeline", "curves"]


@dataclass(frozen=True)
class StudioOrder:
    """One draft to make: a still (JPEG), a clip of three seconds (MP4), the timeline of a recording, or what
    the voice does by itself in some seconds of it (both JSON).

    `sound` names the recording, and `motion` the performer's track that moves the face with the `lips`, empty
    for the voice. Behind the order follow, as so many bytes, the portrait (PNG), the sound (WAV) and the
    motion (CSV) where the process has said that it lacks it. `controls` and `direction` are as a job has
    them, `at_s` is the cursor in seconds of the video. `watermark_id` and `key`, the secret of the year's
    key, are the mark; `label` (ASCII) is laid over every frame.
    """

    nonce: str
    kind: Kind
    sound: str
    sound_cue: bool
    controls: dict[str, object]
    direction: dict[str, object]
    seed: int
    fps: int
    at_s: float
    label: str
    watermark_id: int
    key: bytes
    portrait_bytes: int = 0
    sound_bytes: int = 0
    motion: str = ""
    lips: str = ""
    motion_bytes: int = 0


@dataclass(frozen=True)
class StudioAnswer:
    """The answer to the order with that nonce; `size` bytes follow.

    `lacks`: the order was not carried out, since this process has not been given that yet. `refusal`: a
    sentence for whoever asked. `failure` is for the log and never for an answer to a caller.
    """

    nonce: str
    size: int = 0
    lacks: Literal["portrait", "sound", "motion"] | None = None
    refusal: str = ""
    failure: str = ""
