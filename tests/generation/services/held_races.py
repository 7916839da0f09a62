"""Races in which one actor holds its rows and is late with its first note or log entry, so that the other
one certainly comes in between: two that take locks in different orders would wait for each other.

Each returns what became of the late one, and of the one that came in between.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from generation.choices.wanted_job import WantedJob

if TYPE_CHECKING:
    from tests.generation.services.races import Setting

HELD_S = 1.0  # how long the late one holds what it has locked
AHEAD_S = 0.3  # what it gets to lock that


def held_races(setting: Setting) -> dict[str, list[str]]:
    """The outcomes of each, by a name."""
    return {
        race.__name__: race(setting)
        for race in (
            withdraw_while_the_partner_is_suspended,
            end_a_session_while_its_consent_is_withdrawn,
            cancel_while_the_speaker_is_erased,
            withdraw_a_voice_while_its_speaker_is_erased,
            cancel_while_a_reviewer_knows_the_face,
            register_a_face_while_its_holder_is_erased,
            withdraw_a_face_while_another_is_registered,
            erase_a_video_while_it_is_approved,
        )
    }


def meet(late: Callable[[], Any], other: Callable[[], Any]) -> list[str]:
    """Run `late`, which holds its rows for a while, and `other` meanwhile; their outcomes."""
    from tests.generation.services.races import at_once

    def ahead() -> Any:
        _late.is_waiting = True
        return late()

    def meanwhile() -> Any:
        time.sleep(AHEAD_S)
        return other()

    with _late_with_the_log():
        return at_once(ahead, meanwhile)


_late = threading.local()


@contextmanager
def _late_with_the_log() -> Iterator[None]:
    from provenance.services import journal, log

    def after_a_while(call: Callable[..., Any]) -> Callable[..., Any]:
        def waits(*arguments: Any, **named: Any) -> Any:
            if getattr(_late, "is_waiting", False):
                _late.is_waiting = False
                time.sleep(HELD_S)
            return call(*arguments, **named)

        return waits

    with (
        mock.patch.object(log, "append", after_a_while(log.append)),
        mock.patch.object(journal, "note", after_a_while(journal.note)),
    ):
        yield


def _session(setting: Setting) -> Any:
    from accounts.access.actors import actor_of
    from generation.models import Voice
    from generation.services.live.opening import open_session
    from generation.services.live.room import announce

    announce("live@here", 2)
    return open_session(
        actor=actor_of(setting.alice),
        portrait_id=setting.portrait.id,
        voice=Voice.SYNTHETIC,
        size=256,
        seed=7,
    ).session


def _live(setting: Setting) -> tuple[Any, Any]:
    """A consent, and a live session and a job under it."""
    from django.db import transaction

    from accounts.models import ReviewPolicy
    from tests.factories import SubjectFactory, granted_consent, log_policy
    from tests.generation.conftest import let_out_without_review

    partner = setting.portrait.partner
    setting.portrait.subject = SubjectFactory(partner=partner)
    setting.portrait.save()
    answer = granted_consent(setting.portrait, setting.alice, max_videos=9, allows_live=True)
    let_out_without_review(partner)
    session = _session(setting)
    partner.refresh_from_db()
    partner.review_policy = ReviewPolicy.REVIEW
    partner.save()  # the other races have reviewers
    with transaction.atomic():
        log_policy(partner)
    _submit(setting, setting.audio)
    return answer, session


def _submit(setting: Setting, audio: Any, portrait: Any = None) -> Any:
    from accounts.access.actors import actor_of
    from generation.services.submit import submit_job

    wanted = WantedJob(portrait_id=(portrait or setting.portrait).id, driving_audio_id=audio.id, seed=1)
    return submit_job(actor=actor_of(setting.alice), wanted=wanted)


def withdraw_while_the_partner_is_suspended(setting: Setting) -> list[str]:
    """The consent has a live session and a job."""
    from accounts.services import consent, partners

    answer, _ = _live(setting)
    partner_id = setting.portrait.partner_id
    outcomes = meet(
        lambda: consent.withdraw(answer.withdraw_token),
        lambda: partners.suspend(partner_id=partner_id, actor=setting.otto, reason="A race."),
    )
    if outcomes[1] == "done":
        partners.reinstate(partner_id=partner_id, actor=setting.otto, reason="It is over.")
    return outcomes


def end_a_session_while_its_consent_is_withdrawn(setting: Setting) -> list[str]:
    """The withdrawal cancels a job first, and has the log from then on."""
    from accounts.access.actors import actor_of
    from accounts.services import consent
    from generation.services.live.ending import end_as_partner

    answer, session = _live(setting)
    return meet(
        lambda: end_as_partner(actor=actor_of(setting.alice), session_id=session.id),
        lambda: consent.withdraw(answer.withdraw_token),
    )


def _spoken(setting: Setting) -> tuple[Any, Any]:
    """A voice that was granted by somebody whose portrait may be used too, and a job with it of another."""
    from accounts.access.actors import actor_of
    from generation.models import DrivingAudio, Voice
    from generation.services.voice_consent.asking import ask_speaker, send_voice_request
    from tests.factories import SubjectFactory, granted_consent
    from tests.generation.conftest import stored_audio, stored_portrait
    from tests.generation.voice_consent.test_ask_a_speaker import agree

    partner = setting.portrait.partner
    own = stored_portrait(partner, setting.folder, size=400)
    speaker = SubjectFactory(partner=partner)
    own.subject = speaker
    own.save()
    granted_consent(own, setting.alice)
    seconds = 0.6 + 0.2 * DrivingAudio.objects.filter(partner=partner).count()  # the same is not stored twice
    audio = stored_audio(partner, setting.folder, seconds, voice=Voice.SPEAKER)
    asked = ask_speaker(
        actor=actor_of(setting.alice), driving_audio=audio, speaker=speaker, purpose="Words of welcome."
    )
    send_voice_request(asked.pk)
    asked.refresh_from_db()
    agree(asked)
    asked.refresh_from_db()
    setting.job(max_videos=3)
    return asked, _submit(setting, audio)


def cancel_while_the_speaker_is_erased(setting: Setting) -> list[str]:
    """The recording's own erasure has begun already."""
    from django.utils import timezone

    from accounts.access.actors import actor_of
    from generation.models import DrivingAudio
    from generation.services.cancel import cancel_job
    from generation.services.likeness.erasing import erase_everything

    asked, job = _spoken(setting)
    DrivingAudio.objects.filter(pk=asked.driving_audio_id).update(erasure_began_at=timezone.now())
    return meet(
        lambda: cancel_job(actor=actor_of(setting.alice), job_id=job.id),
        lambda: erase_everything(asked.contact),
    )


def withdraw_a_voice_while_its_speaker_is_erased(setting: Setting) -> list[str]:
    """The same person presses both."""
    from generation.services.likeness.erasing import erase_everything
    from generation.services.voice_consent.answering import withdraw_voice

    asked, _ = _spoken(setting)
    return meet(lambda: withdraw_voice(asked), lambda: erase_everything(asked.contact))


def _waiting_face(contact: Any, *, at: int) -> Any:
    """A registration that nobody has looked at, the `at`-th of a contact."""
    from generation.models import FaceRegistration

    return FaceRegistration.objects.create(
        id=f"reg_{at}_{contact.pk}",
        contact=contact,
        phrase_nonce=f"{at}{contact.pk}"[-32:],
        language="en",
        turn="left",
        is_live=True,
        content_type="video/mp4",
        file_key=f"face-registrations/{at}{contact.pk}",
        sha256=f"{at}{contact.pk}",
        size_bytes=1,
    )


def _note_face(row: Any) -> Any:
    from django.db import transaction

    from generation.live_check.report import RecordingReport
    from generation.services.face_register import registering
    from generation.services.face_register.sealed_faces import VALUES

    with transaction.atomic():
        return registering._note(row, RecordingReport((), descriptor=tuple([0.1] * VALUES))) or None


def register_a_face_while_its_holder_is_erased(setting: Setting) -> list[str]:
    """A worker has looked at the recording of somebody who granted a consent."""
    from generation.services.likeness.erasing import erase_everything

    answer, _ = setting.job()
    contact = answer.grant.contact
    row = _waiting_face(contact, at=1)
    return meet(lambda: _note_face(row), lambda: erase_everything(contact))


def withdraw_a_face_while_another_is_registered(setting: Setting) -> list[str]:
    """Both are of the same holder, and the recording that a worker has looked at is withdrawn too."""
    from generation.services.face_register.registering import withdraw_registrations

    answer, _ = setting.job()
    contact = answer.grant.contact
    waiting = _waiting_face(contact, at=2)
    _note_face(_waiting_face(contact, at=3))
    return meet(lambda: withdraw_registrations(contact), lambda: _note_face(waiting))


def erase_a_video_while_it_is_approved(setting: Setting) -> list[str]:
    """Its time is over while it waits for review."""
    from generation.models import ErasureReason
    from generation.services.erasure.erase import begin
    from generation.services.review import approve
    from tests.generation.conftest import seal

    _, submit = setting.job()
    rendition = seal(submit(), setting.folder)
    return meet(
        lambda: begin(rendition, reason=ErasureReason.RETENTION, actor_id="system"),
        lambda: approve(actor=setting.rita, rendition_id=rendition.id),
    )


def cancel_while_a_reviewer_knows_the_face(setting: Setting) -> list[str]:
    """Somebody registered whom a confirmed portrait, said to show nobody, is like."""
    from accounts.access.actors import actor_of
    from accounts.models import Channel
    from accounts.services import consent
    from accounts.services.contacts.addresses import find_or_make_contact
    from generation.models import FaceMatch, MatchDecision
    from generation.services.cancel import cancel_job
    from generation.services.face_register.deciding import decide
    from tests.factories import ask_consent
    from tests.generation.conftest import stored_portrait
    from tests.generation.face_register.conftest import described

    portrait = described(stored_portrait(setting.portrait.partner, setting.folder, size=402))
    asked, _ = ask_consent(portrait, setting.alice, basis="nonexistent_person")
    consent.confirm(grant_id=asked.id, actor=setting.rita)
    job = _submit(setting, setting.audio, portrait)
    _note_face(_waiting_face(find_or_make_contact(Channel.EMAIL, "vera@mail.example"), at=4))
    match = FaceMatch.objects.get(portrait=portrait)
    return meet(
        lambda: cancel_job(actor=actor_of(setting.alice), job_id=job.id),
        lambda: decide(match_id=match.pk, actor=setting.rita, decision=MatchDecision.SAME),
    )
