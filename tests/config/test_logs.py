"""The process log says who asked for what, and nobody who reads it can open a subject's link."""

from __future__ import annotations

import io
import logging

import pytest

from config.logs import SecretsLeftOut, without_secrets
from tests.factories import ask_subject

SECRET = "Zq3-x_" * 7


@pytest.fixture
def process_log(monkeypatch):
    """What the service's own log handler writes. Its stream may be one that an earlier test had captured."""
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and isinstance(handler.formatter, SecretsLeftOut)
    ]
    assert len(handlers) == 1
    written = io.StringIO()
    monkeypatch.setattr(handlers[0], "stream", written)
    return written


@pytest.mark.parametrize(
    "address",
    [
        f"/consent/{SECRET}/",
        f"/consent/{SECRET}/portrait/",
        f"/receipt/{SECRET}/withdraw/",
        f"/likeness/{SECRET}/videos/rnd_1/",
        f"/join/{SECRET}/",
        f"/account/login/?next=/join/{SECRET}/",
        f"/account/login/?next=%2Fjoin%2F{SECRET}%2F",
    ],
)
def test_it_leaves_the_secret_out_of_an_address(address):
    assert "Zq3" not in without_secrets(f'Gone: "GET {address} HTTP/1.1"')


def test_it_leaves_other_addresses_as_they_are():
    for address in (
        "/v1/consents/cns_AAAAAAAAAAAAAAAAAAAAAA",
        "/review/consents/",
        "/consent/",
        "/likeness/",
    ):
        assert without_secrets(address) == address


def test_it_logs_requests_for_links_without_their_secrets(vera, alice, portrait_a, process_log, capfd):
    _, token = ask_subject(portrait_a, alice)
    for address in (f"/consent/{token}/", f"/consent/{token}/nothing/", f"/receipt/{token}/"):
        vera.get(address)
    vera.post(f"/consent/{token}/", {"answer": "perhaps"})

    said = process_log.getvalue()
    assert "GET /consent/[secret]/" in said
    assert "Not Found: /receipt/[secret]/" in said
    printed = capfd.readouterr()
    assert token not in said + printed.out + printed.err
