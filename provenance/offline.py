"""Verify a video without the service: `python -m provenance.offline FILE --keys KEYS --bundle BUNDLE`.

Needs no server, no database, no settings and no network. KEYS comes once from /v1/verification-keys, over a
way that is trusted; BUNDLE comes with the video or from /v1/evidence/. Ends with 0 if the video was made
there and is unchanged, with 3 for every other verdict, with 2 if keys or bundle cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from provenance.command_output import delivered
from provenance.common.errors import CodedError
from provenance.fingerprints.record_fingerprints import shows_square_alone
from provenance.log.cosignature import WitnessPolicy
from provenance.log.errors import NoteRejected
from provenance.verify.evidence.bundle import (
    KEYS_FROM,
    BundleRejected,
    PinnedKeys,
    ProvenRendition,
    open_bundle,
)
from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from provenance.verify.verify_file import verify_file
from provenance.verify.watermark_answer import BundledWatermarks, IssuedWatermark
from provenance.watermark.coding.payload import WatermarkSecrets

INTACT, UNUSABLE, NOT_INTACT = 0, 2, 3
# What the watermark is looked for with: an extra of the package, and the reader of third-party marks.
DECODERS = ("av", "cv2", "imwatermark", "pywt", "scipy")


def verify_offline(
    file: Path,
    keys: PinnedKeys,
    bundles: Sequence[ProvenRendition],
    *,
    watermark_secret: bytes | WatermarkSecrets | None = None,
) -> Verdict:
    """The verdict that the service would give, as far as the bundles reach. Raises `UnsupportedMedia`, and
    `CodedError` for a `watermark_secret` where the decoders are not installed."""

    def find(field: str, value: str) -> RecordFacts | None:
        return next((proven.record for proven in bundles if getattr(proven.record, field) == value), None)

    watermarks = None
    if watermark_secret:
        _require_decoders()
        issued = [
            IssuedWatermark(
                p.record.watermark_id,
                p.watermark_year,
                p.watermark_version,
                p.content_prints,
                shows_square_alone(p.record.fingerprints),
            )
            for p in bundles
        ]
        watermarks = BundledWatermarks(watermark_secret, issued)
    return verify_file(
        file,
        trust=keys.trust,
        watermarks=watermarks,
        find=find,
        find_sounds=lambda found: [[proven.record] for proven in bundles],
        has_all_records=False,
    )


def _require_decoders() -> None:
    missing = [name for name in DECODERS if find_spec(name) is None]
    if missing:
        raise CodedError(
            f"The watermark cannot be looked for without {', '.join(missing)}.",
            code="decoders_missing",
            status=501,
            hint="Install likeness[watermark] and, with pip's --no-deps, invisible-watermark; or leave the "
            "watermark's key out.",
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="provenance.offline", description="Check a video without the service."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--keys", type=Path, required=True, help="the service's public keys, from a trusted way"
    )
    parser.add_argument(
        "--bundle", type=Path, action="append", default=[], help="evidence; may be given again"
    )
    parser.add_argument(
        "--witnesses", type=Path, help="who has to have signed the log: a line at_least K, then their keys"
    )
    parser.add_argument("--watermark-key", type=Path, help="for those who hold it: look for the mark too")
    parser.add_argument("--json", action="store_true", help="print the verdict as the API gives it")
    chosen = parser.parse_args(arguments)
    try:
        keys = PinnedKeys.from_json(_json(chosen.keys, KEYS_FROM))
        policy = _policy(chosen.witnesses) if chosen.witnesses else None
        bundles = [open_bundle(_json(path), keys.log_key, witnesses=policy) for path in chosen.bundle]
        key = chosen.watermark_key
        secret = WatermarkSecrets.from_text(key.read_text()) if key else None
        found = verify_offline(chosen.file, keys, bundles, watermark_secret=secret)
    except CodedError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)  # noqa: T201
        return UNUSABLE
    except (OSError, ValueError) as error:
        print(f"A file cannot be read: {error}", file=sys.stderr)  # noqa: T201
        return UNUSABLE
    print(json.dumps(found.to_json(), indent=2) if chosen.json else _report(found, bundles))  # noqa: T201
    return INTACT if found.kind is VerdictKind.OURS_INTACT else NOT_INTACT


def _report(found: Verdict, bundles: Sequence[ProvenRendition]) -> str:
    lines = [str(found.headline), str(found.sentence), ""]
    lines += [f"  {reason.signal}: {reason.sentence}" for reason in found.reasons]
    lines += ["", "Not checked:", *(f"  {gap.sentence}" for gap in found.unchecked)]
    lines += ["", str(found.error_rate.sentence)]
    lines += [
        f"The bundle of {proven.record.rendition_id} is as of entry {proven.checkpoint.size - 1} of the log "
        f"{proven.checkpoint.origin}. What happened later, only the service knows."
        for proven in bundles
    ]
    return "\n".join(lines)


def _policy(path: Path) -> WitnessPolicy:
    try:
        return WitnessPolicy.from_text(path.read_text(encoding="utf-8"))
    except NoteRejected as error:
        raise BundleRejected(f"{path} names no witnesses: {error}") from error


def _json(path: Path, hint: str | None = None) -> dict[str, object]:
    try:
        values = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BundleRejected(f"{path} is no JSON file.", hint=hint) from error
    if not isinstance(values, dict):
        raise BundleRejected(f"{path} holds no JSON object.", hint=hint)
    return values


if __name__ == "__main__":
    sys.exit(delivered(main))
