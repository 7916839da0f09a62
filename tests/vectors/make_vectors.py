"""Make the vectors in this folder: `python -m tests.vectors.make_vectors`. Each file is named for its defect.

All files come from two videos that were marked, signed and sealed with keys made here. The signing keys are
thrown away, so the shelf is made anew as a whole or not at all: a release keeps the shelf that its
predecessors made. `expected.json` says what verification must answer about each file. `make_splices` and
`make_keyless` add theirs to it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
from django.utils.crypto import get_random_string

from provenance.manifest import development_ca
from provenance.manifest.claim import RenditionClaim, manifest_definition
from provenance.manifest.signing import SigningIdentity, sign_file
from provenance.manifest.timestamp_authority import TimestampAuthority
from provenance.manifest.timestamping import TimestampServers, serving
from provenance.manifest.trust import TrustStore
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import VERSION
from tests.provenance import clips
from tests.provenance.claims import rendition_claim
from tests.provenance.library_signing import library_signer

HERE = Path(__file__).parent
FRAMES = 24
YEAR = 2026
LONG_DAYS = 20 * 365

# What the reader says of credentials that do not hold.
MISFIT = ["assertion.bmffHash.mismatch"]
UNKNOWN_SIGNER = ["signingCredential.untrusted"]
ALTERED_ASSERTION = ["assertion.hashedURI.mismatch"]
ALTERED_SIGNATURE = ["claimSignature.mismatch", "signingCredential.untrusted"]
RAN_OUT = ["signingCredential.expired", "signingCredential.untrusted"]


@dataclass(frozen=True)
class Expected:
    """What verification says about one vector; `error` is the code of a refusal, `codes` are the reader's."""

    verdict: str | None
    manifest: str | None
    error: str | None = None
    codes: Sequence[str] = ()


def identity_of(authority: development_ca.DevelopmentCA, *, now: datetime | None = None) -> SigningIdentity:
    chain, key = authority.issue_leaf(now=now)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "chain.pem").write_text(chain)
        (folder / "key.pem").write_text(key)
        return SigningIdentity.from_files(folder / "chain.pem", folder / "key.pem")


def claim_for(rendition_id: str, watermark_id: int) -> RenditionClaim:
    return rendition_claim(rendition_id, watermark_id, duration_s=FRAMES / clips.FPS)


class Shelf:
    """The vectors and what is expected of them, on their way to disk."""

    def __init__(self, work: Path) -> None:
        # The shelf has to outlive many development certificates.
        development_ca.LEAF_DAYS = development_ca.INTERMEDIATE_DAYS = development_ca.ROOT_DAYS = LONG_DAYS
        self.work = work
        self.key = WatermarkKey(secrets.token_bytes(32))
        self.ours = development_ca.create(work / "ours")
        self.others = development_ca.create(work / "others")
        self.strangers = development_ca.create(work / "strangers")
        self.clock = development_ca.create_timestamp_authority()
        # One certificate for both videos: their manifests then have one size and can change places.
        self.identity = identity_of(self.ours)
        self.expected: dict[str, Expected] = {}
        self.records: list[dict[str, str | int | float]] = []

    def seal(
        self,
        seed: int,
        *,
        identity: SigningIdentity | None = None,
        timestamps: TimestampServers | None = None,
    ) -> bytes:
        """A sealed video, with a record to find it by."""
        rendition_id, watermark_id = f"rnd_{get_random_string(22)}", secrets.randbits(48)
        embedder = Embedder(WatermarkPayload(watermark_id), self.key.for_year(YEAR))
        frames = clips.moving_frames(FRAMES, seed=seed)
        marked = clips.write_clip(self.work / "marked.mp4", frames, mark=embedder.mark)
        target = self.work / "sealed.mp4"
        who = identity or self.identity
        claim = claim_for(rendition_id, watermark_id)
        signed = sign_file(marked, target, claim, who, self.trust, timestamps=timestamps)
        data = target.read_bytes()
        self.records.append(
            {
                "rendition_id": rendition_id,
                "record_id": f"{watermark_id:012x}",
                "watermark_year": YEAR,
                "watermark_version": VERSION,
                "content_prints": base64.b64encode(clips.prints_of(marked)).decode("ascii"),
                "file_sha256": hashlib.sha256(data).hexdigest(),
                "size_bytes": len(data),
                "manifest_label": signed.label,
            }
        )
        return data

    def signed_by(self, authority: development_ca.DevelopmentCA, source: Path) -> bytes:
        target = self.work / "theirs.mp4"
        claim = claim_for(f"rnd_{get_random_string(22)}", 0)
        sign_file(source, target, claim, identity_of(authority), TrustStore(authority.root_pem))
        return target.read_bytes()

    @property
    def trust(self) -> TrustStore:
        return TrustStore(self.ours.root_pem, self.others.root_pem, self.clock.root_pem)

    def put(
        self,
        name: str,
        data: bytes,
        verdict: str | None,
        manifest: str | None,
        *,
        error: str | None = None,
        codes: Sequence[str] = (),
    ) -> None:
        (HERE / name).write_bytes(data)
        self.expected[name] = Expected(verdict, manifest, error, codes)


def remote_only(shelf: Shelf, source: Path) -> bytes:
    context = c2pa.Context.from_dict(shelf.trust.settings() | {"verify": {"verify_after_sign": False}})
    definition = json.dumps(manifest_definition(claim_for(f"rnd_{get_random_string(22)}", 0)))
    builder = c2pa.Builder(definition, context=context)
    builder.set_no_embed()
    builder.set_remote_url("http://127.0.0.1:9/manifest.c2pa")
    out = io.BytesIO()
    builder.sign(library_signer(identity_of(shelf.ours)), "video/mp4", io.BytesIO(source.read_bytes()), out)
    return out.getvalue()


def make(work: Path) -> None:
    shelf = Shelf(work)
    sealed, other = shelf.seal(1), shelf.seal(2)
    plain = clips.write_clip(work / "plain.mp4", clips.moving_frames(FRAMES, seed=3))
    foreign = plain.read_bytes()

    # A leaf that ends in six seconds: long enough to sign with, over before anybody verifies.
    short = datetime.now(UTC) - timedelta(days=LONG_DAYS) + timedelta(hours=1, seconds=6)
    expiring = identity_of(shelf.ours, now=short)
    expired = shelf.seal(4, identity=expiring)
    (work / "clock.pem").write_text(shelf.clock.chain_pem)
    (work / "clock-key.pem").write_text(shelf.clock.key_pem)
    clock = TimestampAuthority.from_files(work / "clock.pem", work / "clock-key.pem")
    with serving(clock.reply) as url:
        stamped = shelf.seal(5, identity=expiring, timestamps=TimestampServers((url,)))
    time.sleep(7)

    shelf.put("sealed.mp4", sealed, "ours_intact", "trusted_ours")
    shelf.put("sealed_certificate_expired.mp4", expired, "ours_intact", "invalid", codes=RAN_OUT)
    shelf.put("sealed_certificate_expired_but_stamped.mp4", stamped, "ours_intact", "trusted_ours")
    for name, misfit in (
        ("mdat_bit_flipped.mp4", clips.with_picture_data_changed(sealed)),
        ("moov_bit_flipped.mp4", clips.with_index_changed(sealed)),
        ("foreign_box_appended.mp4", clips.with_foreign_box(sealed)),
        ("truncated.mp4", clips.truncated(sealed)),
        ("manifest_of_another_of_ours.mp4", clips.with_manifest_of(sealed, other)),
    ):
        shelf.put(name, misfit, "ours_changed", "invalid", codes=MISFIT)
    shelf.put("ftyp_bit_flipped.mp4", clips.with_bit_flipped(sealed, 15), "ours_changed", "trusted_ours")
    endless = clips.with_box_larger_than_any_file(sealed)
    shelf.put("box_larger_than_any_file.mp4", endless, "ours_changed", "unreadable")
    shelf.put("manifest_truncated.mp4", clips.truncated_inside_manifest(sealed), "cannot_tell", "unreadable")
    shelf.put("manifest_removed_by_remux.mp4", clips.remuxed(sealed), "ours_changed", "none")
    shelf.put("manifest_renamed_to_free_box.mp4", clips.with_manifest_hidden(sealed), "ours_changed", "none")
    shelf.put("manifest_lost_by_reencoding.mp4", clips.reencoded(sealed), "ours_changed", "none")
    shelf.put("free_box_with_payload.mp4", clips.with_free_box(sealed), "ours_changed", "trusted_ours")
    resigned = clips.with_signature_changed(sealed)
    shelf.put("claim_signature_mismatch.mp4", resigned, "ours_changed", "invalid", codes=ALTERED_SIGNATURE)
    changed = clips.with_assertion_changed(sealed, b"Likeness (tests)")
    shelf.put("assertion_hash_mismatch.mp4", changed, "ours_changed", "invalid", codes=ALTERED_ASSERTION)
    forged = clips.with_manifest_from(foreign, sealed)
    shelf.put("our_manifest_on_foreign_video.mp4", forged, "cannot_tell", "invalid", codes=MISFIT)
    strangers = shelf.signed_by(shelf.strangers, plain)
    shelf.put(
        "signed_by_unknown_authority.mp4",
        strangers,
        "other_credentials",
        "valid_untrusted",
        codes=UNKNOWN_SIGNER,
    )
    others = shelf.signed_by(shelf.others, plain)
    shelf.put("signed_by_known_other.mp4", others, "other_credentials", "trusted_other")
    tampered = clips.with_picture_data_changed(others)
    shelf.put(
        "signed_by_known_other_then_changed.mp4", tampered, "other_credentials", "invalid", codes=MISFIT
    )
    shelf.put("manifest_at_an_address_only.mp4", remote_only(shelf, plain), "cannot_tell", "remote_only")
    shelf.put("unmarked_and_unsigned.mp4", foreign, "no_provenance", "none")
    text = b"This is a text, whatever its name says.\n" * 50
    shelf.put("text_called.mp4", text, None, None, error="unsupported_media")

    (HERE / "trust-anchors.pem").write_text(shelf.ours.root_pem)
    (HERE / "other-trust-anchors.pem").write_text(shelf.others.root_pem)
    (HERE / "timestamp-anchors.pem").write_text(shelf.clock.root_pem)
    (HERE / "watermark-key").write_text(shelf.key.secret.hex() + "\n")
    expected = {name: asdict(value) for name, value in shelf.expected.items()}
    everything = json.dumps({"records": shelf.records, "files": expected}, indent=2)
    (HERE / "expected.json").write_text(everything + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        make(Path(name))
