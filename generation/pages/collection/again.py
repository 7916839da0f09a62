"""What the form for a new video begins with: nothing, a portrait and a recording, or an earlier video."""

from __future__ import annotations

import json
from typing import Any

from django.http import QueryDict

from accounts.models import Partner
from generation import selectors
from generation.animation.motion.controls import MotionControls
from generation.models import Job


def initial_of(asked: QueryDict, partner: Partner) -> dict[str, Any]:
    """The initial values of a `JobForm` as the address asks for them. Raises NotFound for an unknown job."""
    initial: dict[str, Any] = {name: asked[name] for name in ("portrait", "driving_audio") if asked.get(name)}
    if again := asked.get("again"):
        initial = _as_before(selectors.job_of(partner, str(again))) | initial
    return initial


def _as_before(job: Job) -> dict[str, Any]:
    """A job's own values. What was erased since, or needs new consent, is chosen anew."""
    values: dict[str, Any] = dict(MotionControls.from_json(job.controls).to_json())
    values |= {
        "title": job.title,
        "portrait": job.portrait_id,
        "driving_audio": job.driving_audio_id,
        "listening": bool(values.get("listening")),
        "seed": job.seed,
        "motion": job.motion.get("lips", ""),
        "direction": json.dumps(job.direction, indent=1) if job.direction else "",
    }
    if job.video:
        fill = job.video["fill"]
        values |= {name: job.video[name] for name in ("aspect", "size", "fps")}
        values |= {"fill": "colour", "fill_colour": fill} if fill.startswith("#") else {"fill": fill}
    if job.disclosure:
        values |= {
            f"label_{name}": job.disclosure[name] for name in ("preset", "language", "place", "sound_cue")
        }
    return values
