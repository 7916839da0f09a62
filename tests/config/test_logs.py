"""The process log says who asked for what, and nobody who reads it can open a subject's link."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from config.logs import JsonLines, SecretsLeftOut, structlog_processors, without_secrets
from tests.factories import ask_subject
from tests.routes import routes

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


def test_no_route_with_a_secret_is_forgotten():
    """Only what an answer about a file says is public, and signed."""
    with_token = [route for route in routes() if "<str:token>" in route]
    shown = [route for route in with_token if SECRET in without_secrets("/" + filled(route))]

    assert len(with_token) > 20
    assert shown == ["verify/said/<str:token>/"]


def filled(route: str) -> str:
    return route.replace("<str:token>", SECRET)


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


@pytest.fixture
def json_log(process_log, monkeypatch):
    """The same as JSON, read line by line."""
    handler = next(one for one in logging.getLogger().handlers if getattr(one, "stream", None) is process_log)
    monkeypatch.setattr(handler, "formatter", JsonLines())
    before = structlog.get_config()["processors"]
    structlog.configure(processors=structlog_processors("json"))
    yield lambda: [json.loads(line) for line in process_log.getvalue().splitlines()]
    structlog.configure(processors=before)


def test_as_json_each_message_of_a_request_says_which_request_and_partner_it_is_about(
    api_a, partner_a, json_log
):
    api_a.get("/v1/jobs")
    with structlog.contextvars.bound_contextvars(job_id="job_1"):
        structlog.get_logger("ours").info("attempt_began", tries=2)
        logging.getLogger("a.library").warning("Something about %s", "this")
    said = json_log()
    assert all({"time", "level", "logger", "event"} <= line.keys() for line in said)
    # The middleware's logger was made before this test, for the other format; the joining is the same.
    finished = next(line for line in said if "request_finished" in line["event"])
    assert finished["partner_id"] == partner_a.id
    assert finished["request_id"] == said[0]["request_id"]
    assert (said[-2]["event"], said[-2]["tries"], said[-2]["job_id"]) == ("attempt_began", 2, "job_1")
    assert (said[-1]["event"], said[-1]["job_id"]) == ("Something about this", "job_1")


def test_as_json_an_exception_is_one_line_and_secrets_stay_out(json_log):
    try:
        raise ValueError(f"/receipt/{SECRET}/")
    except ValueError:
        logging.getLogger("likeness").exception("It failed")
    (line,) = json_log()
    assert "ValueError" in line["exception"]
    assert "Zq3" not in json.dumps(line)
