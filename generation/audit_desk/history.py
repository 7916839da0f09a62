"""Who allowed, made, approved and withdrew one video: its log entries, each proven on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext

from accounts.access.actors import SYSTEM
from accounts.access.by_log import grant_differences
from accounts.models import ApiKey, Partner, Subject, User
from generation.by_log import job_differences, rendition_differences
from generation.models import Rendition
from provenance.common.errors import NotFound
from provenance.log.entries import Entry, LogEvent
from provenance.log.errors import EntryRejected
from provenance.models.log import LogEntry
from provenance.selectors import log


class Question(StrEnum):
    """The question that a step answers."""

    ALLOWED = "allowed"
    MADE = "made"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Step:
    """One decision about a video. `is_proven`: the log's newest checkpoint covers its entry, checked now."""

    question: Question
    index: int
    time: datetime
    event: LogEvent
    actor: str
    who: str
    facts: dict[str, object]
    is_proven: bool


@dataclass(frozen=True)
class VideoHistory:
    """The steps of one video in the order of the log, and what its rows say against the log."""

    rendition: Rendition
    steps: tuple[Step, ...]
    differences: dict[str, list[str]]

    @property
    def is_sound(self) -> bool:
        """Whether every step is proven, and no row says anything else."""
        return all(step.is_proven for step in self.steps) and not any(self.differences.values())


_PARTS = {
    LogEvent.CONSENT_REQUESTED: Question.ALLOWED,
    LogEvent.CONSENT_RECORDED: Question.ALLOWED,
    LogEvent.CONSENT_ATTESTED: Question.ALLOWED,
    LogEvent.CONSENT_GRANTED: Question.ALLOWED,
    LogEvent.CONSENT_CONFIRMED: Question.ALLOWED,
    LogEvent.JOB_SUBMITTED: Question.MADE,
    LogEvent.RENDITION_SEALED: Question.MADE,
    LogEvent.RENDITION_APPROVED: Question.APPROVED,
    LogEvent.RENDITION_RELEASED: Question.APPROVED,
    LogEvent.REVIEW_SECOND_LOOK: Question.APPROVED,
    LogEvent.APPEAL_DECIDED: Question.WITHDRAWN,
    LogEvent.RENDITION_REJECTED: Question.WITHDRAWN,
    LogEvent.RENDITION_REVOKED: Question.WITHDRAWN,
    LogEvent.RENDITION_ERASED: Question.WITHDRAWN,
    LogEvent.CONSENT_WITHDRAWN: Question.WITHDRAWN,
}


def history_of(rendition_id: str) -> VideoHistory:
    """The history of one video. Raises NotFound, LogDamaged."""
    rendition = (
        Rendition.objects.select_related("job__partner", "job__portrait__subject", "job__consent")
        .filter(pk=rendition_id)
        .first()
    )
    if rendition is None:
        raise NotFound(gettext("There is no such video."))
    job = rendition.job
    about = [rendition.id, job.id, job.consent_id]
    rows = LogEntry.objects.filter(references__value__in=about, event__in=_PARTS).order_by("index")
    size = log.tree_size()
    steps = [_step(row, size) for row in rows.distinct()]
    differences = {
        "consent": grant_differences(job.consent),
        "job": job_differences(job),
        "video": rendition_differences(rendition),
    }
    # Of the consent's life only what belongs to this video: other jobs under it are other videos.
    own = [step for step in steps if step.facts.get("job_id", job.id) == job.id]
    own = [step for step in own if step.facts.get("rendition_id", rendition.id) == rendition.id]
    return VideoHistory(rendition, tuple(own), differences)


def _step(row: LogEntry, size: int) -> Step:
    try:
        entry = row.entry
        is_proven = _is_proven(entry, size)
    except EntryRejected:
        facts: dict[str, object] = {}
        event = LogEvent(row.event)
        return Step(_PARTS[event], row.index, row.time, event, row.actor, _who(row.actor), facts, False)
    facts = {name: value for name, value in entry.data.items() if value is not None}
    return Step(
        _PARTS[entry.event],
        entry.index,
        entry.time,
        entry.event,
        entry.actor,
        _who(entry.actor),
        facts,
        is_proven,
    )


def _is_proven(entry: Entry, size: int) -> bool:
    try:
        log.inclusion_proof(entry.index, size)
    except (log.LogDamaged, NotFound):
        return False
    return True


def _who(actor: str) -> str:
    """The name behind an id of the log, as far as it is still kept."""
    if actor == SYSTEM.id:
        return gettext("the service, by policy")
    kind, _, rest = actor.partition(":")
    if kind == "subject":
        subject = Subject.objects.filter(pk=rest).first()
        if subject is None:
            return gettext("a person who was erased")
        return gettext("{name}, the person in the portrait").format(name=subject.shown_name)
    if actor.startswith("usr_"):
        user = User.objects.filter(pk=actor).first()
        return user.get_full_name() if user else gettext("an account that is gone")
    if actor.startswith("key_"):
        key = ApiKey.objects.select_related("partner").filter(pk=actor).first()
        if key is None:
            return gettext("an API key that is gone")
        return gettext("an API key of {partner}").format(partner=key.partner.name)
    partner = Partner.objects.filter(pk=actor).first()
    return partner.name if partner else actor
