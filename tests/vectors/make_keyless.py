"""Add the vectors that are made without the shelf's signing keys: `python -m tests.vectors.make_keyless`.

They change the shelf's sealed video with what any tampering hand has, carry its mark, or are signed with
certificates made here, so that they can be added to a shelf whose signing keys are gone.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import c2pa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from django.utils.crypto import get_random_string

from provenance.manifest import development_ca
from provenance.manifest.claim import VIDEO_FORMAT, manifest_definition
from provenance.manifest.signing import SigningIdentity
from provenance.manifest.trust import TrustStore
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from tests.generation.pipeline.moving_portrait import moving_portrait
from tests.provenance import clips
from tests.provenance.library_signing import library_signer
from tests.vectors.make_vectors import (
    FRAMES,
    HERE,
    LONG_DAYS,
    MISFIT,
    UNKNOWN_SIGNER,
    YEAR,
    Expected,
    claim_for,
)

ANCHORS = HERE / "trust-anchors.pem"


def tampered(sealed: bytes) -> dict[str, tuple[bytes, Expected]]:
    """What can be done to a sealed video with a hex editor and a remuxer."""
    misfit = Expected("ours_changed", "invalid", codes=MISFIT)
    # Without the box the index points beside every frame: no player shows anything, and no mark is seen.
    unplayable = Expected("cannot_tell", "none")
    put_back = clips.with_manifest_from(clips.remuxed(sealed), sealed)
    return {
        "raw_bytes_appended.mp4": (clips.with_raw_bytes(sealed), misfit),
        "mdat_box_appended.mp4": (clips.with_media_box(sealed), misfit),
        "last_100_bytes_cut.mp4": (sealed[:-100], misfit),
        "manifest_cut_out.mp4": (clips.with_manifest_cut_out(sealed), unplayable),
        "manifest_put_back_after_remux.mp4": (put_back, misfit),
    }


def our_mark_on_foreign_video(record: int, key: WatermarkKey, work: Path) -> bytes:
    """A stranger's face under the mark of a video of ours, laid on with our own key: the worst case."""
    embedder = Embedder(WatermarkPayload(record), key.for_year(YEAR))
    frames = moving_portrait("tomas", FRAMES, size=256)
    return clips.write_clip(work / "marked.mp4", frames, mark=embedder.mark).read_bytes()


def signed(source: Path, identity: SigningIdentity, usages: Sequence[ObjectIdentifier]) -> bytes:
    """Signed with whatever certificate; `usages` are those that this signer takes for good."""
    settings = TrustStore(identity.chain_pem).settings()
    settings["trust"]["trust_config"] = "\n".join(usage.dotted_string for usage in usages)
    settings["verify"]["verify_after_sign"] = False
    context = c2pa.Context.from_dict(settings)
    definition = json.dumps(manifest_definition(claim_for(f"rnd_{get_random_string(22)}", 0)))
    out = io.BytesIO()
    with c2pa.Builder(definition, context=context) as builder:
        builder.sign(library_signer(identity), VIDEO_FORMAT, io.BytesIO(source.read_bytes()), out)
    return out.getvalue()


def certificate(
    usages: list[ObjectIdentifier], authority: development_ca.DevelopmentCA | None = None
) -> SigningIdentity:
    """A signer's certificate for these usages, under an authority or under nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = load_pem_x509_certificate(authority.intermediate_pem.encode()) if authority else None
    leaf = development_ca._certificate(
        "Claim signer",
        key.public_key(),
        issuer=issuer,
        issuer_key=authority.intermediate_key if authority else key,
        days=LONG_DAYS,
        usages=usages,
    )
    chain = development_ca._pem(leaf) + (authority.intermediate_pem if authority else "")
    return SigningIdentity.from_pem(chain, development_ca._key_pem(key))


def main() -> None:
    """Write the files, what is expected of them, and one more root of ours beside the first."""
    shelf = json.loads((HERE / "expected.json").read_text())
    key = WatermarkKey(bytes.fromhex((HERE / "watermark-key").read_text()))
    files = tampered((HERE / "sealed.mp4").read_bytes())
    development_ca.INTERMEDIATE_DAYS = development_ca.ROOT_DAYS = LONG_DAYS
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        forged = our_mark_on_foreign_video(int(shelf["records"][0]["record_id"], 16), key, work)
        plain = HERE / "unmarked_and_unsigned.mp4"
        # An authority of ours that certifies people for logging in, too: that does not make them signers.
        authority = development_ca.create(work / "ours")
        for_logon = [ExtendedKeyUsageOID.SMARTCARD_LOGON]
        for_another_use = signed(plain, certificate(for_logon, authority), for_logon)
        for_signing = [ExtendedKeyUsageOID.EMAIL_PROTECTION, development_ca.C2PA_CLAIM_SIGNING]
        by_itself = signed(plain, certificate(for_signing), for_signing)
    files |= {
        "our_mark_on_foreign_video.mp4": (forged, Expected("mark_transplanted", "none")),
        "certificate_of_ours_for_another_use.mp4": (
            for_another_use,
            Expected(
                "other_credentials",
                "invalid",
                codes=["signingCredential.invalid", "signingCredential.untrusted"],
            ),
        ),
        "self_signed.mp4": (
            by_itself,
            Expected("other_credentials", "valid_untrusted", codes=UNKNOWN_SIGNER),
        ),
    }
    for name, (data, expected) in files.items():
        (HERE / name).write_bytes(data)
        shelf["files"][name] = asdict(expected)
    first = load_pem_x509_certificate(ANCHORS.read_bytes())
    ANCHORS.write_text(development_ca._pem(first) + authority.root_pem)
    (HERE / "expected.json").write_text(json.dumps(shelf, indent=2) + "\n")


if __name__ == "__main__":
    main()
