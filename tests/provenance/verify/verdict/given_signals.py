"""What tests of verdicts are given: readings of manifests and marks, records, and signals of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from provenance.manifest.states import ManifestReading, ManifestState
from provenance.verify.evidence.media_type import FileType
from provenance.verify.evidence.signals import (
    MarkReading,
    MarkState,
    RecordFacts,
    Signals,
    SoundReading,
    SoundState,
)
from provenance.verify.verdict.verdict import VerdictKind

DAY = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
A = RecordFacts(
    rendition_id="rnd_a",
    state="released",
    file_sha256="a" * 64,
    watermark_id="a" * 12,
    is_in_log=True,
    log_index=7,
    sealed_at=DAY,
    released_at=DAY,
)
B = replace(A, rendition_id="rnd_b", file_sha256="b" * 64, watermark_id="b" * 12, log_index=8)
WITHDRAWN = replace(A, state="withdrawn", withdrawn_at=DAY, withdrawal_reason="consent_withdrawn")
SEALED = replace(A, state="sealed", released_at=None)
UNLOGGED = replace(A, is_in_log=False)

OURS = ManifestReading(ManifestState.TRUSTED_OURS, is_signed_by_us=True, rendition_id="rnd_a")
OURS_MISFIT = ManifestReading(
    ManifestState.INVALID, ("assertion.bmffHash.mismatch",), is_signed_by_us=True, rendition_id="rnd_a"
)
EDITED = replace(OURS, is_edited=True)
NAMELESS = replace(OURS, rendition_id=None)
OURS_B_MISFIT = replace(OURS_MISFIT, rendition_id="rnd_b")
BROKEN = ManifestReading(ManifestState.INVALID, ("claimSignature.mismatch",), rendition_id="rnd_a")
UNTRUSTED = ManifestReading(
    ManifestState.VALID_UNTRUSTED, ("signingCredential.untrusted",), signer_name="Likeness"
)
OTHER = ManifestReading(ManifestState.TRUSTED_OTHER, signer_name="Camera Maker")
NONE = ManifestReading(ManifestState.NONE)
REMOTE = ManifestReading(ManifestState.REMOTE_ONLY)
UNREADABLE = ManifestReading(ManifestState.UNREADABLE)

FOUND = MarkReading(MarkState.FOUND, "a" * 12, 8, 1e-12)
SAME = replace(FOUND, is_same_content=True)
LIFTED = replace(FOUND, is_same_content=False)
UNKNOWN_WORD = MarkReading(MarkState.FOUND, None, 8, 1e-11, is_word_read=True)
ABSENT = MarkReading(MarkState.NOT_FOUND, None, 64, 1e-11)
UNCLEAR = MarkReading(MarkState.INCONCLUSIVE, None, 0)
UNLOOKED = MarkReading(MarkState.NOT_LOOKED_FOR)

SAME_SOUND, OTHER_SOUND = SoundReading(SoundState.SAME), SoundReading(SoundState.OTHER)
INTACT, CHANGED, RECORDED, GONE, MOVED, OTHERS, NOTHING, UNKNOWN = VerdictKind


def signals(manifest: ManifestReading | None = NONE, mark: MarkReading = ABSENT, **more) -> Signals:
    return Signals("c" * 64, 1000, FileType("video/mp4", "video"), manifest, mark, **more)
