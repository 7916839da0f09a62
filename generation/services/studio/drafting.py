"""Drafts of the studio: a still, a clip of three seconds, the timeline of a recording and what the voice does
by itself in it. Nothing is stored."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from generation import storage
from generation.animation.motion.controls import ControlsInvalid, MotionControls
from generation.by_log import require_voice_as_logged
from generation.choices.directions import chosen_direction, stored_direction
from generation.choices.motions import chosen_motion
from generation.choices.video_formats import chosen_format
from generation.selectors import driving_audio_of
from generation.services.planning import MAX_SEED
from generation.services.studio.opening import require_open
from generation.services.voice_consent.checking import require_voice
from generation.studio.studio_order import Kind, StudioOrder
from generation.studio.studio_pool import StudioPool
from provenance.common.errors import InvalidInput
from provenance.keys.service_keys import watermark_key

LABEL: Final = "DRAFT - NOT FOR USE"  # in one language: the letters that are drawn are ASCII


@dataclass(frozen=True)
class Wanted:
    """What a draft shows: the inputs of a job, and the cursor in seconds of the video.

    `lips` are empty where the voice moves the face, else those that a performer's motion has."""

    driving_audio_id: str
    controls: dict[str, Any]
    direction: object
    seed: int
    fps: int
    sound_cue: bool
    at_s: float
    lips: str = ""


def studio_draft(kind: Kind, *, actor: Actor, token: str, wanted: Wanted) -> bytes:
    """A still (JPEG), a clip (MP4), the timeline or curves of it (JSON), for whoever opened the studio.

    Partner, consent and voice are asked anew each time. Raises what `require_open` raises, InvalidInput,
    DirectionRefused, StudioBusy, DraftRefused, DraftFailed.
    """
    opening, portrait = require_open(actor=actor, token=token)
    driving_audio = driving_audio_of(portrait.partner, wanted.driving_audio_id)
    require_voice_as_logged(driving_audio)
    require_voice(driving_audio, driving_audio.voice)
    try:
        controls = MotionControls.from_json(wanted.controls)
    except ControlsInvalid as error:
        raise InvalidInput(
            str(error),
            code="controls_invalid",
            hint=_("Look at controls.{field}.").format(field=error.field),
        ) from error
    motion = chosen_motion({"lips": wanted.lips} if wanted.lips else None, driving_audio)
    chosen_format({"fps": wanted.fps})
    if not 0 <= wanted.seed <= MAX_SEED:
        raise InvalidInput(_("seed must be from 0 to {most}.").format(most=MAX_SEED))
    order = StudioOrder(
        nonce="",
        kind=kind,
        sound=driving_audio.sha256,
        sound_cue=wanted.sound_cue,
        controls=dict(controls.to_json()),
        direction=stored_direction(chosen_direction(wanted.direction)),
        seed=wanted.seed,
        fps=wanted.fps,
        at_s=max(0.0, wanted.at_s),
        label=LABEL,
        watermark_id=opening.watermark_id,
        key=watermark_key(opening.watermark_year).secret,
        motion=motion.get("sha256", ""),
        lips=motion.get("lips", ""),
    )
    return _pool(os.getpid()).make(
        order,
        portrait=portrait.id,
        files={
            "portrait": lambda: _content(portrait.image_key),
            "sound": lambda: _content(driving_audio.audio_key),
            "motion": lambda: _content(driving_audio.motion_key),
        },
    )


@cache
def _pool(process_id: int) -> StudioPool:
    """The studio processes of this web process: pipes do not survive a fork."""
    return StudioPool(settings.LIKENESS_STUDIO_PROCESSES)


def close_studios() -> None:
    """End the studio processes of this web process."""
    _pool(os.getpid()).close()


def _content(key: str) -> bytes:
    with storage.local_path(key) as path:
        return path.read_bytes()
