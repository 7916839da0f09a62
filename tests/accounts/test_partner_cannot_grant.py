"""A partner that holds every id, key and answer it is given cannot say yes for a living person."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from itertools import product
from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command, get_commands
from django.db.models import Model
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import (
    ATTESTED_BASES,
    Basis,
    Channel,
    ConsentGrant,
    ConsentState,
    Partner,
    StaffRole,
    User,
)
from accounts.services import consent, likeness, people, staff
from accounts.services.contacts.addresses import find_or_make_contact
from config.api import api
from generation.models import FaceMatch, FaceRegistration, Voice, VoiceConsent, VoiceState
from generation.services.voice_consent.asking import ask_speaker
from tests.accounts.described_calls import described_calls
from tests.accounts.reading import found
from tests.factories import (
    PortraitFactory,
    SubjectFactory,
    agree,
    ask_consent,
    ask_subject,
    granted_consent,
    issue_key,
    newest_mail,
)
from tests.generation.conftest import _the_same_file_is_examined_once, stored_audio  # noqa: F401
from tests.routes import routes

ROOT = Path(__file__).resolve().parents[2]
JSON = "application/json"
OUR_APPS = {"accounts", "generation", "provenance", "config"}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def asked(alice, portrait_a, alice_browser, django_capture_on_commit_callbacks) -> ConsentGrant:
    """A living person, asked by the API; the message went to their mailbox."""
    program = Client(headers={"Authorization": f"Bearer {issue_key(portrait_a.partner)}"})
    with django_capture_on_commit_callbacks(execute=True):
        answer = program.post(
            "/v1/consents",
            {
                "portrait_id": portrait_a.id,
                "basis": "other_person",
                "purpose": "A greeting.",
                "valid_until": (timezone.now() + timedelta(days=9)).isoformat(),
                "max_videos": 10_000,
            },
            content_type="application/json",
        )
    assert answer.status_code == 201
    grant = ConsentGrant.objects.get(pk=answer.json()["id"])
    assert "/consent/" in newest_mail(grant.subject.email)
    return grant


@pytest.fixture
def waiting(asked, alice, partner_a, tmp_path) -> dict[str, Model]:
    """Everything of partner A that an answer could turn into a yes, and what the person took back."""
    contact = find_or_make_contact(Channel.EMAIL, "vera@mail.example")
    said_yes = agree(ask_subject(PortraitFactory(partner=partner_a), alice)[1])
    declined, link = ask_subject(PortraitFactory(partner=partner_a), alice)
    consent.decline(link)
    withdrawn = granted_consent(PortraitFactory(partner=partner_a), alice)
    consent.withdraw(withdrawn.withdraw_token)
    attested, _ = ask_consent(PortraitFactory(partner=partner_a), alice, basis=Basis.NONEXISTENT_PERSON)
    registered = FaceRegistration.objects.create(
        contact=contact, phrase_nonce="n", is_live=True, size_bytes=1, registered_at=timezone.now()
    )
    match = FaceMatch.objects.create(portrait_id=attested.portrait_id, registration=registered, distance=0.3)
    voice = ask_speaker(
        actor=actor_of(alice),
        driving_audio=stored_audio(partner_a, tmp_path, 1.0, voice=Voice.SPEAKER),
        speaker=SubjectFactory(partner=partner_a, email="speaker@mail.example"),
        purpose="The words of welcome.",
    )
    return {
        "asked": asked,
        "said yes": said_yes,
        "declined": declined,
        "withdrawn": withdrawn.grant,
        "attested": attested,
        "match": match,
        "voice": voice,
    }


def standing(waiting: dict[str, Model]) -> dict[str, str]:
    """What is decided about each by now."""
    for row in waiting.values():
        row.refresh_from_db()
    return {
        name: str(row.decision if isinstance(row, FaceMatch) else getattr(row, "state", ""))
        for name, row in waiting.items()
    }


@pytest.fixture
def others_mail(partner_a, alice) -> dict[str, str]:
    """What the mailbox of another person holds, who was asked by the same partner: links, and a code."""
    granted = granted_consent(PortraitFactory(partner=partner_a), alice)
    assert granted.grant.contact is not None
    likeness.send_link(granted.grant.contact)
    opened = found(r"/likeness/([\w-]{43})/", newest_mail(granted.grant.contact.address))
    asked, link = ask_subject(PortraitFactory(partner=partner_a), alice)
    consent.send_code(link)
    code = found(r"Your code: (\d{6})", newest_mail(asked.subject.email))
    return {"link": link, "receipt": granted.withdraw_token, "likeness": opened, "code": code}


# Names in addresses of what no answer of a person hangs on, and what is filled in there. A route with a name
# that is neither here nor in `known_to` fails the test below: say what a partner would know of it.
NO_ANSWER_HANGS_ON = {
    "appeal_id": "apl_x",
    "delivery_id": "whd_x",
    "form": "csv",
    "index": "1",
    "job_id": "job_x",
    "key_id": "key_x",
    "look_id": "slk_x",
    "manifestId": "urn:c2pa:x",
    "membership_id": "mem_x",
    "name": "amara",
    "path": "0/000",
    "rendition_id": "rnd_x",
    "report_id": "rep_x",
    "session_id": "lvr_x",
    "subject_id": "sub_x",
    "upload_id": "upl_x",
    "verification_id": "vrf_x",
    "webhook_id": "whk_x",
}
# Who has no role inside the service comes to none of these (tests/accounts/test_admin.py says what a role may
# there), and what the library of accounts has is about the visitor's own sign-in.
NOT_WALKED = ("admin/", "account/")


def known_to(
    partner: Partner, waiting: dict[str, Model], others_mail: dict[str, str]
) -> dict[str, list[str]]:
    """By the name of a route's parameter, every id of a kind, and more than a partner ever sees of links."""
    consents = [row for row in waiting.values() if isinstance(row, ConsentGrant)]
    voice, match = waiting["voice"], waiting["match"]
    assert isinstance(voice, VoiceConsent)
    return {
        **{name: [value] for name, value in NO_ANSWER_HANGS_ON.items()},
        "consent_id": [row.pk for row in consents],
        "portrait_id": [consents[0].portrait_id],
        "voice_consent_id": [voice.pk],
        "driving_audio_id": [voice.driving_audio_id],
        "match_id": [str(match.pk)],
        "partner_id": [partner.pk],
        "token": [consents[0].link_token_hash or "", others_mail["link"]],
        # Where a link leads decides which of them can be one.
        "receipt/ token": [others_mail["receipt"]],
        "likeness/ token": [others_mail["likeness"]],
        "voice/ token": [voice.link_token_hash or "", others_mail["link"]],
    }


def paths(known: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Every address pattern of the service, and the addresses for every id that fits into it."""
    for route in routes():
        if route.startswith(NOT_WALKED):
            continue
        assert not set("(^$\\") & set(route), f"{route} is a pattern that this cannot fill in"
        first = route.partition("/")[0]
        values_of = [known.get(f"{first}/ {name}", known.get(name)) for name in PARAMETER.findall(route)]
        assert None not in values_of, f"{route} has a name that is in neither list"
        for values in product(*filter(None, values_of)):
            yield route, "/" + PARAMETER.sub("{}", route).format(*values)


def in_force() -> set[str]:
    """Every yes of a living person that counts, to portraits and to voices, or waits for a reviewer."""
    said_yes = ConsentGrant.objects.filter(state__in=[ConsentState.GRANTED, ConsentState.RECORDED])
    said_yes = said_yes.exclude(basis__in=ATTESTED_BASES)  # the samples' people do not exist
    spoken = VoiceConsent.objects.filter(state=VoiceState.GRANTED)
    return {*said_yes.values_list("pk", flat=True), *spoken.values_list("pk", flat=True)}


@pytest.mark.slow
def test_no_route_takes_a_yes_from_whoever_has_all_ids_and_keys(
    waiting, others_mail, alice_browser, charlie_browser, partner_a
):
    program = Client(headers={"Authorization": f"Bearer {issue_key(partner_a)}"})
    alice = User.objects.get(name="Alice")
    staff.grant_role(user=alice, role=StaffRole.REVIEWER)  # may decide for others, never for her own
    people.enrol_totp(user=alice)
    said_yes = waiting["said yes"]
    assert isinstance(said_yes, ConsentGrant)
    answers = {
        "answer": "grant",
        "code": others_mail["code"],
        "state": "granted",
        "reason": "It is right.",
        "recording": said_yes.recordings.get().pk,
        "consents": "all",
    }
    before, counted = standing(waiting), in_force()
    known = known_to(partner_a, waiting, others_mail)
    statuses: Counter[int] = Counter()
    ends = []

    def tries(send: Callable[..., HttpResponseBase], path: str, *sent: object, **more: object) -> None:
        cache.clear()  # they have all the time in the world: no limit of calls keeps them from anything
        answer = send(path, *sent, **more)
        statuses[answer.status_code] += 1

    walked = set()
    for route, path in paths(known):
        walked.add("/" + PARAMETER.sub(r"{\1}", route))
        if path.endswith("/delete/"):  # which ends what is asked about
            ends.append(path)
            continue
        sent = {**answers, "decision": "different" if "/faces/" in path else "confirm"}
        if path.startswith("/v1/"):
            tries(program.post, path, sent, content_type=JSON)  # described or not
            continue
        for browser in (alice_browser, charlie_browser) if PARAMETER.search(route) else (alice_browser,):
            tries(browser.post, path, sent)
        tries(alice_browser.get, path, sent)
    deletions = []
    for method, path, body in described_calls(known):
        if method == "delete":
            deletions.append(path)
            continue
        tries(getattr(program, method), path, body or {}, **({"content_type": JSON} if body else {}))

    assert {path for path in api.get_openapi_schema()["paths"] if path not in walked} == set()
    assert standing(waiting) == before
    assert in_force() <= counted
    for path in ends:
        tries(alice_browser.post, path, {**answers, "sure": "yes"})
    for path in deletions:
        tries(program.delete, path)
    assert in_force() <= counted
    assert not statuses[429]
    assert sum(statuses.values()) > 400
    assert not [status for status in statuses if status >= 500]


def test_a_reviewer_answers_for_no_living_person(waiting, rita_browser, otto_browser):
    asked, voice = waiting["asked"], waiting["voice"]
    answers = {"decision": "confirm", "answer": "grant", "recording": "x"}
    for browser in (rita_browser, otto_browser):
        for pk in (asked.pk, voice.pk, waiting["declined"].pk, waiting["withdrawn"].pk):
            for place in ("consents", "recordings", "faces"):
                assert browser.post(f"/review/{place}/{pk}/decide/", answers).status_code in {403, 404, 409}

    assert [standing(waiting)[name] for name in ("asked", "voice")] == ["requested", "requested"]


def callers(*names: str) -> dict[str, set[str]]:
    """The modules of the service in which a function of that name is called."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for room in ("accounts", "generation", "provenance", "config", "likeness"):
        for file in (ROOT / room).rglob("*.py"):
            text = file.read_text()
            if not any(f"{name}(" in text for name in names):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call):
                    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if called in found:
                        found[called].add(str(file.relative_to(ROOT).with_suffix("")))
    return found


def test_only_the_pages_of_the_person_and_of_reviewers_call_what_grants():
    assert callers("agree", "confirm_recorded", "agree_to_voice", "write_receipt", "write_voice_receipt") == {
        "agree": {"accounts/pages/subject_consent"},
        "confirm_recorded": {"generation/pages/review/recordings"},
        "agree_to_voice": {"generation/pages/subject/voice_consent"},
        "write_receipt": {"accounts/services/consent/live", "accounts/services/consent/reviewing"},
        "write_voice_receipt": {"generation/services/voice_consent/answering"},
    }


def test_only_these_modules_write_that_something_is_granted():
    written = re.compile(r"\s+state=(?:ConsentState|VoiceState)\.GRANTED,")
    writers = {
        str(file.relative_to(ROOT))
        for room in ("accounts", "generation", "config")
        for file in (ROOT / room).rglob("*.py")
        for line in file.read_text().splitlines()
        if written.fullmatch(line)
    }
    assert writers == {
        "accounts/services/consent/live.py",
        "accounts/services/consent/reviewing.py",
        "generation/services/voice_consent/answering.py",
    }


@pytest.mark.slow
def test_nothing_that_the_partner_can_read_holds_the_token_or_the_code(
    asked, alice_browser, portrait_a, vera
):
    token = re.search(r"/consent/([\w-]{43})/", newest_mail(asked.subject.email))
    assert token is not None
    vera.post(f"/consent/{token.group(1)}/", {"answer": "code"})
    code = re.search(r"Your code: (\d{6})", newest_mail(asked.subject.email))
    assert code is not None
    program = Client(headers={"Authorization": f"Bearer {issue_key(portrait_a.partner)}"})
    read = [
        program.get(path)
        for path in ("/v1/consents", f"/v1/consents/{asked.id}", "/v1/subjects", "/v1/portraits")
    ]
    read += [
        alice_browser.get(path)
        for path in (
            "/partner/",
            "/console/",
            f"/partner/portraits/{portrait_a.id}/consent/",
            "/log/",
            "/v1/log/entries",
        )
    ]

    for answer in read:
        text = answer.content.decode()
        assert token.group(1) not in text
        assert code.group(1) not in re.sub(r"data:[^\"]+|[0-9a-f]{32,}|[\w-]{20,}", "", text)


# Commands that go on until they are stopped, or that put other keys or another log in the place of those that
# all tests use. None of them reads or writes a consent (`callers`, above).
NOT_RUN = {
    "auditlog_new_log",
    "create_keys",
    "log_witness",
    "replace_secret",
    "rotate_signing_key",
    "setup",
    "timestamp_server",
    "update_trust_list",
}


@pytest.mark.slow
def test_no_command_answers_for_a_subject(waiting, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some write files where they are called
    ours = {name for name, app in get_commands().items() if app in OUR_APPS}
    before, counted = standing(waiting), in_force()
    ids = [waiting["asked"].pk, waiting["voice"].pk]

    for name in ours - NOT_RUN:
        for arguments in ([], *([pk] for pk in ids), *([pk, "grant"] for pk in ids), ["grant", *ids]):
            with suppress(CommandError, SystemExit):
                call_command(name, *arguments, stdout=StringIO(), stderr=StringIO())

    assert ours > NOT_RUN
    assert not [name for name in ours if "consent" in name or "grant" in name]
    assert standing(waiting) == before
    assert in_force() == counted


def test_the_mail_of_another_subject_does_not_help(asked, alice_browser, partner_a, alice):
    own, token = ask_subject(PortraitFactory(partner=partner_a), alice)
    alice_browser.post(f"/consent/{token}/", {"answer": "code"})
    code = re.search(r"Your code: (\d{6})", str(mail.outbox[-1].body))
    assert code is not None

    for path in (f"/consent/{asked.id}/code/", f"/consent/{asked.link_token_hash}/code/"):
        assert alice_browser.post(path, {"code": code.group(1)}).status_code == 404
    asked.refresh_from_db()
    assert asked.state == ConsentState.REQUESTED
    assert own.state == ConsentState.REQUESTED
