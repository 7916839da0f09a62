"""`manage.py setup`: bring a new installation, or a new version of it, to where it can be started."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, cast

import boto3
from allauth.account.models import EmailAddress
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import OperationalError

from accounts.models import StaffRole, StaffRoleGrant, User
from accounts.selectors import membership_of
from accounts.services.staff import grant_role
from config.operations import readiness
from provenance.common.errors import CodedError
from provenance.keys.key_creation import create_missing_keys

# They begin with the first worker, which is started after this.
STARTED_LATER = ("beat", "queue_")
# The checks of a deployment say the same of them, with a hint.
CHECKED = frozenset({"signing", "time_stamps"})
_ABSENT = frozenset({"404", "NoSuchBucket"})


class Command(BaseCommand):
    help = (
        "Make what is missing (bucket, keys, tables, collected static files, first operator), look at every "
        "part, and print what is left to do. Running it again changes nothing that is there."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--operator", metavar="EMAIL", help="who is to be an operator, with an account or not"
        )

    def handle(self, *args: Any, operator: str | None = None, **options: Any) -> None:
        if operator is not None:
            try:
                validate_email(operator)
            except ValidationError:
                raise CommandError(f"{operator} is no e-mail address.") from None
        try:
            if _make_bucket():
                self.stdout.write("made the bucket of the media, with versions")
            made = create_missing_keys()
        except CodedError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"The media's bucket cannot be reached or made: {error}") from error
        except OSError as error:
            raise CommandError(f"The keys cannot be written: {error}") from error
        for path in made:
            self.stdout.write(f"made {path}")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database cannot be opened or does not answer: {error}") from error
        try:
            call_command("collectstatic", interactive=False, verbosity=0)
        except OSError as error:
            raise CommandError(f"The static files cannot be collected: {error}") from error
        left = self._make_operator(operator) if operator else []
        left += _problems()
        if not left:
            self.stdout.write("Everything is there.")
            return
        self.stdout.write("\nLeft to do:")
        for number, step in enumerate(left, start=1):
            self.stdout.write(f"  {number}. {step}")

    def _make_operator(self, email: str) -> list[str]:
        """Make the account and the role where they are missing; what the person has to do themselves."""
        email = email.lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User.objects.create_user(email, None)
            # Who runs this command vouches for the address; a code goes there before a password can be set.
            EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
            self.stdout.write(f"made the account {email}")
        elif refusal := _why_not(user):
            return [refusal]
        grant_role(user=user, role=StaffRole.OPERATOR)
        steps = []
        if not user.has_usable_password():
            steps.append(f"{email} sets a password at {settings.LIKENESS_BASE_URL}/account/password/reset/.")
        if not user.has_second_factor:
            steps.append(f"{email} sets up an authenticator or a passkey: the role counts from then on.")
        return steps


def _why_not(user: User) -> str:
    """Why somebody who has an account is not made an operator by this command; empty if nothing is wrong."""
    if StaffRoleGrant.objects.filter(user=user, role=StaffRole.OPERATOR).exists():
        return ""
    if membership_of(user) is not None:
        return (
            f"{user.email} belongs to an organisation and was not made an operator. Name another address; "
            f"if it is meant, run manage.py staff_role grant {user.email} operator."
        )
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        return (  # anybody can sign up with any address, and has chosen the password then
            f"{user.email} has an account, but the address was never confirmed, and it was not made an "
            f"operator. Set a new password at {settings.LIKENESS_BASE_URL}/account/password/reset/, sign in, "
            "confirm the address, and run this again."
        )
    return ""


def _make_bucket() -> bool:
    """Make the bucket that the settings name if there is none; whether it was made. Raises boto's errors."""
    options = cast("dict[str, Any]", settings.STORAGES["media"]).get("OPTIONS", {})
    if "bucket_name" not in options:
        return False
    bucket, region = options["bucket_name"], options["region_name"]
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name=region,
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
    )
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
    else:
        return False
    # That region is the default, and naming it is an error.
    place = {} if region in {None, "us-east-1"} else {"LocationConstraint": region}
    client.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return True


def _problems() -> list[str]:
    """What the checks of a deployment and of the parts find, without what is started later."""
    found = checks.run_checks(include_deployment_checks=True, databases=["default"])
    steps = [
        f"{message.msg} {message.hint or ''}".strip() for message in found if message.level >= checks.WARNING
    ]
    parts = [part for part in readiness.parts() if part.name not in CHECKED]
    return steps + [
        part.problem for part in parts if part.problem and not part.name.startswith(STARTED_LATER)
    ]
