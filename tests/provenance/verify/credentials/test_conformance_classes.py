"""Files as the public conformance sets of C2PA have them, made anew with a stranger's certificates.

Named as those sets name theirs: C a claim, A a parent, I an ingredient, X content that was changed, E- an
error: -sig a signature that is not good, -uri an assertion that was changed, -dat content that was changed,
-clm a claim that is referred to and missing.
"""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import c2pa
import pytest

from provenance.manifest import development_ca
from provenance.manifest.reading import read_manifest
from provenance.manifest.timestamp_authority import TimestampAuthority
from provenance.manifest.timestamping import serving
from provenance.manifest.trust import TrustStore
from provenance.verify.reader.inspect import inspect
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file
from tests.provenance import clips
from tests.provenance.verify.credentials.test_other_formats import FILES

SHELF = Path(__file__).parents[3] / "vectors"
TYPES = ("image/jpeg", "image/png", "video/mp4", "audio/wav")
OURS = (SHELF / "trust-anchors.pem").read_text()
Ingredient = tuple[bytes, str]  # the file and its relationship


class Stranger:
    """Somebody with a certificate that nobody here knows, who signs files of one type."""

    def __init__(self, media_type: str, chain: str, key: str, root: str) -> None:
        self.media_type = media_type
        self.plain = FILES[media_type]()
        self._pem, self._root = (chain, key), root

    def sign(
        self,
        *ingredients: Ingredient,
        version: int = 2,
        address: str = "",
        is_embedded: bool = True,
        clock: str | None = None,
    ) -> bytes:
        """The file with a claim about it."""
        agent = {"name": "Somebodys editor"} if version == 2 else "Somebodys editor"
        created = {"digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}
        action: dict[str, Any] = {"action": "c2pa.created", "softwareAgent": agent, **created}
        if any(relationship == "parentOf" for _, relationship in ingredients):
            action = {
                "action": "c2pa.opened",
                "softwareAgent": agent,
                "parameters": {"ingredientIds": ["i0"]},
            }
        label = "c2pa.actions.v2" if version == 2 else "c2pa.actions"
        definition: dict[str, Any] = {
            "claim_version": version,
            "claim_generator_info": [{"name": "somebody", "version": "1"}],
            "assertions": [{"label": label, "created": version == 2, "data": {"actions": [action]}}],
        }
        context = c2pa.Context.from_dict(TrustStore(self._root).settings())
        builder = c2pa.Builder(json.dumps(definition), context=context)
        for number, (data, relationship) in enumerate(ingredients):
            about = {"title": f"input {number}", "relationship": relationship, "label": f"i{number}"}
            builder.add_ingredient(json.dumps(about), self.media_type, io.BytesIO(data))
        if address:
            builder.set_remote_url(address)
        if not is_embedded:
            builder.set_no_embed()
        chain, key = (text.encode() for text in self._pem)
        by = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, key, clock and clock.encode()))
        out = io.BytesIO()
        builder.sign(by, self.media_type, io.BytesIO(self.plain), out)
        return out.getvalue()

    def with_content_changed(self, data: bytes) -> bytes:
        """Another content under the same credentials."""
        if self.media_type == "audio/wav":
            return clips.with_bit_flipped(data, data.index(b"data") + 200)
        if self.media_type == "video/mp4":
            return clips.with_picture_data_changed(data)
        return clips.with_bit_flipped(data, len(data) - 40)


def with_assertion_changed(data: bytes) -> bytes:
    """The active claim's actions: manifests of ingredients stand before it."""
    at = data.rindex(b"Somebodys editor")
    return data[:at] + b"Somebodys Editor" + data[at + 16 :]


def with_a_claim_missing(data: bytes) -> bytes:
    """The manifest of an ingredient under a name that nothing refers to."""
    at = data.index(b"urn:c2pa:")
    return clips.with_bit_flipped(data, data.index(b"\0", at) - 1)


CLASSES: dict[str, tuple[Callable[[Stranger], bytes], str, str]] = {
    "C": (lambda s: s.sign(), "valid_untrusted", "other_credentials"),
    "C of version 1": (lambda s: s.sign(version=1), "valid_untrusted", "other_credentials"),
    "CA": (lambda s: s.sign((s.plain, "parentOf")), "valid_untrusted", "other_credentials"),
    "CACA": (lambda s: s.sign((ca(s), "parentOf")), "valid_untrusted", "other_credentials"),
    "CAICAI": (
        lambda s: s.sign((ca(s), "parentOf"), (s.sign(), "componentOf")),
        "valid_untrusted",
        "other_credentials",
    ),
    "CIE-sig-CA": (
        lambda s: s.sign((clips.with_signature_changed(ca(s)), "componentOf")),
        "valid_untrusted",
        "other_credentials",
    ),
    "CI-XCA": (
        lambda s: s.sign((s.with_content_changed(ca(s)), "componentOf")),
        "valid_untrusted",
        "other_credentials",
    ),
    "XCA": (lambda s: s.with_content_changed(ca(s)), "invalid", "other_credentials"),
    "XCI": (
        lambda s: s.with_content_changed(s.sign((s.plain, "componentOf"))), "invalid", "other_credentials"
    ),
    "E-sig-CA": (lambda s: clips.with_signature_changed(ca(s)), "invalid", "other_credentials"),
    "E-uri-CA": (lambda s: with_assertion_changed(ca(s)), "invalid", "other_credentials"),
    "E-uri-CIE-sig-CA": (
        lambda s: with_assertion_changed(s.sign((clips.with_signature_changed(ca(s)), "componentOf"))),
        "invalid",
        "other_credentials",
    ),
    "E-clm-CAICAI": (
        lambda s: with_a_claim_missing(s.sign((ca(s), "parentOf"))), "invalid", "other_credentials"
    ),
    "embedded and at an address": (
        lambda s: s.sign(address="http://127.0.0.1:9/m.c2pa"), "valid_untrusted", "other_credentials"
    ),
    "at an address only": (
        lambda s: s.sign(address="http://127.0.0.1:9/m.c2pa", is_embedded=False),
        "remote_only",
        "cannot_tell",
    ),
    "no manifest": (lambda s: s.plain, "none", "cannot_tell"),  # the mark is not looked for here
    "a store of another kind": (
        lambda s: s.sign().replace(b"c2pa\0", b"cai0\0", 1), "none or unreadable", "cannot_tell"
    ),
    "ends in the manifest": (
        lambda s: (data := s.sign())[: data.index(b"c2pa.claim") + 60], "unreadable", "cannot_tell"
    ),
}  # fmt: skip


def ca(stranger: Stranger) -> bytes:
    return stranger.sign((stranger.plain, "parentOf"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Stranger]:
    authority = development_ca.create(tmp_path_factory.mktemp("stranger"))
    chain, key = authority.issue_leaf()
    return cache(lambda media_type: Stranger(media_type, chain, key, authority.root_pem))


def judged(path: Path) -> Verdict:
    return verify_file(path, trust=TrustStore(OURS), watermarks=None, find=lambda *_: None, read=inspect)


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("name", CLASSES)
def test_it_is_of_the_right_class(name: str, media_type: str, stranger, tmp_path: Path) -> None:
    make, state, kind = CLASSES[name]
    (tmp_path / "file").write_bytes(make(stranger(media_type)))
    verdict = judged(tmp_path / "file")
    assert verdict.signals.manifest is not None
    assert verdict.signals.manifest.state.value in state.split(" or ")
    assert verdict.kind.value == kind


@pytest.mark.parametrize(("name", "finding"), [("CACA", "valid_untrusted"), ("CIE-sig-CA", "invalid")])
def test_what_is_wrong_with_an_input_is_said_and_what_is_only_unknown_too(
    name: str, finding: str, stranger, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(CLASSES[name][0](stranger("image/jpeg")))
    reasons = {reason.signal: reason.finding for reason in judged(tmp_path / "file").reasons}
    assert reasons["ingredients"] == finding


def test_an_address_in_a_file_is_never_called(stranger, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/m.c2pa"
        (tmp_path / "file").write_bytes(stranger("image/jpeg").sign(address=address, is_embedded=False))
        verdict = judged(tmp_path / "file")
        with pytest.raises(TimeoutError):
            listener.accept()
    assert "remote_manifest" in {gap.what for gap in verdict.unchecked}
    assert address not in json.dumps(verdict.to_json())


def test_a_clock_that_nobody_knows_makes_nothing_invalid(stranger, tmp_path: Path) -> None:
    authority = development_ca.create_timestamp_authority()
    (tmp_path / "chain.pem").write_text(authority.chain_pem)
    (tmp_path / "key.pem").write_text(authority.key_pem)
    clock = TimestampAuthority.from_files(tmp_path / "chain.pem", tmp_path / "key.pem")
    with serving(clock.reply) as url:
        (tmp_path / "file").write_bytes(stranger("image/jpeg").sign(clock=url))
    reading = read_manifest(tmp_path / "file", TrustStore(OURS), media_type="image/jpeg")
    assert (reading.state.value, reading.is_time_stamped) == ("valid_untrusted", False)


def test_an_expired_certificate_is_told_from_changed_content(tmp_path: Path) -> None:
    trust = TrustStore(development_ca.create(tmp_path).root_pem)

    def read(name: str) -> Verdict:
        return verify_file(SHELF / name, trust=trust, watermarks=None, find=lambda *_: None, read=inspect)

    expired = read("sealed_certificate_expired.mp4")
    assert expired.signals.manifest is not None
    assert expired.signals.manifest.state.value == "invalid"
    assert "The content is as it was signed" in str(expired.sentence)
    # With a time-stamp, though by a clock that is unknown here, it was good when it signed.
    stamped = read("sealed_certificate_expired_but_stamped.mp4")
    assert stamped.signals.manifest is not None
    assert stamped.signals.manifest.state.value == "valid_untrusted"
    assert "signingCredential.expired" in stamped.signals.manifest.codes


def test_a_time_stamp_of_an_unknown_clock_does_not_revive_a_certificate_of_ours() -> None:
    reading = read_manifest(SHELF / "sealed_certificate_expired_but_stamped.mp4", TrustStore(OURS))
    assert reading.state.value == "invalid"
