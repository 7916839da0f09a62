"""Somebody edits one column of a row; the edit is named, and what it would open stays closed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import CheckConstraint, F, Model, QuerySet
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.access.actors import actor_of
from accounts.access.by_log import REJECTION_CODES
from accounts.models import (
    ApiKey,
    ConsentGrant,
    ConsentState,
    LabelPolicy,
    MemberRole,
    Partner,
    PartnerState,
    ReviewPolicy,
    Scope,
    StaffRole,
    StaffRoleGrant,
    User,
)
from accounts.services import consent as consents
from accounts.services.api_keys import create_key
from accounts.services.staff import remove_role
from generation.models import Job, Rendition
from generation.services.review import RejectionCode, approve, refuse
from generation.services.submit import submit_job
from provenance.models import LogCheckpoint, LogEntry, LogNode, LogReference, Record
from tests.accounts.log_entries import newest_entry
from tests.conftest import api_of, browser_of, forget_what_was_signed
from tests.contracts.stored_columns import COLUMNS, DERIVED, GATE
from tests.contracts.write_openapi import served
from tests.factories import (
    PartnerFactory,
    PortraitFactory,
    granted_consent,
    issue_key,
    person,
    staff_member,
)
from tests.generation.conftest import seal, stored_audio, stored_portrait

pytestmark = pytest.mark.django_db
KINDS: dict[type[Model], str] = {
    Job: "job",
    Rendition: "rendition",
    Record: "record",
    ConsentGrant: "grant",
    Partner: "partner",
    ApiKey: "key",
}


def fsck_of_state() -> dict[str, Any]:
    output = StringIO()
    with suppress(SystemExit):
        call_command("auditlog_fsck", "--state", "--json", stdout=output)
    said: dict[str, Any] = json.loads(output.getvalue())
    return said


def named() -> set[tuple[str, str]]:
    return {(row["kind"], column) for row in fsck_of_state()["rows"] for column in row["columns"]}


@pytest.mark.parametrize("model", COLUMNS)
def test_every_column_is_in_the_table(model):
    assert {field.name for field in model._meta.concrete_fields} == set(COLUMNS[model])


def test_the_codes_that_give_a_video_back_are_the_reviewers():
    assert set(RejectionCode.values) == REJECTION_CODES


def test_nothing_is_named_while_nobody_edits(released, api_a):
    assert fsck_of_state()["rows"] == []
    assert api_a.get(f"/v1/renditions/{released.id}/file").status_code == 200


OTHER = object()  # the same column of a row that belongs elsewhere
LATER = timezone.now() + timedelta(days=3000)
EDITS: dict[type[Model], dict[str, Any]] = {
    Job: {
        **dict.fromkeys(("partner", "portrait", "driving_audio", "consent"), OTHER),
        "controls": {"mood": "joy"},
        "motion": {"track": "0" * 64},
        "direction": {"version": 1, "keyframes": [{"time_s": 0, "emotion": "happy"}]},
        "video": {"aspect": "16:9"},
        "disclosure": {"preset": "none"},
        "voice": "own",
        "seed": 8,
        "renderer": "another",
        "state": "in_review",
    },
    Rendition: {
        "job": OTHER,
        "file_key": "renditions/aa/other.mp4",
        "sha256": "0" * 64,
        "released_at": None,
        "first_approved_by": "usr_other",
    },
    Record: {
        "watermark_id": "0" * 12,
        "watermark_year": 2020,
        "watermark_version": 1,
        "content_prints": b"other",
        "fingerprints": b"",
        "fingerprints_salt": b"other",
        "visible_label": "eu:en:top_right:whole:silent:500-30-970-110",
        "state": "sealed",
        "file_sha256": "0" * 64,
        "manifest": b"other",
        "manifest_label": "urn:c2pa:other",
        "partner_id": "prt_other",
        "consent_receipt_digest": "0" * 64,
        "log_index": 0,
        "released_at": None,
    },
    ConsentGrant: {
        **dict.fromkeys(("partner", "portrait", "subject", "contact"), OTHER),
        "contact_proved_at": LATER,
        "link_token_hash": "0" * 64,
        "link_expires_at": LATER,
        "withdraw_token_hash": "0" * 64,
        "basis": "own_likeness",
        "purpose": "Anything at all.",
        "valid_until": LATER,
        "max_videos": 10_000,
        "allows_live": True,
        "used_videos": 0,
        "state": ConsentState.DECLINED,
        "live_check": "none",
        "receipt": "{}",
        "receipt_digest": "0" * 64,
    },
    Partner: {
        "state": PartnerState.SUSPENDED,
        "review_policy": ReviewPolicy.RELEASE,
        "label_policy": LabelPolicy.OPTIONAL,
        "max_active_jobs": 10_000,
        "max_month_minutes": 10_000,
        "max_storage_mb": 10_000,
    },
    ApiKey: {
        "partner": OTHER,
        "prefix": "000000000000",
        "secret_sha256": "0" * 64,
        "scopes": ["jobs"],
        "expires_at": LATER,
        "revoked_at": timezone.now(),
    },
}
CASES = [(model, column) for model, edits in EDITS.items() for column in edits]
ROLE_CASES = [(StaffRoleGrant, "user"), (StaffRoleGrant, "role")]
DERIVED_EDITS: dict[type[Model], dict[str, Any]] = {
    Job: {"id": "job_none", "log_position": 10**6, "submitted_by": "usr_other", "reason_code": "other"},
    Rendition: {"id": "rnd_none", "size_bytes": 1, "decided_by": "usr_other", "erased_at": LATER},
    Record: {
        "rendition_id": "rnd_none",
        "sealed_at": LATER,
        "withdrawn_at": LATER,
        "withdrawal_reason": "other",
    },
    ConsentGrant: {"id": "cns_none"},
    Partner: {"id": "prt_none", "keep_sources_days": 9, "keep_videos_days": 9},
    ApiKey: {"id": "key_none"},
}


def columns_that_are(kind: str) -> set[tuple[type[Model], str]]:
    return {(model, name) for model, columns in COLUMNS.items() for name in columns if columns[name] == kind}


def test_every_gate_and_every_derived_column_is_edited_below():
    assert set(CASES) | set(ROLE_CASES) == columns_that_are(GATE)
    edited = {(model, column) for model, edits in DERIVED_EDITS.items() for column in edits}
    assert edited == columns_that_are(DERIVED)


@contextmanager
def whatever_constraints(model: type[Model]) -> Iterator[None]:
    """As somebody who rebuilt the table without its constraints."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a pending one would forbid to alter the table
            for constraint in model._meta.constraints:
                if isinstance(constraint, CheckConstraint):
                    cursor.execute(
                        f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{constraint.name}"'
                    )
            yield


@dataclass(frozen=True)
class Setting:
    """A released video of partner A with a key, and what belongs to partner B, by the columns that would name
    it.
    """

    rendition_id: str
    key_text: str
    others: dict[str, str]


@pytest.fixture(scope="class")
def setting(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Setting]:
    """Made once and taken down after the last edit; each edit is rolled back to it."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # as pytest-django's own, which last one test
    with django_db_blocker.unblock(), whole:
        cache.clear()
        forget_what_was_signed()  # this is set up before what does so for each test
        yield make_setting(tmp_path_factory.mktemp("setting"))
        transaction.set_rollback(True)


def make_setting(folder: Path) -> Setting:
    partner = PartnerFactory()
    alice = person("Alice", partner=partner, role=MemberRole.OWNER)
    portrait, audio = stored_portrait(partner, folder), stored_audio(partner, folder)
    granted_consent(portrait, alice)
    order: dict[str, Any] = {"portrait_id": portrait.id, "driving_audio_id": audio.id}
    job = submit_job(actor=actor_of(alice), controls={}, seed=7, **order)
    rendition = seal(job, folder)
    approve(actor=actor_of(staff_member("Rita", StaffRole.REVIEWER)), rendition_id=rendition.id)

    partner_b = PartnerFactory()
    charlie = person("Charlie", partner=partner_b, role=MemberRole.OWNER)
    theirs = PortraitFactory(partner=partner_b)
    granted = granted_consent(theirs, charlie).grant
    others = {
        "partner": partner_b.id,
        "portrait": theirs.id,
        "driving_audio": stored_audio(partner_b, folder, 0.7).id,
        "consent": granted.id,
        "subject": theirs.subject_id,
        "contact": granted.contact_id,
    }
    return Setting(rendition.id, issue_key(partner), others)


def edit(row: Model, column: str, value: object) -> None:
    """Change one cell as SQL does, past whatever a model or its manager checks."""
    with whatever_constraints(type(row)):
        rows = type(row)._default_manager.filter(pk=row.pk)
        QuerySet.update(rows, **{column: value})


def rows_of(released: Rendition) -> dict[type[Model], Model]:
    """The row of each table that a released video rests on."""
    job = released.job
    return {
        Job: job,
        Rendition: released,
        Record: Record.objects.get(pk=released.id),
        ConsentGrant: job.consent,
        Partner: job.partner,
        ApiKey: ApiKey.objects.get(partner=job.partner),
    }


class Undone(Exception):
    """Takes an edit back."""


def test_an_edit_of_what_repeats_the_log_is_named(released: Rendition):
    issue_key(released.job.partner)
    rows = rows_of(released)
    for model, edits in DERIVED_EDITS.items():
        for column, value in edits.items():
            is_key = column == model._meta.pk.name
            if is_key and connection.vendor == "postgresql":
                continue  # which refuses it while other rows point there
            with suppress(Undone), transaction.atomic():
                edit(rows[model], column, value)
                found = named()
                kinds = {kind for kind, _ in found}
                assert KINDS[model] in kinds if is_key else (KINDS[model], column) in found, column
                raise Undone
    assert named() == set()


@pytest.mark.parametrize("column", [column for _, column in ROLE_CASES])
def test_a_role_that_nobody_gave_is_named_and_opens_nothing(rita: User, column):
    other = staff_member("Ruth")
    assert browser_of(rita).get("/review/consents/").status_code == 200
    edit(StaffRoleGrant.objects.get(user=rita), column, {"user": other.pk, "role": "operator"}[column])

    assert ("staff role", column) in named()
    who, page = {"user": (other, "/review/consents/"), "role": (rita, "/operator/partners/")}[column]
    assert browser_of(who).get(page).status_code == 409


def test_a_role_that_was_taken_away_does_not_come_back(rita: User):
    remove_role(user=rita, role=StaffRole.REVIEWER)
    StaffRoleGrant.objects.create(user=rita, role=StaffRole.REVIEWER)
    assert ("staff role", "role") in named()
    assert browser_of(rita).get("/review/consents/").status_code == 409


class TestEdits:
    @pytest.mark.parametrize(("model", "column"), CASES, ids=lambda value: getattr(value, "__name__", value))
    def test_an_edit_is_named_and_blocks(self, model, column, setting: Setting):
        released = Rendition.objects.select_related("job").get(pk=setting.rendition_id)
        job, others = released.job, setting.others
        row = rows_of(released)[model]
        value = EDITS[model][column]
        if value is OTHER and model is Rendition:
            another = Job.objects.get(pk=job.pk)
            another.pk, another.partner_id, another.consent_id = (
                "job_other",
                others["partner"],
                others["consent"],
            )
            another.save_base(raw=True, force_insert=True)
            value = another.pk
        edit(row, column, others[column] if value is OTHER else value)

        assert (KINDS[model], column) in named()
        api = Client(headers={"Authorization": f"Bearer {setting.key_text}"})
        download = api.get(f"/v1/renditions/{released.id}/file")
        order = {"portrait_id": job.portrait_id, "driving_audio_id": job.driving_audio_id}
        submit = api.post("/v1/jobs", order, content_type="application/json")
        if model in {Job, Rendition, Record}:
            assert download.status_code in {404, 409}
            stolen = api_of(Partner.objects.get(pk=others["partner"])).get(
                f"/v1/renditions/{released.id}/file"
            )
            assert stolen.status_code in {404, 409}
        else:
            assert submit.status_code in {401, 403, 409}
        if model in {Partner, ApiKey}:
            assert download.status_code in {401, 403, 409}


def test_what_is_held_back_is_answered_as_described(released, api_a, partner_a):
    paths = served()["paths"]
    edit(Record.objects.get(pk=released.id), "content_prints", b"other")
    assert Client().get(f"/v1/evidence/{released.id}").status_code == 409
    assert "409" in paths["/v1/evidence/{rendition_id}"]["get"]["responses"]

    edit(partner_a, "max_active_jobs", 10_000)
    assert api_a.get("/v1/usage").status_code == 409
    of_keys = [call for calls in paths.values() for call in calls.values() if call.get("security")]
    assert len(of_keys) > 40
    assert all("409" in call["responses"] for call in of_keys)


def test_a_withdrawn_video_does_not_come_back(released, answer, api_a):
    consents.withdraw(answer.withdraw_token)
    path = f"/v1/renditions/{released.id}/file"
    assert api_a.get(path).json()["code"] == "not_released"
    edit(released.job, "state", "released")
    assert api_a.get(path).json()["code"] == "row_contradicts_log"
    Record.objects.filter(pk=released.id).update(state="released", withdrawn_at=None, withdrawal_reason="")
    ConsentGrant.objects.filter(pk=answer.grant.pk).update(state=ConsentState.GRANTED)
    assert api_a.get(path).json()["code"] == "row_contradicts_log"
    assert {("job", "state"), ("record", "state"), ("grant", "state")} <= named()


def test_a_withdrawn_consent_that_was_edited_back_covers_nothing(answer, api_a, amara, recording):
    consents.withdraw(answer.withdraw_token)
    ConsentGrant.objects.filter(pk=answer.grant.pk).update(state=ConsentState.GRANTED)
    order = {"portrait_id": amara.id, "driving_audio_id": recording.id}
    refused = api_a.post("/v1/jobs", order, content_type="application/json")
    assert refused.json()["code"] == "row_contradicts_log"
    assert not Job.objects.exists()


def test_a_video_that_a_reviewer_refused_gives_its_use_back_in_the_log_too(waiting, rita, api_a):
    refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="poor_quality")
    assert ConsentGrant.objects.get().used_videos == 0
    assert fsck_of_state()["rows"] == []
    ConsentGrant.objects.update(used_videos=F("used_videos") + 1)
    assert named() == {("grant", "used_videos")}


TABLES = (
    LogEntry,
    LogReference,
    LogNode,
    LogCheckpoint,
    Job,
    Rendition,
    Record,
    ConsentGrant,
    Partner,
    ApiKey,
)


@contextmanager
def copy_without_constraints() -> Iterator[None]:
    """The test's database as a copy in which any cell takes anything."""
    original = connection.connection
    params = {**connection.get_connection_params(), "database": ":memory:", "uri": False}
    copy = connection.get_new_connection(params)
    # Not backup(), which waits for the end of the transaction that the test itself runs in.
    copy.deserialize(original.serialize())
    copy.execute("PRAGMA foreign_keys = OFF")
    for model in TABLES:
        name = model._meta.db_table
        copy.execute(f"CREATE TABLE plain AS SELECT * FROM {name}")  # noqa: S608 - names of our own
        copy.execute(f"DROP TABLE {name}")
        copy.execute(f"ALTER TABLE plain RENAME TO {name}")
    connection.connection = copy
    try:
        yield
    finally:
        connection.connection = original


def anything(chance: random.Random) -> object:
    """A cell of any type and length."""
    text = "".join(chance.choice('aZ9{}[]",:\x00é\u202e ') for _ in range(chance.choice((0, 1, 12, 300))))
    return chance.choice(
        (
            *(None, text, chance.randbytes(chance.choice((0, 1, 32, 500)))),
            *(chance.randint(-(2**63), 2**63 - 1), chance.randint(0, 9), chance.random() * 1e300),
            *("2026-13-45", "[" * 5000, "null", b"\xff\xfe"),
        )
    )


def mutate(count: int, seed: int) -> tuple[int, int]:
    """Mutations of one cell each; how many were made, and how many fsck named."""
    chance = random.Random(seed)
    found = 0
    with copy_without_constraints():
        cursor = connection.connection.cursor()
        for _ in range(count):
            model = chance.choice(TABLES)
            column = chance.choice(model._meta.concrete_fields).column
            cursor.execute("SAVEPOINT mutation")
            cursor.execute(
                f'UPDATE {model._meta.db_table} SET "{column}" = ? WHERE rowid = '  # noqa: S608
                f"(SELECT rowid FROM {model._meta.db_table} ORDER BY random() LIMIT 1)",
                [anything(chance)],
            )
            found += not fsck_of_state()["ok"]
            cursor.execute("ROLLBACK TO mutation")
    return count, found


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL keeps the types of cells")
@pytest.mark.parametrize(("count", "seed"), [(60, 18), pytest.param(340, 19, marks=pytest.mark.slow)])
def test_no_content_of_a_cell_ends_fsck(released, api_a, count, seed):
    """Four hundred in all: those of the quick part are not made again."""
    made, found = mutate(count, seed)
    assert made == count
    assert found > count / 3  # harmless columns are not compared


def test_the_log_says_what_a_key_may_do(alice, partner_a):
    expires_at = timezone.now() + timedelta(days=30)
    key, _ = create_key(
        partner=partner_a, name="new", scopes=[Scope.JOBS], expires_at=expires_at, actor=actor_of(alice)
    )
    assert set(newest_entry()["data"]) == {"partner_id", "key_id", "key_digest"}
    assert fsck_of_state()["rows"] == []
    ApiKey.objects.filter(pk=key.pk).update(scopes=["jobs", "renditions"])
    assert ("key", "scopes") in named()
