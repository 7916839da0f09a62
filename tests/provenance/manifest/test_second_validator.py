"""A second opinion: a C2PA validator that shares no code with the library we sign with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import encypher_c2pa
import pytest

from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.signature.local_server import served
from provenance.manifest.signing import sign_file
from provenance.manifest.timestamping import TimestampServers, serving
from provenance.manifest.trust import TrustStore
from tests.provenance import clips
from tests.provenance.manifest.conftest import make_claim
from tests.provenance.manifest.test_timestamps import Clock, clock_in


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return clock_in(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def stamped(clip, identity, authority, clock, tmp_path_factory) -> bytes:
    target = tmp_path_factory.mktemp("stamped") / "stamped.mp4"
    trust = TrustStore(authority.root_pem, timestamp_anchors_pem=clock.root_pem)
    services = {"/ocsp": authority.ocsp_responder().service}
    with serving(clock.authority.reply) as url, served(services) as issuer:
        asking = replace(identity, ocsp_responder=f"{issuer}ocsp")
        sign_file(clip, target, make_claim(), asking, trust, timestamps=TimestampServers((url,)))
    data: bytes = target.read_bytes()
    return data


@pytest.fixture(autouse=True)
def _it_tells_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def opinion(
    data: bytes, authority: DevelopmentCA, clock: Clock, *, is_strict: bool = False
) -> Mapping[str, Any]:
    return encypher_c2pa.verify(
        data,
        "video/mp4",
        trust_pem=authority.root_pem,
        tsa_trust_pem=clock.root_pem,
        no_default_trust=True,
        telemetry=False,
        online=False,
        strict_conformance=is_strict,
    )


def codes(report: Mapping[str, Any], kind: str) -> set[str]:
    return {item["code"] for item in report["validation_results"][kind]}


def test_it_trusts_our_signature_and_our_time_stamp(stamped: bytes, authority, clock) -> None:
    report = opinion(stamped, authority, clock)
    assert report["validation_state"] == "Trusted"
    assert (report["integrity"], report["signature"], report["hard_binding"]) == ("valid", "valid", "match")
    assert {"timeStamp.validated", "timeStamp.trusted", "signingCredential.trusted"} <= codes(
        report, "success"
    )
    assert codes(report, "failure") == set()


def test_it_trusts_us_as_the_conformance_programme_asks(stamped: bytes, authority, clock) -> None:
    report = opinion(stamped, authority, clock, is_strict=True)
    assert report["validation_state"] == "Trusted"
    assert "signingCredential.ocsp.notRevoked" in codes(report, "success")
    assert codes(report, "failure") == set()


@pytest.mark.parametrize(
    "change",
    [clips.with_picture_data_changed, clips.with_signature_changed],
    ids=lambda change: change.__name__,
)
def test_it_sees_the_same_tampering(stamped: bytes, authority, clock, change) -> None:
    assert opinion(change(stamped), authority, clock)["validation_state"] == "Invalid"


def test_it_does_not_trust_us_under_the_root_of_others(stamped: bytes, stranger, clock) -> None:
    assert opinion(stamped, stranger, clock)["validation_state"] == "Valid"
