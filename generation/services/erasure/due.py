"""Decides what is due: files and names that no consent has covered for as many days as were stated.

A file of a consent that is open or in force is never due. Rows are believed only as far as the log bears them
out: an edited row must not erase anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models import Min, Q, QuerySet

from accounts.access.by_log import grant_differences, partner_differences
from accounts.models import OPEN_CONSENT_STATES, ConsentGrant, ConsentState, Contact, Partner, Subject
from generation.models import (
    DrivingAudio,
    FaceRegistration,
    Job,
    KeptSession,
    LiveRecording,
    Portrait,
    Rendition,
    Voice,
    VoiceConsent,
    VoiceState,
)
from generation.states import ACTIVE, JobState
from provenance.log.entries import LogEvent
from provenance.selectors.decisions import RENDITION_STEPS, newest_decision

LEAST_DAYS_UNUSED = 1  # between an upload and the request for consent
SOURCES, VIDEOS = "keep_sources_days", "keep_videos_days"
_ENDINGS = {
    ConsentState.WITHDRAWN: LogEvent.CONSENT_WITHDRAWN,
    ConsentState.DECLINED: LogEvent.CONSENT_DECLINED,
    ConsentState.REFUSED: LogEvent.CONSENT_REFUSED,
}
_DECISIONS = {LogEvent.CONSENT_GRANTED, LogEvent.CONSENT_DECLINED, LogEvent.CONSENT_REFUSED}
_VOICE_ENDINGS = {LogEvent.VOICE_DECLINED, LogEvent.VOICE_WITHDRAWN}
_WITHDRAWN = {LogEvent.RENDITION_REVOKED, LogEvent.RENDITION_REJECTED}


def end_of(grant: ConsentGrant, at: datetime) -> datetime | None:
    """When a consent or request ended; None while it is open, in force, or not what the log says.

    What somebody decided counts from the time of its log entry: the row's own times can be edited.
    """
    state = grant.state_at(at)
    if state in OPEN_CONSENT_STATES | {ConsentState.GRANTED}:
        return None
    if grant_differences(grant):
        return None
    if state in _ENDINGS:
        decision = newest_decision(grant.pk, {_ENDINGS[state]})
        return decision.time if decision else None
    if grant.receipt_digest or grant.link_expires_at is None:
        return grant.valid_until
    return min(grant.link_expires_at, grant.valid_until)


def _decided_at(grant: ConsentGrant, at: datetime) -> datetime | None:
    """When a request was granted, refused or declined, by the log, or ended unanswered; None while open."""
    decision = newest_decision(grant.pk, _DECISIONS)
    return decision.time if decision is not None else end_of(grant, at)


class Retention:
    """How long what is kept, at one moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._days_of = cache(self._read_days)

    def portraits(self) -> Iterator[Portrait]:
        """Portraits of which every consent ended long enough ago, or that were never asked about."""
        candidates = (
            Portrait.objects.filter(erasure_began_at=None, stored_at__lte=self._latest(SOURCES))
            .exclude(consents__in=ConsentGrant.objects.in_force(self.at))
            .exclude(jobs__state__in=ACTIVE)
        )
        for portrait in candidates.select_related("partner").prefetch_related("consents"):
            if self._is_over(SOURCES, portrait.partner, portrait.stored_at, portrait.consents.all()):
                yield portrait

    def driving_audio(self) -> Iterator[DrivingAudio]:
        """Recordings of which the consents of all their videos ended long enough ago, or that were unused.

        And those whose speaker said no or took a yes back, whatever the portraits' consents say.
        """
        stored = DrivingAudio.objects.filter(erasure_began_at=None, stored_at__lte=self._latest(SOURCES))
        idle = stored.exclude(jobs__state__in=ACTIVE).select_related("partner")
        spoken = [audio for audio in idle.filter(voice=Voice.SPEAKER) if self._is_voice_over(audio)]
        yield from spoken
        candidates = idle.exclude(jobs__consent__in=ConsentGrant.objects.in_force(self.at))
        for audio in candidates.exclude(pk__in=[audio.pk for audio in spoken]):
            grants = ConsentGrant.objects.filter(jobs__driving_audio=audio).distinct()
            if self._is_over(SOURCES, audio.partner, audio.stored_at, grants):
                yield audio

    def _is_voice_over(self, audio: DrivingAudio) -> bool:
        """Whether its speaker said no, or took the yes back, long enough ago, by the log."""
        newest = audio.voice_consents.first()
        if newest is None:
            return False
        said = newest_decision(newest.pk, {LogEvent.VOICE_GRANTED, *_VOICE_ENDINGS})
        if said is None or said.event not in _VOICE_ENDINGS:
            return False
        return self._is_past(SOURCES, audio.partner, audio.stored_at, said.time)

    def renditions(self) -> Iterator[Rendition]:
        """Videos that were withdrawn or rejected, or whose consent ended, long enough ago."""
        latest = self._latest(VIDEOS)
        ended = Q(job__state__in=[JobState.REVOKED, JobState.REJECTED])
        uncovered = Q(job__state__in=[JobState.RELEASED, JobState.IN_REVIEW]) & (
            Q(job__consent__valid_until__lte=latest) | Q(job__consent__withdrawn_at__lte=latest)
        )
        candidates = Rendition.objects.filter(ended | uncovered, erasure_began_at=None, stored_at__lte=latest)
        for rendition in candidates.select_related("job__partner", "job__consent"):
            job = rendition.job
            if job.state in {JobState.REVOKED, JobState.REJECTED}:
                step = newest_decision(rendition.pk, RENDITION_STEPS)
                if (
                    step is not None
                    and step.event in _WITHDRAWN
                    and self._is_past(VIDEOS, job.partner, rendition.stored_at, step.time)
                ):
                    yield rendition
            elif self._is_over(VIDEOS, job.partner, rendition.stored_at, [job.consent]):
                yield rendition

    def kept_sessions(self) -> Iterator[KeptSession]:
        """Files of live sessions that were withdrawn, or whose consent ended, long enough ago."""
        candidates = KeptSession.objects.filter(erasure_began_at=None, stored_at__lte=self._latest(VIDEOS))
        for kept in candidates.select_related("session__partner", "session__consent"):
            partner = kept.session.partner
            step = newest_decision(kept.pk, RENDITION_STEPS)
            if step is not None and step.event in _WITHDRAWN:
                if self._is_past(VIDEOS, partner, kept.stored_at, step.time):
                    yield kept
            elif self._is_over(VIDEOS, partner, kept.stored_at, [kept.session.consent]):
                yield kept

    def live_recordings(self) -> Iterator[LiveRecording]:
        """Recordings of live checks whose request was decided, or ended, long enough ago."""
        kept = timedelta(days=settings.LIKENESS_KEEP_LIVE_RECORDINGS_DAYS)
        candidates = LiveRecording.objects.filter(erasure_began_at=None, stored_at__lte=self.at - kept)
        for recording in candidates.select_related("consent"):
            decided_at = _decided_at(recording.consent, self.at)
            if decided_at is not None and decided_at + kept <= self.at:
                yield recording

    def face_registrations(self) -> Iterator[FaceRegistration]:
        """Recordings of registrations that no worker has looked at in all that time; else they are gone."""
        kept = timedelta(days=settings.LIKENESS_KEEP_LIVE_RECORDINGS_DAYS)
        yield from FaceRegistration.objects.filter(erasure_began_at=None, stored_at__lte=self.at - kept)

    def subjects(self) -> Iterator[Subject]:
        """Subjects of whom no file is left, and whose consents ended long enough ago."""
        candidates = (
            Subject.objects.filter(erased_at=None, created_at__lte=self._latest(SOURCES))
            .exclude(portraits__in=Portrait.objects.filter(erased_at=None))
            .exclude(portraits__jobs__rendition__in=Rendition.objects.filter(erased_at=None))
            .exclude(portraits__live_sessions__kept__in=KeptSession.objects.filter(erased_at=None))
            .exclude(voice_consents__in=self._voices_at_stake())
        )
        for subject in candidates.select_related("partner").prefetch_related("consents"):
            if self._is_over(SOURCES, subject.partner, subject.created_at, subject.consents.all()):
                yield subject

    def contacts(self) -> Iterator[Contact]:
        """Addresses that no subject has any more. One with a stop stays, so that its holder can lift it; and
        one with a registered face.
        """
        yield from (
            Contact.objects.filter(erased_at=None, stops=None, created_at__lte=self._latest(SOURCES))
            .exclude(consents__subject__in=Subject.objects.filter(erased_at=None))
            .exclude(voice_consents__in=self._voices_at_stake())
            .exclude(face_registrations__in=_faces_at_stake())
            .distinct()
        )

    def _voices_at_stake(self) -> QuerySet[VoiceConsent]:
        """Requests to speakers that can be answered, and consents under which something is kept."""
        is_open = Q(state=VoiceState.REQUESTED, link_expires_at__gt=self.at)
        kept = Q(driving_audio__erased_at=None) | Q(
            driving_audio__jobs__rendition__in=Rendition.objects.filter(erased_at=None)
        )
        return VoiceConsent.objects.filter(is_open | Q(state=VoiceState.GRANTED) & kept)

    def _is_over(
        self, kind: str, partner: Partner, stored_at: datetime, grants: Iterable[ConsentGrant]
    ) -> bool:
        ends = [end_of(grant, self.at) for grant in grants]
        return None not in ends and self._is_past(
            kind, partner, stored_at, max(filter(None, ends), default=None)
        )

    def _is_past(self, kind: str, partner: Partner, stored_at: datetime, end: datetime | None) -> bool:
        days = self._days_of(partner.pk)[kind]
        if days is None:
            return False
        # The log tells whole seconds. Nobody was asked yet about what is newer than the last end.
        if end is None or stored_at.replace(microsecond=0) > end:
            return stored_at + timedelta(days=max(days, LEAST_DAYS_UNUSED)) <= self.at
        return end + timedelta(days=days) <= self.at

    def _read_days(self, partner_id: str) -> dict[str, int | None]:
        """The partner's days, or the service's; None where the row is not what the log says."""
        partner = Partner.objects.get(pk=partner_id)
        edited = partner_differences(partner)
        days: dict[str, int | None] = {}
        for kind, default in _defaults().items():
            own = getattr(partner, kind)
            days[kind] = None if kind in edited else default if own is None else own
        return days

    def _latest(self, kind: str) -> datetime:
        """What is newer than this cannot be due, whoever's it is."""
        own = Partner.objects.aggregate(least=Min(kind))["least"]
        default = _defaults()[kind]
        return self.at - timedelta(days=default if own is None else min(own, default))


def _faces_at_stake() -> QuerySet[FaceRegistration]:
    """Registrations in force, and recordings of which it is not known yet whether they register a face."""
    waits = Q(checked_at=None, erasure_began_at=None)
    return FaceRegistration.objects.filter(Q(registered_at__isnull=False) | waits, withdrawn_at=None)


def _defaults() -> dict[str, int]:
    return {SOURCES: settings.LIKENESS_KEEP_SOURCES_DAYS, VIDEOS: settings.LIKENESS_KEEP_VIDEOS_DAYS}


def is_in_use(jobs: Iterable[Job]) -> bool:
    """Whether one of the jobs waits, runs, or waits for a reviewer who has to see what it was made from."""
    return any(job.state in ACTIVE | {JobState.IN_REVIEW} for job in jobs)
