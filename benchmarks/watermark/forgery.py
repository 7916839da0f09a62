"""Measures what copying and removing the watermark costs somebody without the key, in dB of luma.

    python -m benchmarks.watermark.forgery CLIPS_FOLDER VICTIM:TARGET ...

The attacker has one marked clip and averages what is left of its frames without their content, folded at the
pilot's period of 128 pixels or at 512, the whole frame. The estimate is laid over another clip (copying) or
taken off the marked one (removal), stronger and stronger, and each result is encoded and read as verification
does.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import encoded
from benchmarks.watermark.clips import first
from benchmarks.watermark.quality import luma_psnr
from generation.pipeline.encode import luma_of, to_yuv
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.content.fingerprint import fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import agreement
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.registry import Registry

KEY = WatermarkKey(bytes(range(32)))
PAYLOAD, OTHER = WatermarkPayload(0x5EED_0000_1234), WatermarkPayload(0x5EED_0000_4321)
STRENGTH = 71
AMPLITUDES = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)  # grey levels, standard deviation


def planes_of(folder: Path, name: str) -> list[np.ndarray]:
    return [luma_of(to_yuv(frame)) for frame in first(folder / f"{name}.npy", 2)]


def marked(planes: list[np.ndarray], payload: WatermarkPayload = PAYLOAD) -> list[np.ndarray]:
    embedder = Embedder(payload, KEY, STRENGTH)
    return [embedder.mark(plane) for plane in planes]


def after_encoder(planes: list[np.ndarray], crf: int) -> list[np.ndarray]:
    frames = encoded(np.stack([np.repeat(plane[..., None], 3, 2) for plane in planes]), crf)
    return [np.ascontiguousarray(frame[..., 0]) for frame in frames]


def estimate(planes: list[np.ndarray], period: int) -> np.ndarray:
    """The mean residual folded at a period and repeated, with a standard deviation of 1."""
    total = ResidualSum(512, 512)
    for plane in planes:
        total.add(plane, 0)
    count = 512 // period
    tile = total.total().reshape(count, period, count, period).mean((0, 2))
    return np.tile(tile / tile.std(), (count, count))


def added(planes: list[np.ndarray], pattern: np.ndarray, amplitude: float) -> list[np.ndarray]:
    return [np.clip(np.rint(plane + amplitude * pattern), 0, 255).astype(np.uint8) for plane in planes]


def answer(planes: list[np.ndarray], fingerprints: np.ndarray) -> str:
    """State, pilot, score and share of agreeing content."""
    extractor = Extractor()
    for plane in after_encoder(planes, 23):
        extractor.add(plane)
    found = extractor.read([KEY])
    registry = Registry(KEY)
    registry.add([PAYLOAD.watermark_id, OTHER.watermark_id, *range(100_000)])
    decision = decide(found, [registry])
    score = max((one.score(PAYLOAD, KEY) for one in found.readings), default=0.0)
    whose = {PAYLOAD.watermark_id: "the record", OTHER.watermark_id: "the other", None: "nobody"}[
        decision.watermark_id
    ]
    content = agreement(found.readings[0].fingerprints, fingerprints) if found.readings else None
    same = "-" if content is None else f"{content:.2f}"
    return f"{decision.state.value}, {whose} | {found.pilot:.1f} | {score:.1f} | {same}"


def main(folder: Path, pairs: list[str]) -> None:
    cv2.setNumThreads(1)
    print("| clip | attack | amplitude | dB | answer | pilot | score | content agrees |")
    print("|---|---|---|---|---|---|---|---|")
    for pair in pairs:
        victim, target = pair.split(":")
        plain, foreign = planes_of(folder, victim), planes_of(folder, target)
        ours = after_encoder(marked(plain), 20)
        fingerprints = np.stack([fingerprint_of_marked(plane) for plane in ours[::7][:8]])
        for period in (128, 512):
            pattern = estimate(ours, period)
            for amplitude in AMPLITUDES:
                forged = added(foreign, pattern, amplitude)
                cost = f"{amplitude} | {luma_psnr(foreign, forged):.1f} | {answer(forged, fingerprints)} |"
                print(f"| {victim} to {target} | copied, folded at {period} | {cost}", flush=True)
            for amplitude in AMPLITUDES:
                cleaned = added(ours, -pattern, amplitude)
                cost = f"{amplitude} | {luma_psnr(ours, cleaned):.1f} | {answer(cleaned, fingerprints)} |"
                print(f"| {victim} | removed, folded at {period} | {cost}", flush=True)
        both = [
            ((a.astype(int) + b) // 2).astype(np.uint8)
            for a, b in zip(ours, marked(plain, OTHER), strict=True)
        ]
        print(f"| {victim} | average of two marks | - | - | {answer(both, fingerprints)} |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
