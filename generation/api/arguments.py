"""The video that a request of the API asks for."""

from __future__ import annotations

from generation.api.job_schemas import JobIn
from generation.choices.wanted_job import WantedJob


def wanted_job(asked: JobIn) -> WantedJob:
    """What `asked` says; what it leaves out counts as the defaults."""
    return WantedJob(
        portrait_id=asked.portrait_id,
        driving_audio_id=asked.driving_audio_id,
        controls=asked.controls.model_dump(exclude_none=True),
        seed=asked.seed,
        renderer=asked.renderer,
        video=asked.video.model_dump(exclude_none=True) if asked.video else None,
        disclosure=asked.disclosure.model_dump(exclude_none=True) if asked.disclosure else None,
        direction=asked.direction,
        motion=asked.motion.model_dump() if asked.motion else None,
        title=asked.title or "",
    )
