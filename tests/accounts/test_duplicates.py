"""Operators are told of organisations that read like another, or have its website."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.duplicates import MOST_SHOWN, doubtful_among, duplicates_of
from accounts.models import Partner, PartnerState
from accounts.models.plain_names import plain_host, plain_name
from tests.factories import PartnerFactory


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aurora Media", "AURORA MEDIA"),
        ("Aurora Media", "Aurora-Media Ltd."),
        ("Aurora Media", "Auróra  Media GmbH"),
        ("The Aurora Media Co", "auroramedia"),
    ],
)
def test_names_that_read_the_same_are_the_same(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


def test_a_name_of_nothing_but_a_legal_form_stays() -> None:
    assert plain_name("AG") == "ag"
    assert plain_name("Aurora Media") != plain_name("Aurora Music")


def test_an_address_that_cannot_be_read_has_no_host() -> None:
    assert plain_host("https://[") == ""


@pytest.mark.django_db
def test_nothing_left_of_a_name_is_like_no_other() -> None:
    one, _ = (PartnerFactory(name=name, website="") for name in ("!!!", "???"))
    assert duplicates_of(one) == []
    assert doubtful_among([one]) == set()


@pytest.mark.django_db
def test_another_name_is_compared_as_soon_as_it_is_saved() -> None:
    aurora, other = PartnerFactory(name="Aurora", website=""), PartnerFactory(name="Comet", website="")
    other.name = "AURORA"
    other.save(update_fields=["name"])
    assert duplicates_of(aurora) == [other]


@pytest.mark.django_db
def test_of_many_duplicates_the_oldest_are_shown() -> None:
    many = [PartnerFactory(name="Aurora", website="") for _ in range(MOST_SHOWN + 2)]
    assert duplicates_of(many[-1]) == many[:MOST_SHOWN]


@pytest.mark.django_db
def test_other_organisations_are_not_read_to_find_duplicates(django_assert_num_queries: Any) -> None:
    partners = [PartnerFactory() for _ in range(3)]
    with django_assert_num_queries(1):
        doubtful_among(partners)
    explained = Partner.objects.filter(name_key="x").explain()
    assert "partner_by_name_key" in explained or "Seq Scan" in explained  # PostgreSQL scans what is small


@pytest.mark.django_db
def test_duplicates_are_found_by_name_and_by_website() -> None:
    aurora = PartnerFactory(name="Aurora Media", website="https://aurora.example")
    named = PartnerFactory(name="Aurora-Media Ltd", website="https://other.example")
    hosted = PartnerFactory(name="Borealis", website="https://www.aurora.example/about")
    PartnerFactory(name="Aurora Media", website="https://x.example", state=PartnerState.REFUSED)
    alone = PartnerFactory(name="Comet", website="https://comet.example")
    assert set(duplicates_of(aurora)) == {named, hosted}
    assert doubtful_among([aurora, alone, hosted]) == {aurora.pk, hosted.pk}


@pytest.mark.django_db
def test_the_list_of_applications_flags_them(otto_browser: Client) -> None:
    PartnerFactory(name="Aurora Media", website="https://aurora.example")
    PartnerFactory(name="Aurora Media Ltd", website="https://b.example", state=PartnerState.APPLIED)
    page = otto_browser.get("/operator/partners/").content.decode()
    assert "name or website of another" in page
