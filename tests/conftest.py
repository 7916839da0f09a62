"""The cast: Alice owns partner A, Bob is its member, Charlie owns partner B and must see nothing of A.
Rita reviews, Otto operates, Vera is anybody from outside."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django.live_server_helper import LiveServer
from xdist.scheduler import LoadFileScheduling

from accounts.models import MemberRole, Partner, StaffRole, User
from generation.models import Portrait
from provenance.keys.key_creation import create_missing_keys
from provenance.keys.log_mark import log_mark_store
from provenance.keys.service_keys import log_signing_key
from provenance.log.entries import DataValue, Entry, LogEvent
from provenance.log.mark import empty_mark
from provenance.sandbox.requirement import REDUCED, SETTING, sandbox_state
from provenance.selectors.checked_head import checked_file
from provenance.services.journal import forget, journal_file
from tests.append_only import use_sanctioned_reset
from tests.contracts.stored.stored_forms import REVIEWED, difference
from tests.factories import PartnerFactory, PortraitFactory, issue_key, person, staff_member
from tests.live_requests import count_open_requests, served_on_this_connection
from tests.migrated import fill_the_first_database_of_this_process
from tests.provenance.read_once import ReadersOnce
from tests.running_service import RunningService, running_service

SLOW_MARKERS = {"slow", "e2e"}
# A service takes most of a minute to start: the files that use one run in one process, one after the other.
USERS_OF_ONE_SERVICE = {
    "tests/e2e": "service",
    "tests/examples": "service",
    "tests/likeness/client/test_client_whole_way.py": "service",
    "tests/robustness/test_postgresql_and_s3.py": "service on PostgreSQL",
    "tests/robustness": "service that is broken",
}

# Nearly forty pages one after the other in a browser, while the other processes have nothing left to do.
LONGEST_OF_THE_LAST = "tests/pages/test_telephone.py"
# What a reader said before is no answer here.
OF_THE_READERS = (
    "tests/provenance/sandbox",
    "tests/provenance/verify/readers/test_busy_readers.py",
)


def pytest_configure() -> None:
    """Tests of everything else run on a machine without a whole sandbox too; the first line says so."""
    if sandbox_state().missing:
        os.environ[SETTING] = REDUCED
    # Nothing that a test writes has to outlast a power cut, and a busy disk takes long over each file.
    os.fsync = lambda fd: None
    # Until all tests are known nearly nothing becomes garbage; to look for it took a quarter of that time.
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on tests make garbage. What they are made of is none: no search looks through it again."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for servers and browsers come first, so that no process is left with them at the end.

    Those that empty the tables come last, as Django has it, the longest of them first.
    """
    slow = {item.path for item in items if SLOW_MARKERS & {marker.name for marker in item.iter_markers()}}
    commits = {item.path for item in items if really_commits(item)}
    items.sort(
        key=lambda item: (
            item.path in commits,
            item.path not in slow,
            not item.nodeid.startswith(LONGEST_OF_THE_LAST),
            service_of(item.nodeid) is None,
            service_of(item.nodeid) or "",
        )
    )


def service_of(nodeid: str) -> str | None:
    """The running service that a test's file shares with others; None where it starts none."""
    return next((name for place, name in USERS_OF_ONE_SERVICE.items() if nodeid.startswith(place)), None)


class FilesOfOneServiceTogether(LoadFileScheduling):
    """Sends a file to one process, and so all files that use one running service."""

    def _split_scope(self, nodeid: str) -> str:
        return service_of(nodeid) or super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Our order where files are kept whole."""
    return FilesOfOneServiceTogether(config, log) if config.getvalue("dist") == "loadfile" else None


def really_commits(item: pytest.Item) -> bool:
    """Whether the test commits to its database, which is emptied after it."""
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    says_so = marker is not None and marker.kwargs.get("transaction")
    return bool(says_so or {"transactional_db", "live_server"} & fixtures)


def pytest_report_header() -> str:
    """What strangers' files are read in during the tests."""
    missing = ", ".join(sandbox_state().missing)
    return f"sandbox: reduced, this machine lacks {missing}" if missing else "sandbox: whole"


count_open_requests()
# The log's tables refuse to be emptied, which is how Django cleans up after tests that really commit.
use_sanctioned_reset()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Runs before the tests' database is made. Another name for each process is what it had before."""
    fill_the_first_database_of_this_process()


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    """Every decision is logged, and the log signs: the test folder gets keys of its own."""
    create_missing_keys()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A whole Likeness on loopback, for all who use it as people and programs do."""
    with running_service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def live_server(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveServer]:
    """pytest-django's, on the test's connection, with nothing left to answer when tables are emptied.

    What a test patched lasts until then: this begins after `monkeypatch`, and so it ends before.
    """
    with served_on_this_connection(live_server):
        yield live_server


@pytest.fixture(autouse=True)
def _nothing_was_signed_yet() -> None:
    """Each test has a database of its own, so the log's high-water mark begins anew with it."""
    forget_what_was_signed()


def forget_what_was_signed() -> None:
    """Let the log's high-water mark and its checks begin anew, for a database without entries."""
    checked_file().unlink(missing_ok=True)
    store = log_mark_store()
    if (mark := store.read()) != (empty := empty_mark(log_signing_key())):
        store.replace(mark, empty)


@pytest.fixture(autouse=True)
def _nothing_was_erased_yet() -> None:
    """The erasure journal outlasts a database on purpose, and so it would a test."""
    journal_file().unlink(missing_ok=True)
    forget()


@pytest.fixture(autouse=True)
def _no_calls_counted() -> None:
    """Call counters live in the cache, which outlasts a test."""
    cache.clear()


@pytest.fixture(autouse=True)
def _log_data_has_the_keys_that_were_reviewed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a test has the service write into the log: entries are for ever, and so are their keys."""
    if (Path(__file__).parent / "provenance/log") in request.path.parents:
        return  # tests of the log itself write what they like

    runs_in_a_transaction = not really_commits(request.node)

    def reviewed_entry(*, event: LogEvent, data: Mapping[str, DataValue], **more: Any) -> Entry:
        # Beside the transaction that most tests run in, the code has to open its own.
        is_safe = connection.savepoint_ids or not runs_in_a_transaction
        assert is_safe, f"{event.value} is logged outside of a transaction"
        wrong = difference(f"An entry {event.value}", REVIEWED["log_data"][event.value], list(data))
        assert not wrong, wrong
        return Entry(event=event, data=data, **more)

    monkeypatch.setattr("provenance.services.log.Entry", reviewed_entry)


@pytest.fixture(autouse=True)
def _the_same_file_is_read_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever door it comes to, and whatever became of its record meanwhile."""
    if not request.node.nodeid.startswith(OF_THE_READERS):
        monkeypatch.setattr("provenance.services.verify._readers", ReadersOnce)


@pytest.fixture
def partner_a(db: None) -> Partner:
    return PartnerFactory(name="Aurora Media")


@pytest.fixture
def partner_b(db: None) -> Partner:
    return PartnerFactory(name="Boreal Films")


@pytest.fixture
def alice(partner_a: Partner) -> User:
    return person("Alice", partner=partner_a, role=MemberRole.OWNER)


@pytest.fixture
def bob(partner_a: Partner) -> User:
    return person("Bob", partner=partner_a)


@pytest.fixture
def charlie(partner_b: Partner) -> User:
    return person("Charlie", partner=partner_b, role=MemberRole.OWNER)


@pytest.fixture
def rita(db: None) -> User:
    return staff_member("Rita", StaffRole.REVIEWER)


@pytest.fixture
def otto(db: None) -> User:
    return staff_member("Otto", StaffRole.OPERATOR)


@pytest.fixture
def vera() -> Client:
    """A browser that is not signed in."""
    return Client()


def browser_of(user: User) -> Client:
    """A browser in which the user is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice_browser(alice: User) -> Client:
    return browser_of(alice)


@pytest.fixture
def bob_browser(bob: User) -> Client:
    return browser_of(bob)


@pytest.fixture
def charlie_browser(charlie: User) -> Client:
    return browser_of(charlie)


@pytest.fixture
def rita_browser(rita: User) -> Client:
    return browser_of(rita)


@pytest.fixture
def otto_browser(otto: User) -> Client:
    return browser_of(otto)


def api_of(partner: Partner) -> Client:
    """An API client that sends a key of the partner with every scope."""
    return Client(headers={"Authorization": f"Bearer {issue_key(partner)}"})


@pytest.fixture
def api_a(partner_a: Partner) -> Client:
    return api_of(partner_a)


@pytest.fixture
def api_b(partner_b: Partner) -> Client:
    return api_of(partner_b)


@pytest.fixture
def portrait_a(partner_a: Partner) -> Portrait:
    """A portrait of partner A, of somebody who was not asked yet."""
    return PortraitFactory(partner=partner_a)
