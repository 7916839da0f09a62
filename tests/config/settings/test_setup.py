"""`manage.py setup` makes what is missing once, and says what is left to do."""

from __future__ import annotations

import re
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.utils import OperationalError, ProgrammingError
from django.test import Client

import manage
from accounts.models import StaffRole, StaffRoleGrant, User
from config.operations import readiness

pytestmark = pytest.mark.django_db

OPERATOR = "op@likeness.example"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    readiness.forget()
    return tmp_path


def said(*arguments: str) -> str:
    output = StringIO()
    call_command("setup", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.slow
def test_the_first_operator_sets_a_password_by_mail_and_has_the_role() -> None:
    told = said("--operator", OPERATOR.upper())
    assert f"made the account {OPERATOR}" in told
    assert f"{OPERATOR} sets a password at" in told
    user = User.objects.get(email=OPERATOR)
    assert [grant.role for grant in StaffRoleGrant.objects.filter(user=user)] == [StaffRole.OPERATOR]
    browser = Client()
    browser.post("/account/password/reset/", {"email": OPERATOR})
    code = re.search(r"^([A-Z0-9-]{6,12})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code is not None
    browser.post("/account/password/reset/confirm/", {"code": code[1]})
    new = "a quite long and odd pass phrase"
    browser.post("/account/password/reset/complete/", {"password1": new, "password2": new})
    fresh = Client()
    fresh.post("/account/login/", {"login": OPERATOR, "password": new})
    assert get_user(fresh).is_authenticated


@pytest.mark.slow
def test_running_it_again_makes_nothing_twice(folder: Path) -> None:
    said("--operator", OPERATOR)
    assert (folder / "static/css").exists() or any((folder / "static").iterdir())
    again = said("--operator", OPERATOR)
    assert "made" not in again
    assert User.objects.filter(email=OPERATOR).count() == 1


def test_a_member_of_an_organisation_is_not_made_an_operator(alice: User) -> None:
    told = said("--operator", alice.email)
    assert f"{alice.email} belongs to an organisation" in told
    assert not StaffRoleGrant.objects.filter(user=alice).exists()


def test_who_signed_up_with_an_address_and_never_proved_it_is_not_made_an_operator() -> None:
    squatter = User.objects.create_user(OPERATOR, "whoever typed it in first")
    EmailAddress.objects.create(user=squatter, email=OPERATOR, primary=True, verified=False)
    told = said("--operator", OPERATOR)
    assert f"{OPERATOR} has an account, but the address was never confirmed" in told
    assert not StaffRoleGrant.objects.exists()


def test_it_names_what_is_missing_and_not_what_is_started_later() -> None:
    left = said()
    assert "The broker does not answer" in left
    assert "queue" not in left
    assert left.count("time-stamp") <= 1


def test_what_is_no_address_is_refused_before_anything_is_made(settings: Any, folder: Path) -> None:
    with pytest.raises(CommandError, match="no e-mail address"):
        said("--operator", "nobody")
    assert not (folder / "static").exists()


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (OperationalError("no such table: provenance_journalentry"), "manage.py setup"),
        (ProgrammingError('relation "accounts_user" does not exist'), "manage.py setup"),
        (ImproperlyConfigured("The key cannot be read. Make it with manage.py create_keys."), "create_keys"),
    ],
    ids=["sqlite", "postgresql", "settings"],
)
def test_a_command_before_the_installation_is_made_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, told: str
) -> None:
    def fails(arguments: list[str]) -> None:
        raise failure

    monkeypatch.setattr(manage, "execute_from_command_line", fails)
    monkeypatch.setattr(sys, "argv", ["manage.py", "verify_video", "video.mp4"])
    with pytest.raises(SystemExit) as ended:
        manage.main()
    assert told in str(ended.value.code)


def test_any_other_failure_of_a_command_is_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(arguments: list[str]) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(manage, "execute_from_command_line", fails)
    with pytest.raises(OperationalError):
        manage.main()


def test_a_database_or_folder_that_is_not_there_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(error: Exception) -> Any:
        def call(*_: Any, **__: Any) -> None:
            raise error

        return call

    monkeypatch.setattr("config.management.commands.setup.call_command", fails(OperationalError("refused")))
    with pytest.raises(CommandError, match="The database cannot be opened or does not answer: refused"):
        call_command("setup")
    no_disk = FileNotFoundError(2, "No such file or directory", "/srv/keys")
    monkeypatch.setattr("config.management.commands.setup.create_missing_keys", fails(no_disk))
    with pytest.raises(CommandError, match=r"The keys cannot be written: .*/srv/keys"):
        call_command("setup")
