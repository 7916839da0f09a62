"""Rows for tests. Consents are made by the services, so that no test holds one nobody gave."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta
from typing import Any

import factory
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Manager, QuerySet
from django.utils import timezone
from factory.django import DjangoModelFactory
from PIL import Image

from accounts.access.actors import Actor, actor_of
from accounts.access.by_log import key_digest
from accounts.access.members_by_log import contact_digest
from accounts.access.recordings_by_log import found_digest, received_digest
from accounts.access.tokens import hash_token, new_token
from accounts.models import (
    ATTESTED_BASES,
    ApiKey,
    Basis,
    ConsentGrant,
    MemberRole,
    Membership,
    Partner,
    PartnerState,
    ReviewPolicy,
    Scope,
    StaffRole,
    Subject,
    User,
)
from accounts.services import consent, people, staff
from accounts.services.members import log_joined
from generation.live_check.report import RecordingReport
from generation.models import LiveRecording, Portrait
from generation.services.live_check.checking import note_report
from provenance.log.entries import DataValue, LogEvent
from provenance.services import log
from tests.accounts.reading import found

PASSWORD = "correct horse battery staple"


class PartnerFactory(DjangoModelFactory[Partner]):
    """An approved partner."""

    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Partner {n}")
    website = "https://partner.example"
    contact_name = "Con Tact"
    contact_email = factory.Sequence(lambda n: f"contact{n}@partner.example")
    purpose = "Greetings in the company's newsletter."
    state = PartnerState.APPROVED

    @classmethod
    def _create(cls, model_class: type[Partner], *args: Any, **kwargs: Any) -> Partner:
        """The row, and the log's entry about its state: gates ask the log."""
        with transaction.atomic():
            partner: Partner = super()._create(model_class, *args, **kwargs)
            event = {
                PartnerState.APPLIED: LogEvent.PARTNER_APPLIED,
                PartnerState.APPROVED: LogEvent.PARTNER_APPROVED,
                PartnerState.REFUSED: LogEvent.PARTNER_REFUSED,
                PartnerState.SUSPENDED: LogEvent.PARTNER_SUSPENDED,
            }[PartnerState(partner.state)]
            data = {"partner_id": partner.id}
            digest = {"contact_digest": contact_digest(partner)}
            log.append(LogEvent.PARTNER_APPLIED, actor="system", data=data | digest)
            if event is not LogEvent.PARTNER_APPLIED:
                log.append(event, actor="system", data=data)
            if partner.review_policy == ReviewPolicy.RELEASE:
                log_policy(partner)
        return partner


def log_policy(partner: Partner) -> None:
    """The log's entry about whether a reviewer looks at a partner's videos."""
    data = {"partner_id": partner.id, "review_policy": str(partner.review_policy)}
    log.append(LogEvent.PARTNER_POLICY_SET, actor="system", data=data)


class SubjectFactory(DjangoModelFactory[Subject]):
    """Somebody in a portrait."""

    class Meta:
        model = Subject

    partner = factory.SubFactory(PartnerFactory)
    display_name = factory.Sequence(lambda n: f"Subject {n}")
    email = factory.Sequence(lambda n: f"subject{n}@mail.example")


def png(width: int = 256, height: int = 256, colour: tuple[int, int, int] = (120, 90, 80)) -> bytes:
    """A real, plain PNG file."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


class PortraitFactory(DjangoModelFactory[Portrait]):
    """A stored portrait; its picture is plain, for tests that do not look at the face."""

    class Meta:
        model = Portrait

    partner = factory.SubFactory(PartnerFactory)
    subject = factory.SubFactory(SubjectFactory, partner=factory.SelfAttribute("..partner"))
    sha256 = factory.LazyFunction(lambda: secrets.token_hex(32))
    width = 256
    height = 256
    uploaded_by = "system"
    described_at = factory.LazyFunction(timezone.now)  # and no face was found in it

    @factory.lazy_attribute
    def image_key(self) -> str:
        return storages["media"].save(f"portraits/{self.sha256}.png", ContentFile(png()))


def person(name: str, *, partner: Partner | None = None, role: MemberRole = MemberRole.MEMBER) -> User:
    """A person with a proven mailbox and `PASSWORD`, in a partner if one is given."""
    user = people.create_account(email=f"{name.lower()}@people.example", name=name, password=PASSWORD)
    if partner is not None:
        join(partner, user, role)
    return user


def join(partner: Partner, user: User, role: MemberRole = MemberRole.MEMBER) -> Membership:
    """Somebody's membership of a partner, in the log too."""
    with transaction.atomic():
        membership = Membership.objects.create(partner=partner, user=user, role=role)
        log_joined(membership, actor=Actor(id=user.id, kind="member"))
    return membership


def staff_member(name: str, *roles: StaffRole) -> User:
    """A person with staff roles and a real authenticator set up."""
    user = person(name)
    for role in roles:
        staff.grant_role(user=user, role=role)
    people.enrol_totp(user=user)
    return user


def issue_key(partner: Partner, *scopes: Scope, **fields: Any) -> str:
    """The whole text of a new key of a partner, with all scopes unless some are named."""
    secret = new_token()
    values: dict[str, Any] = {"name": "test", "expires_at": timezone.now() + timedelta(days=30), **fields}
    with transaction.atomic():
        key = ApiKey.objects.create(
            partner=partner,
            prefix=secrets.token_hex(6),
            secret_sha256=hash_token(secret),
            scopes=[scope.value for scope in (scopes or tuple(Scope))],
            **values,
        )
        data = {"partner_id": partner.id, "key_id": key.id}
        log.append(LogEvent.API_KEY_CREATED, actor="system", data={**data, "key_digest": key_digest(key)})
        if key.revoked_at is not None:
            log.append(LogEvent.API_KEY_REVOKED, actor="system", data=data)
    return f"lk_{key.prefix}_{secret}"


def ask_consent(portrait: Portrait, member: User, **fields: Any) -> tuple[ConsentGrant, str | None]:
    """A request for consent by a member of the portrait's partner; another living person's by default.

    With the token of the link that the subject was sent, read from their mailbox; None for an attestation.
    """
    basis = fields.pop("basis", Basis.OTHER_PERSON)
    values: dict[str, Any] = {
        "purpose": "A greeting in the newsletter.",
        "valid_until": timezone.now() + timedelta(days=30),
        "max_videos": 3,
        "statement": "Rendered from CC0 data; shows nobody." if basis in ATTESTED_BASES else "",
        **fields,
    }
    grant = consent.request_consent(
        actor=actor_of(member), portrait=portrait, subject=portrait.subject, basis=basis, **values
    )
    if grant.is_attested:
        return grant, None
    consent.send_request(grant.id)  # what the commit does, which most tests never reach
    grant.refresh_from_db()
    return grant, found(r"/consent/([\w-]{43})/", newest_mail(portrait.subject.email))


def newest_mail(address: str) -> str:
    """The body of the last e-mail to an address."""
    return next(str(message.body) for message in reversed(mail.outbox) if address in message.to)


def ask_subject(portrait: Portrait, member: User, **fields: Any) -> tuple[ConsentGrant, str]:
    """A request to a living person, with the token of their link."""
    grant, token = ask_consent(portrait, member, **fields)
    assert token is not None
    return grant, token


def granted_consent(portrait: Portrait, member: User, **fields: Any) -> consent.GrantedConsent:
    """A consent that the subject granted through their link."""
    return say_yes(ask_subject(portrait, member, **fields)[1])


class LiveRecordingFactory(DjangoModelFactory[LiveRecording]):
    """A stored recording that the machine has looked at; for tests that do not look at it again."""

    class Meta:
        model = LiveRecording

    phrase_nonce = factory.LazyFunction(lambda: secrets.token_hex(16))
    language = "en"
    words = ("river", "lemon", "garden", "seven", "butter", "music")
    turn = "left"
    is_live = True
    content_type = "video/mp4"
    sha256 = factory.LazyFunction(lambda: secrets.token_hex(32))
    size_bytes = 1000
    checked_at = factory.LazyFunction(timezone.now)
    file_key = factory.LazyAttribute(lambda row: f"live-recordings/{row.sha256}.sealed")

    @classmethod
    def _create(cls, model_class: type[LiveRecording], *args: Any, **kwargs: Any) -> LiveRecording:
        """The row, and the log's entries about what came and what was found: gates ask the log."""
        with transaction.atomic():
            row: LiveRecording = super()._create(model_class, *args, **kwargs)
            about: dict[str, DataValue] = {
                "live_recording_id": row.pk,
                "consent_id": row.consent_id,
                "partner_id": row.partner_id,
            }
            received: dict[str, DataValue] = {
                "is_live": row.is_live,
                "recording_digest": received_digest(row, row.consent),
            }
            log.append(LogEvent.LIVE_RECORDING_RECEIVED, actor="system", data=about | received)
            if row.checked_at is not None:
                looked: dict[str, DataValue] = {
                    "warnings": len(row.warnings),
                    "report_digest": found_digest(row, row.consent),
                }
                log.append(LogEvent.LIVE_RECORDING_CHECKED, actor="system", data=about | looked)
        return row


def let_the_machine_pass(recordings: Manager[LiveRecording] | QuerySet[LiveRecording]) -> None:
    """As the machine leaves recordings that nothing speaks against."""
    for row in recordings.filter(checked_at=None):
        note_report(row, RecordingReport(()))


def say_yes(token: str) -> consent.GrantedConsent:
    """What the subject does who presses Yes, records, looks into their mailbox and types in the code; and
    what a reviewer does who sees that it is them.
    """
    reviewer = User.objects.filter(email="reviewing@people.example").first()
    given = consent.confirm_recorded(
        grant_id=agree(token).id, actor=actor_of(reviewer or staff_member("Reviewing", StaffRole.REVIEWER))
    )
    # As a week later; live_check/test_recordings.py has what retention does until then.
    at = timezone.now()
    given.grant.recordings.update(erasure_began_at=at, erased_at=at)
    return given


def agree(token: str, **recorded: Any) -> ConsentGrant:
    """What the subject alone can do: a yes that waits for a reviewer."""
    asked = consent.send_code(token)
    LiveRecordingFactory(consent=asked, **recorded)
    return consent.agree(token, code=found(r"Your code: (\d{6})", newest_mail(asked.subject.email)))
