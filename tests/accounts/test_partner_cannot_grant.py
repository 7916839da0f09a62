"""A partner that holds every id, key and answer it is given cannot say yes for a living person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import get_commands
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from accounts.models import ConsentGrant, ConsentState
from tests.factories import issue_key, newest_mail

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes(resolver: URLResolver, before: str = "") -> list[str]:
    """Every address pattern of the service."""
    found: list[str] = []
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append(path)
        else:
            found.extend(routes(entry, path))
    return found


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


def test_no_route_takes_a_yes_from_whoever_has_all_ids_and_keys(asked, alice_browser, portrait_a):
    key = issue_key(portrait_a.partner)
    known = {
        "consent_id": asked.id,
        "portrait_id": portrait_a.id,
        "partner_id": asked.partner_id,
        "token": asked.link_token_hash or "",  # more than a partner ever sees
        "membership_id": "mem_x",
    }
    answers = {"answer": "grant", "decision": "confirm", "code": "000000", "state": "granted"}
    program = Client(headers={"Authorization": f"Bearer {key}"})
    tried = 0
    for route in routes(get_resolver()):
        if route.startswith("admin/") or "logout" in route:
            continue
        path = "/" + PARAMETER.sub(lambda match: known.get(match.group(1), asked.id), route)
        if "(" in path or "^" in path:
            continue
        for browser in (alice_browser, program):
            browser.post(path, answers)
            browser.post(path, {**answers, **known}, content_type="application/json")
            browser.patch(path, {"state": "granted"}, content_type="application/json")
            browser.get(path, answers)
            tried += 1

    asked.refresh_from_db()
    assert asked.state in {ConsentState.REQUESTED, ConsentState.EXPIRED}
    assert tried > 100


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


def test_no_command_answers_for_a_subject():
    ours = {name for name, app in get_commands().items() if app in {"accounts", "generation", "config"}}

    assert not [name for name in ours if "consent" in name or "grant" in name]


def test_the_mail_of_another_subject_does_not_help(asked, alice_browser, partner_a, alice):
    from tests.factories import PortraitFactory, ask_subject

    own, token = ask_subject(PortraitFactory(partner=partner_a), alice)
    alice_browser.post(f"/consent/{token}/", {"answer": "code"})
    code = re.search(r"Your code: (\d{6})", str(mail.outbox[-1].body))
    assert code is not None

    for path in (f"/consent/{asked.id}/code/", f"/consent/{asked.link_token_hash}/code/"):
        assert alice_browser.post(path, {"code": code.group(1)}).status_code == 404
    asked.refresh_from_db()
    assert asked.state == ConsentState.REQUESTED
    assert own.state == ConsentState.REQUESTED
