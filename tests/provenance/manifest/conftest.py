from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provenance.manifest import development_ca
from provenance.manifest.claim import RenditionClaim
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.trust import TrustStore
from tests.provenance.claims import rendition_claim
from tests.provenance.clips import moving_frames, reencoded, write_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", moving_frames(25))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> development_ca.DevelopmentCA:
    return development_ca.create(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> development_ca.DevelopmentCA:
    """Somebody else's authority."""
    return development_ca.create(tmp_path_factory.mktemp("other-ca"))


@pytest.fixture(scope="session")
def identity(
    authority: development_ca.DevelopmentCA, tmp_path_factory: pytest.TempPathFactory
) -> SigningIdentity:
    return identity_of(authority, tmp_path_factory.mktemp("identity"))


def identity_of(authority: development_ca.DevelopmentCA, directory: Path) -> SigningIdentity:
    chain, key = authority.issue_leaf()
    (directory / "chain.pem").write_text(chain)
    (directory / "key.pem").write_text(key)
    return SigningIdentity.from_files(directory / "chain.pem", directory / "key.pem")


@pytest.fixture(scope="session")
def trust(authority: development_ca.DevelopmentCA) -> TrustStore:
    return TrustStore(authority.root_pem)


def make_claim(rendition_id: str = "rnd_AAAAAAAAAAAAAAAAAAAAAA") -> RenditionClaim:
    return replace(
        rendition_claim(rendition_id, 0, duration_s=1.0),
        watermark_algorithm="org.likeness.watermark.test.1",
        watermark_value=bytes(range(8)),
        log_position=41,
    )


@pytest.fixture(scope="session")
def signed(
    clip: Path, identity: SigningIdentity, trust: TrustStore, tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    target = tmp_path_factory.mktemp("signed") / "signed.mp4"
    sign_file(clip, target, make_claim(), identity, trust)
    return target.read_bytes()


@pytest.fixture
def parent(signed: bytes, tmp_path: Path) -> Path:
    """A signed video, before it is edited."""
    (tmp_path / "parent.mp4").write_bytes(signed)
    return tmp_path / "parent.mp4"


@pytest.fixture
def edited(signed: bytes, tmp_path: Path) -> Path:
    """What was made of it, not signed yet."""
    (tmp_path / "edited.mp4").write_bytes(reencoded(signed))
    return tmp_path / "edited.mp4"
