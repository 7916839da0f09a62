"""A list is read page by page to its end, and rows that come meanwhile neither repeat nor hide others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.models import Partner, Subject
from accounts.selectors import subjects_of
from provenance.common import keyset
from provenance.common.errors import InvalidInput
from provenance.common.keyset import CursorInvalid, KeysetPage, listed_page, read_page, shown_page

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def named(partner: Partner, number: int) -> Subject:
    """A subject; three at a time are named at the same moment."""
    at = NOON + timedelta(microseconds=number // 3)
    return Subject.objects.create(partner=partner, display_name=f"S{number}", created_at=at)


@pytest.fixture
def subjects(partner_a: Partner) -> list[Subject]:
    """Ten subjects, newest first, as the list has them."""
    made = [named(partner_a, number) for number in range(10)]
    return sorted(made, key=lambda subject: (subject.created_at, subject.id), reverse=True)


def page_of(partner: Partner, cursor: str | None = None, size: int = 4) -> KeysetPage[Subject]:
    return read_page(subjects_of(partner), cursor=cursor, size=size, scope="s", is_counted=True)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, 10, 11])
def test_pages_give_every_row_once_in_order_and_back_again(partner_a, subjects, size):
    page, seen = page_of(partner_a, size=size), []
    pages = []
    while True:
        seen += page.items
        pages.append(page.items)
        if page.next_cursor is None:
            break
        page = page_of(partner_a, page.next_cursor, size)
    assert seen == subjects
    back = [page.items]
    while page.previous_cursor is not None:
        page = page_of(partner_a, page.previous_cursor, size)
        back.append(page.items)
    assert back[::-1] == pages
    assert page.previous_cursor is None


def test_rows_that_come_and_go_meanwhile_move_nothing(partner_a, subjects):
    first = page_of(partner_a)
    named(partner_a, 30)
    subjects[3].delete()
    second = page_of(partner_a, first.next_cursor)
    assert second.items == subjects[4:8]
    assert second.count == first.count == 10


@pytest.mark.parametrize(
    "damage", [lambda c: c + "x", lambda c: c[:-1], lambda c: "x", lambda c: "", str.upper]
)
def test_a_cursor_that_was_changed_is_refused(partner_a, subjects, damage):
    cursor = page_of(partner_a).next_cursor
    assert cursor is not None
    with pytest.raises(CursorInvalid):
        page_of(partner_a, damage(cursor))


def test_a_cursor_of_another_list_is_refused(partner_a, subjects):
    cursor = page_of(partner_a).next_cursor
    with pytest.raises(CursorInvalid):
        read_page(subjects_of(partner_a), cursor=cursor, size=4, scope="another")


def test_a_page_that_people_look_at_begins_again_instead(partner_a, subjects):
    found = shown_page(subjects_of(partner_a), cursor="nonsense", size=4, scope="s")
    assert found.items == subjects[:4]


@pytest.mark.parametrize("page", range(1, 7))
def test_page_numbers_still_work_and_lead_over(partner_a, subjects, page):
    found = listed_page(subjects_of(partner_a), page=page, cursor=None, size=2, scope="s")
    assert found.items == subjects[2 * page - 2 : 2 * page]
    assert found.count == 10
    if found.next_cursor is None:
        assert page >= 5
    else:
        onward = listed_page(subjects_of(partner_a), page=1, cursor=found.next_cursor, size=2, scope="s")
        assert onward.items == subjects[2 * page : 2 * page + 2]


def test_a_page_number_beside_a_cursor_is_refused(partner_a, subjects):
    cursor = page_of(partner_a).next_cursor
    with pytest.raises(InvalidInput):
        listed_page(subjects_of(partner_a), page=2, cursor=cursor, size=4, scope="s")


def test_the_count_of_a_very_long_list_is_remembered_for_some_seconds(
    partner_a, partner_b, subjects, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(keyset, "MANY", 10)
    assert page_of(partner_a).count == 10
    named(partner_a, 30)
    with django_assert_num_queries(1):
        assert page_of(partner_a).count == 10
    assert page_of(partner_b).count == 0
    assert listed_page(subjects_of(partner_a), page=3, cursor=None, size=4, scope="s").count == 10


def test_the_count_of_another_list_is_exact(partner_a, subjects):
    assert page_of(partner_a).count == 10
    named(partner_a, 30)
    assert page_of(partner_a).count == 11


def test_lists_are_counted_while_the_shared_cache_is_away(partner_a, subjects, monkeypatch):
    monkeypatch.setattr(cache, "get", Mock(side_effect=RedisError("nobody listens")))
    assert page_of(partner_a).count == 10
