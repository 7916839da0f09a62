"""What a request for a job asks the services for."""

from __future__ import annotations

from typing import Any

from generation.api.job_schemas import JobIn


def job_arguments(wanted: JobIn) -> dict[str, Any]:
    """The arguments of `submit_job`, without the actor; those that were left out count as the defaults."""
    return {
        "portrait_id": wanted.portrait_id,
        "driving_audio_id": wanted.driving_audio_id,
        "controls": wanted.controls.model_dump(exclude_none=True),
        "seed": wanted.seed,
        "renderer": wanted.renderer,
        "video": wanted.video.model_dump(exclude_none=True) if wanted.video else None,
        "disclosure": wanted.disclosure.model_dump(exclude_none=True) if wanted.disclosure else None,
        "direction": wanted.direction,
        "motion": wanted.motion.model_dump() if wanted.motion else None,
        "title": wanted.title or "",
    }
