"""Operators are told of organisations that read like another, or have its website."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.duplicates import doubtful_among, duplicates_of, plain_name
from accounts.models import PartnerState
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
