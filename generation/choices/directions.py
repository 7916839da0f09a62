"""The direction of a job: what is asked for, how the row keeps it, and what is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils.translation import gettext_noop as _

from generation.animation.motion.direction.direction import Direction, DirectionInvalid
from generation.models import Job
from provenance.common.errors import CodedError, InvalidInput
from provenance.manifest.claim import DirectionFacts


class DirectionRefused(InvalidInput):
    """A direction cannot be used; `details` has the place in its JSON as a JSON Pointer."""

    code = "direction_invalid"
    message = "The direction cannot be used."
    hint = "See the message for the place in the direction and what may stand there."

    def __init__(self, error: DirectionInvalid) -> None:
        place = f"/direction{error.path}"
        sentence = _("The direction cannot be used at {place}.").format(place=place)
        super().__init__(f"{sentence} {error.message}", hint=error.hint)
        self.details = {"path": place}


class DirectionNotOffered(CodedError):
    """The motion source of this service takes no direction."""

    code = "direction_not_offered"
    status = 422
    message = "This service moves faces by the voice alone; it takes no direction."
    hint = "Leave the direction out."


def chosen_direction(values: object) -> Direction:
    """The direction with these JSON values; None is none. Raises DirectionRefused."""
    if values is None:
        return Direction()
    try:
        return Direction.from_json(values)
    except DirectionInvalid as error:
        raise DirectionRefused(error) from error


def stored_direction(direction: Direction) -> dict[str, Any]:
    """How a job keeps its direction: empty where it directs nothing."""
    return {} if direction.is_empty else direction.to_json()


def direction_of(job: Job) -> Direction:
    """The direction that a job was submitted with."""
    return chosen_direction(job.direction or None)


def direction_facts(job: Job) -> DirectionFacts | None:
    """What the manifest says of a job's direction; None where there is none."""
    direction = direction_of(job)
    if direction.is_empty:
        return None
    canonical = json.dumps(direction.to_json(), sort_keys=True, separators=(",", ":")).encode()
    return DirectionFacts(
        sha256=hashlib.sha256(canonical).hexdigest(),
        controls=direction.controls,
        channels=direction.channels,
    )
