"""The issuer's word that the signing certificate was not taken back goes with each signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.reading import ManifestState, read_manifest
from provenance.manifest.signature import revocation
from provenance.manifest.signature.local_server import ReplyFunction, Service, served
from provenance.manifest.signature.revocation import REPLY_TYPE, CertificateRevoked, certificate_status
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from tests.provenance.manifest.conftest import make_claim

NOBODY = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def _nothing_is_known_yet() -> Iterator[None]:
    revocation.forget_answers()
    yield
    revocation.forget_answers()


def chain_of(identity: SigningIdentity) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(identity.chain_pem.encode())


def answer(identity: SigningIdentity, reply_to: ReplyFunction) -> bytes | None:
    with served({"/": Service(REPLY_TYPE, reply_to)}) as url:
        return certificate_status(chain_of(identity), url)


def test_it_is_asked_once_for_many_videos(identity: SigningIdentity, authority: DevelopmentCA) -> None:
    asked: list[bytes] = []

    def reply(request: bytes) -> bytes:
        asked.append(request)
        return authority.ocsp_responder().reply(request)

    first = answer(identity, reply)
    assert first is not None
    assert certificate_status(chain_of(identity), NOBODY) == first
    assert len(asked) == 1


def test_nothing_is_signed_with_a_certificate_that_was_taken_back(
    clip: Path, identity: SigningIdentity, authority: DevelopmentCA, trust: TrustStore, tmp_path: Path
) -> None:
    responder = authority.ocsp_responder(revoked={identity.leaf.serial_number})
    with served({"/ocsp": responder.service}) as url, pytest.raises(CertificateRevoked):
        sign_file(
            clip,
            tmp_path / "signed.mp4",
            make_claim(),
            replace(identity, ocsp_responder=f"{url}ocsp"),
            trust,
        )
    assert list(tmp_path.iterdir()) == []


def test_a_responder_that_is_away_keeps_no_video_back(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path: Path
) -> None:
    sign_file(clip, tmp_path / "signed.mp4", make_claim(), replace(identity, ocsp_responder=NOBODY), trust)
    assert read_manifest(tmp_path / "signed.mp4", trust).state is ManifestState.TRUSTED_OURS


def test_the_word_of_somebody_else_is_not_taken(
    identity: SigningIdentity, authority: DevelopmentCA, stranger: DevelopmentCA
) -> None:
    forged = replace(authority.ocsp_responder(), issuer_key=ec.generate_private_key(ec.SECP256R1()))
    assert answer(identity, forged.reply) is None
    assert answer(identity, stranger.ocsp_responder().reply) is None
    assert answer(identity, lambda _: b"<html>") is None


def test_the_word_about_another_certificate_is_not_taken(
    identity: SigningIdentity, authority: DevelopmentCA
) -> None:
    other = x509.load_pem_x509_certificates(authority.issue_leaf()[0].encode())
    request = revocation._request(other[0], other[1])
    assert answer(identity, lambda _: authority.ocsp_responder().reply(request)) is None


def test_an_issuer_without_a_responder_is_not_asked(identity: SigningIdentity) -> None:
    assert certificate_status(chain_of(identity)) is None
