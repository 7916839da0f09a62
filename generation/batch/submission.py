"""Checks and submits the lines of a table: each for itself, so that one refusal stops no other."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from accounts.access.actors import Actor
from accounts.access.policy import require_partner
from generation.batch.table import Line
from generation.services.idempotency import ApiResponse, require_key, respond_once
from generation.services.planning import planned
from generation.services.submit import submit_job
from provenance.common.errors import CodedError

ROUTE = "table of jobs"
_LONG_KEY = 64


@dataclass(frozen=True)
class LineAnswer:
    """What became of a line: a job, a refusal, or neither where it was only checked and would be taken."""

    line: Line
    job_id: str = ""
    refusal: CodedError | None = None


def check_lines(*, actor: Actor, lines: list[Line]) -> list[LineAnswer]:
    """What would be refused now; nothing is submitted. Quotas and the queue are asked when it comes to it."""
    return [_check(actor, line) for line in lines]


def _check(actor: Actor, line: Line) -> LineAnswer:
    if line.wanted is None:
        return LineAnswer(line, refusal=line.refusal)
    try:
        planned(actor, line.wanted)
    except CodedError as refusal:
        return LineAnswer(line, refusal=refusal)
    return LineAnswer(line)


def submit_lines(*, actor: Actor, lines: list[Line], key: str) -> list[LineAnswer]:
    """Submit every line that is right. Again with the same `key`, a line that was taken makes no second
    job. Raises InvalidInput for an unusable key.
    """
    require_key(key)
    if len(key) > _LONG_KEY:  # with the line's number it has to be a key, too
        key = hashlib.sha256(key.encode()).hexdigest()
    return [_submit(actor, line, key) for line in lines]


def _submit(actor: Actor, line: Line, key: str) -> LineAnswer:
    wanted = line.wanted
    if wanted is None:
        return LineAnswer(line, refusal=line.refusal)

    def submit() -> ApiResponse:
        return ApiResponse(202, {"id": submit_job(actor=actor, wanted=wanted).pk})

    try:
        answer = respond_once(
            partner=require_partner(actor),
            route=ROUTE,
            key=f"{key}:{line.number}",
            body=json.dumps(asdict(wanted), sort_keys=True).encode(),
            act=submit,
        )
    except CodedError as refusal:
        return LineAnswer(line, refusal=refusal)
    return LineAnswer(line, job_id=answer.body["id"])
