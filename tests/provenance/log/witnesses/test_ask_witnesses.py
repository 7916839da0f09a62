"""The service has its checkpoints signed by witnesses, and shows and bundles what they signed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from provenance.keys.service_keys import log_signing_key, log_verify_key
from provenance.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from provenance.log.cosignature import WitnessKey, WitnessPolicy
from provenance.log.witness import AddCheckpoint
from provenance.management.commands.log_witness import open_witness, witness_server
from provenance.models import LogCosignature
from provenance.selectors.evidence import evidence_bundle
from provenance.services.witnesses import ask_witnesses
from provenance.verify.evidence.bundle import WitnessesMissing, open_bundle

pytestmark = pytest.mark.django_db


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], tuple[WitnessKey, str]]]:
    """Starts a witness of our log by its name; its key and address."""
    servers = []

    def _start(name: str) -> tuple[WitnessKey, str]:
        witness, vkey = open_witness(name, [log_verify_key().vkey], tmp_path / name)
        server = witness_server(witness, host="127.0.0.1", port=0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return WitnessKey.from_vkey(vkey), f"http://127.0.0.1:{server.server_port}"

    yield _start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def use(settings, tmp_path: Path) -> Callable[..., None]:
    """Has the service ask these witnesses."""

    def _use(*witnesses: tuple[WitnessKey, str]) -> None:
        settings.LIKENESS_LOG_WITNESSES_FILE = tmp_path / "witnesses.txt"
        lines = [f"{key.vkey} {address}\n" for key, address in witnesses]
        settings.LIKENESS_LOG_WITNESSES_FILE.write_text("# who signs\n" + "".join(lines))

    return _use


def sizes() -> list[int]:
    return list(LogCosignature.objects.order_by("size").values_list("size", flat=True))


def test_without_witnesses_nobody_is_asked(fill, client: Client):
    fill(2)
    assert ask_witnesses().signed == 0
    assert client.get("/v1/log/witnessed").status_code == 404


def test_they_follow_the_log_and_what_they_sign_is_shown(fill, start, use, client: Client):
    first, second = start("w1.example"), start("w2.example")
    use(first, second)
    fill(3)
    assert ask_witnesses().signed == 2
    assert ask_witnesses().signed == 0
    fill(4)
    assert ask_witnesses().signed == 2
    note = client.get("/v1/log/witnessed").content.decode()
    assert open_checkpoint(note, log_verify_key()).size == 7
    policy = WitnessPolicy((first[0], second[0]), 2)
    assert policy.require(note) == ["w1.example", "w2.example"]


def test_pages_say_how_many_of_them_signed(fill, start, use, client: Client):
    first, gone = start("w1.example"), (WitnessKey("gone.example", bytes(32)), "http://127.0.0.1:9")
    use(first, gone)
    fill(2)
    ask_witnesses()
    assert "1 of 2 witnesses have signed the log" in client.get("/log/1/").content.decode()
    fill(1)
    assert "0 of 2 witnesses have signed the log" in client.get("/log/2/").content.decode()


def test_one_that_breaks_off_its_answer_keeps_nobody_from_being_asked(fill, start, use):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_break_off, args=(listening,), daemon=True).start()
        broken = WitnessKey("broken.example", bytes(32)), f"http://127.0.0.1:{listening.getsockname()[1]}"
        use(broken, start("w1.example"))
        fill(3)

        done = ask_witnesses()

    assert (done.signed, done.failed) == (1, 1)


def _break_off(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nless")


def test_what_was_forgotten_is_asked_for_again(fill, start, use):
    use(start("w1.example"))
    fill(3)
    ask_witnesses()
    LogCosignature.objects.all().delete()
    fill(2)
    assert ask_witnesses().signed == 1
    assert sizes() == [5]


def test_one_that_cannot_be_reached_keeps_nobody_waiting(fill, start, use):
    gone = WitnessKey("gone.example", bytes(32)), "http://127.0.0.1:9"
    use(gone, start("w1.example"))
    fill(1)
    done = ask_witnesses()
    assert (done.signed, done.failed) == (1, 1)


def test_an_answer_that_is_not_the_witnesss_is_not_kept(fill, start, use):
    _, address = start("w1.example")
    use((WitnessKey("w1.example", bytes(32)), address))
    fill(1)
    assert ask_witnesses().failed == 1
    assert sizes() == []


def test_one_that_signed_another_history_does_not_sign_ours(fill, start, use, tmp_path: Path, caplog):
    witness, _ = open_witness("w1.example", [log_verify_key().vkey], tmp_path / "w1.example")
    forged = Checkpoint(log_verify_key().name, 3, bytes(range(32)))
    note = sign_checkpoint(forged, log_signing_key())  # by whoever holds the key too
    assert witness.add_checkpoint(AddCheckpoint(0, (), note).body.encode(), seconds=1).status == 200
    use(start("w1.example"))
    fill(3)
    assert ask_witnesses().failed == 1
    fill(2)
    assert ask_witnesses().failed == 1
    assert sizes() == []


@pytest.mark.slow
def test_offline_a_history_that_witnesses_did_not_sign_is_refused(start, use, released):
    key, address = start("w1.example")
    policy = WitnessPolicy((key,), 1)
    bundle = evidence_bundle(released.rendition_id)
    assert open_bundle(bundle, log_verify_key()).record.state == "released"
    with pytest.raises(WitnessesMissing):
        open_bundle(bundle, log_verify_key(), witnesses=policy)
    use((key, address))
    ask_witnesses()
    bundle = evidence_bundle(released.rendition_id)
    assert open_bundle(bundle, log_verify_key(), witnesses=policy).record.state == "released"


def test_of_two_histories_under_one_key_the_one_that_an_honest_witness_did_not_see_is_refused_offline(
    start, use, released, tmp_path: Path
):
    honest, _ = open_witness("w1.example", [log_verify_key().vkey], tmp_path / "w1.example")
    shown = Checkpoint(log_verify_key().name, 3, bytes(range(32)))
    note = sign_checkpoint(shown, log_signing_key())
    assert honest.add_checkpoint(AddCheckpoint(0, (), note).body.encode(), seconds=1).status == 200
    key, address = start("w1.example")
    use((key, address))
    assert ask_witnesses().failed == 1

    bundle = evidence_bundle(released.rendition_id)
    assert open_bundle(bundle, log_verify_key()).record.state == "released"
    with pytest.raises(WitnessesMissing):
        open_bundle(bundle, log_verify_key(), witnesses=WitnessPolicy((key,), 1))
