"""The service calls nothing inside a private network, whatever a partner names."""

from __future__ import annotations

import socket

import pytest

from accounts.access.actors import actor_of
from accounts.models import WebhookDelivery, WebhookEndpoint
from accounts.services.webhooks import endpoints, sending
from accounts.services.webhooks.addresses import resolve
from accounts.webhook_errors import WebhookAddressRefused
from provenance.common.errors import CodedError

PUBLIC = "93.184.215.14"


@pytest.fixture
def public_service(settings) -> None:
    settings.LIKENESS_ON_LOOPBACK = False


@pytest.fixture
def name_means(monkeypatch):
    """Say what every host name resolves to."""

    def means(*machines: str) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (machine, 443)) for machine in machines]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    return means


@pytest.mark.usefixtures("public_service")
@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0.0.0.0/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
    ],
)
def test_a_private_address_is_refused_however_it_is_written(url):
    with pytest.raises(WebhookAddressRefused):
        resolve(url)


@pytest.mark.usefixtures("public_service")
@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "//hooks.example/",
        "hooks.example",
        "https://",
        "https://user@hooks.example/",
        "https://user:word@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:99999/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nX-Evil: 1",
        "https://hooks.example/\N{RIGHT-TO-LEFT OVERRIDE}",
        "https://hooks.example/" + "a" * 500,
        "https://[::1",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(url, name_means):
    name_means(PUBLIC)
    with pytest.raises(CodedError) as refusal:
        resolve(url)
    assert refusal.value.status == 422


@pytest.mark.usefixtures("public_service")
def test_a_public_address_is_taken(name_means):
    name_means(PUBLIC)
    target = resolve("https://hooks.example:8443/in?x=1")

    assert (target.host, target.port, target.path) == ("hooks.example", 8443, "/in?x=1")
    assert target.machines == (PUBLIC,)
    assert target.named == "hooks.example:8443"


@pytest.mark.usefixtures("public_service")
def test_a_literal_address_is_named_as_a_header_has_it():
    assert resolve("https://[2606:4700::1111]/").named == "[2606:4700::1111]"


@pytest.mark.usefixtures("public_service")
def test_a_name_with_one_private_machine_is_refused(name_means):
    name_means(PUBLIC, "10.0.0.1")
    with pytest.raises(WebhookAddressRefused):
        resolve("https://hooks.example/")


def test_a_name_that_becomes_private_later_is_not_called(db, alice, receiver, settings, name_means):
    endpoint, _ = endpoints.add_endpoint(actor=actor_of(alice), url=receiver.url, event_types=[])
    endpoints.send_test(actor=actor_of(alice), endpoint_id=endpoint.id)
    settings.LIKENESS_ON_LOOPBACK = False
    WebhookEndpoint.objects.update(url=f"https://hooks.example:{receiver.port}/")
    name_means("127.0.0.1")
    sending.send_to(endpoint.id)

    assert receiver.calls == []
    assert WebhookDelivery.objects.get().attempts[0]["error"] == "address_refused"


def test_a_name_that_changes_between_look_and_call_leads_nowhere_else(
    db, alice, receiver, settings, monkeypatch
):
    endpoint, _ = endpoints.add_endpoint(actor=actor_of(alice), url=receiver.url, event_types=[])
    endpoints.send_test(actor=actor_of(alice), endpoint_id=endpoint.id)
    settings.LIKENESS_ON_LOOPBACK = False
    WebhookEndpoint.objects.update(url=f"https://hooks.example:{receiver.port}/")
    answers, called = [PUBLIC, "127.0.0.1", "127.0.0.1"], []

    def resolved(host: str, *args: object, **kwargs: object) -> list[object]:
        machine = answers.pop(0) if host == "hooks.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (machine, receiver.port))]

    def connect(address: tuple[str, int], *args: object, **kwargs: object) -> None:
        called.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    sending.send_to(endpoint.id)

    assert called == [(PUBLIC, receiver.port)]
    assert receiver.calls == []
    assert WebhookDelivery.objects.get().attempts[0]["error"] == "not_reached"
