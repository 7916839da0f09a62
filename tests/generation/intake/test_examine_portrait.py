"""Through the whole door: sniffing, the limited process, decoding, credentials, the face check."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import c2pa
import pytest
from PIL import Image

from generation.intake.examine import PortraitFacts, examine_portrait
from generation.intake.refusals import IntakeRefused
from provenance.manifest import development_ca
from provenance.manifest.development_ca import DevelopmentCA
from provenance.manifest.trust import TrustStore
from provenance.sandbox.requirement import ReaderUnavailable
from tests.generation.intake.files import PORTRAIT, marked, png, portrait, saved, two_people

pytestmark = pytest.mark.slow  # each renders a face or more


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentCA:
    return development_ca.create(tmp_path_factory.mktemp("authority"))


def examined(tmp_path: Path, authority: DevelopmentCA, data: bytes, name: str = "") -> PortraitFacts:
    source = tmp_path / "upload"
    source.write_bytes(data)
    trust = TrustStore(authority.root_pem)
    return examine_portrait(source, name=name, content_type="", workspace=tmp_path, trust=trust)


def refusal_of(tmp_path: Path, authority: DevelopmentCA, data: bytes, name: str = "") -> str:
    with pytest.raises(IntakeRefused) as refusal:
        examined(tmp_path, authority, data, name)
    assert refusal.value.message
    assert refusal.value.hint
    return refusal.value.code


def signed(tmp_path: Path, authority: DevelopmentCA, data: bytes) -> bytes:
    """A JPEG with content credentials by somebody we trust."""
    chain, key = authority.issue_leaf()
    definition = {
        "claim_generator_info": [{"name": "A camera"}],
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
                        }
                    ]
                },
            }
        ],
    }
    context = c2pa.Context.from_dict(TrustStore(authority.root_pem).settings())
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain.encode(), key.encode(), None))
    source, destination = tmp_path / "unsigned.jpg", tmp_path / "signed.jpg"
    source.write_bytes(data)
    with (
        c2pa.Builder(json.dumps(definition), context=context) as builder,
        source.open("rb") as read,
        destination.open("w+b") as write,
    ):
        builder.sign(signer, "image/jpeg", read, write)
    return destination.read_bytes()


def test_nothing_is_said_of_a_picture_that_no_reader_looked_at(
    tmp_path: Path, authority: DevelopmentCA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.sandbox.isolation._PROJECT_ROOT", tmp_path / "nowhere")
    with pytest.raises(ReaderUnavailable):
        examined(tmp_path, authority, PORTRAIT.read_bytes())


def test_it_accepts_a_portrait_and_normalises_it(tmp_path: Path, authority: DevelopmentCA) -> None:
    facts = examined(tmp_path, authority, PORTRAIT.read_bytes(), "amara.jpg")
    assert (facts.width, facts.height) == (1024, 1024)
    assert (facts.credentials, facts.generated_by) == ({}, "")
    with Image.open(facts.path) as stored:
        assert (stored.format, stored.mode, stored.size) == ("PNG", "RGB", (1024, 1024))


def test_it_tells_a_generated_portrait_and_takes_it(tmp_path: Path, authority: DevelopmentCA) -> None:
    facts = examined(tmp_path, authority, saved(marked(portrait(512), "Stable Diffusion XL"), "PNG"))
    assert facts.generated_by == "Stable Diffusion XL"
    (warning,) = [item for item in facts.warnings if item["code"] == "portrait_generated"]
    assert "Stable Diffusion XL" in str(warning["message"])


def test_examining_what_it_made_gives_the_same_again(tmp_path: Path, authority: DevelopmentCA) -> None:
    first = examined(tmp_path, authority, saved(portrait(512), "PNG"))
    made = first.path.read_bytes()
    second = examined(tmp_path, authority, made)
    assert second.path.read_bytes() == made
    assert second.warnings == first.warnings


def test_it_refuses_a_picture_without_a_face(tmp_path: Path, authority: DevelopmentCA) -> None:
    assert refusal_of(tmp_path, authority, saved(Image.new("RGB", (512, 512), "grey"), "PNG")) == "no_face"


def test_it_refuses_two_people(tmp_path: Path, authority: DevelopmentCA) -> None:
    assert refusal_of(tmp_path, authority, saved(two_people(), "PNG")) == "several_faces"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (png(60_000, 60_000, zlib.compress(bytes(1000))), "a.png", "image_too_large"),
        (PORTRAIT.read_bytes()[:40_000], "a.jpg", "image_damaged"),
        (b"", "a.png", "file_empty"),
        (b"only text", "a.png", "file_type_mismatch"),
        (b"\x89PNG\r\n\x1a\n" + bytes(31 * 1024 * 1024), "a.png", "image_file_too_large"),
    ],
    ids=["claims 60000x60000", "truncated", "empty", "text", "31 MB"],
)
def test_it_refuses(tmp_path: Path, authority: DevelopmentCA, data: bytes, name: str, code: str) -> None:
    assert refusal_of(tmp_path, authority, data, name) == code


def test_it_survives_a_picture_that_eats_its_memory(
    tmp_path: Path, authority: DevelopmentCA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.intake.limits.PORTRAIT_MEMORY_BYTES", 300 * 1024 * 1024)
    large = saved(Image.new("RGB", (8000, 6000), "grey"), "PNG")
    assert refusal_of(tmp_path, authority, large) == "file_too_costly"


def test_it_records_credentials_that_hold(tmp_path: Path, authority: DevelopmentCA) -> None:
    data = signed(tmp_path, authority, saved(portrait(512), "JPEG", quality=92))
    facts = examined(tmp_path, authority, data, "signed.jpg")
    assert facts.credentials["state"] == "trusted_ours"
    assert b"c2pa" not in facts.path.read_bytes()


def test_it_refuses_a_picture_changed_after_signing(tmp_path: Path, authority: DevelopmentCA) -> None:
    data = bytearray(signed(tmp_path, authority, saved(portrait(512), "JPEG", quality=92)))
    data[-500] ^= 0x10
    assert refusal_of(tmp_path, authority, bytes(data), "signed.jpg") == "credentials_tampered"


def test_it_records_credentials_of_strangers(tmp_path: Path, authority: DevelopmentCA) -> None:
    stranger = development_ca.create(tmp_path / "stranger")
    data = signed(tmp_path, stranger, saved(portrait(512), "JPEG", quality=92))
    assert examined(tmp_path, authority, data).credentials["state"] == "valid_untrusted"
