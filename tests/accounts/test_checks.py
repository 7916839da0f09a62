from __future__ import annotations

from accounts.checks import (
    links_are_encrypted,
    second_factors_are_available,
    the_gateway_can_be_imported,
)


def test_the_settings_pass(settings):
    assert second_factors_are_available(None) == []


def test_it_names_missing_second_factors(settings):
    settings.MFA_SUPPORTED_TYPES = ["totp"]

    assert [message.id for message in second_factors_are_available(None)] == ["accounts.E001"]


def test_it_warns_of_links_in_the_clear(settings):
    settings.LIKENESS_BASE_URL = "http://likeness.example"
    assert [message.id for message in links_are_encrypted(None)] == ["accounts.W001"]

    settings.LIKENESS_BASE_URL = "https://likeness.example"
    assert links_are_encrypted(None) == []


def test_a_gateway_that_is_not_there_is_an_error(settings):
    settings.LIKENESS_SMS_GATEWAY = "accounts.notify.telephone.pigeon"

    (found,) = the_gateway_can_be_imported(None)

    assert found.id == "accounts.E002"


def test_no_gateway_is_fine(settings):
    settings.LIKENESS_ON_LOOPBACK = False

    assert the_gateway_can_be_imported(None) == []
