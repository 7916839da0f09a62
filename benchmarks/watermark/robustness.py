"""Measures the watermark's cost, and how often it is read after each attack.

    python -m benchmarks.watermark.robustness run FOLDER [--portraits DIR] [--clips NAME ...]
        [--attacks NAME ...]
    python -m benchmarks.watermark.robustness unmarked FOLDER [--portraits DIR] [--clips NAME ...] [--keys N]
    python -m benchmarks.watermark.robustness library FOLDER [--portraits DIR] [--clips NAME ...]
    python -m benchmarks.watermark.robustness tables FOLDER

Clips and results are kept in FOLDER, one result file for each clip, so that several processes can share the
work and the tables can be printed at any time. `run` writes after every attack and goes on where it was
stopped. Every clip goes through the product's own path (strength by
trial, luma plane, encoder), then through every attack; two seconds of it are read, searched among a million
issued ids and decided, as verification does it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.watermark.attacks.table import attacks, is_in_place
from benchmarks.watermark.clips import FPS, SAMPLES, first, load_clips, of_video
from benchmarks.watermark.library import measure_library
from benchmarks.watermark.quality import luma_psnr, luma_ssim
from benchmarks.watermark.tables import print_tables
from benchmarks.watermark.unmarked import contents, measure
from generation.pipeline.encode import encode_video, luma_of, to_yuv
from generation.pipeline.strength import choose_strength
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload
from provenance.watermark.content.fingerprint import fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import RECORD_FINGERPRINTS, agreement
from provenance.watermark.identification.decision import decide
from provenance.watermark.identification.registry import Registry

KEYS = [WatermarkKey(bytes([number]) * 32) for number in range(1, 6)]
ISSUED = 1_000_000
SECONDS = 2
MOST_FRAMES = 48


def read(frames: np.ndarray, keys: list[WatermarkKey]) -> tuple[Extractor, float, object]:
    """Read what the frames hold; the processor seconds that took."""
    begin = time.process_time()
    extractor = Extractor()
    for index in np.unique(np.linspace(0, len(frames) - 1, min(MOST_FRAMES, len(frames))).astype(int)):
        luma = cv2.cvtColor(np.ascontiguousarray(frames[index]), cv2.COLOR_RGB2GRAY)
        extractor.add(np.asarray(luma, np.uint8), int(index) // FPS)
    found = extractor.read(keys)
    return extractor, time.process_time() - begin, found


def product_file(frames: np.ndarray, path: Path, mark: object) -> float:
    """Encode as the product does; kilobits a second of the whole file without sound."""
    video = encode_video(
        list(frames),
        fps=FPS,
        audio=np.zeros(1, np.float32),
        sample_rate=48_000,
        destination=path,
        mark=mark,  # type: ignore[arg-type]
        on_frame=lambda done: None,
    )
    return video.size_bytes * 8 / 1000 / video.duration_s


def run_clip(number: int, source: Path, only: list[str], target: Path) -> None:
    """All measurements on one clip that are not in `target` yet."""
    result: dict[str, Any] = json.loads(target.read_text()) if target.exists() else {"attacks": {}}
    chosen = {name: attack for name, attack in attacks(only).items() if name not in result["attacks"]}
    if not chosen:
        return
    key, payload = KEYS[number % len(KEYS)], WatermarkPayload(0x5EED_0000_0000 + number)
    registry = Registry(key)
    registry.add([payload.watermark_id])
    registry.add(int(value) for value in np.random.default_rng(number).integers(0, 1 << 48, ISSUED - 1))
    whole = first(source, 4)
    frames = whole[: SECONDS * FPS]
    strength = choose_strength(list(frames[:FPS]), payload, key)
    planes = [luma_of(to_yuv(frame)) for frame in frames]
    embedder = Embedder(payload, key, strength)
    begin = time.process_time()
    marked = [embedder.mark(plane) for plane in planes]
    cost = (time.process_time() - begin) / len(planes) * 1000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        plain_rate = product_file(whole, path, lambda luma: luma)
        marked_rate = product_file(whole, path, Embedder(payload, key, strength).mark)
        delivered = of_video(path)
    fingerprints = np.stack(
        [fingerprint_of_marked(luma_of(to_yuv(frame))) for frame in spread(whole, RECORD_FINGERPRINTS)]
    )
    result |= {
        "key": number % len(KEYS),
        "strength": strength,
        "psnr": luma_psnr(planes, marked),
        "ssim": luma_ssim(planes[::10], marked[::10]),
        "ms": cost,
        "kbps": [plain_rate, marked_rate],
    }
    for title, attack in chosen.items():
        attacked = [(title, attack(delivered[: SECONDS * FPS]))]
        if title == "x264 CRF 35":
            attacked.append((f"{title}, 4 s", attack(delivered)))
        for label, seen in attacked:
            result["attacks"][label] = cell(seen, key, payload, registry, fingerprints) | cost_of(
                seen, delivered[: SECONDS * FPS], title
            )
        target.write_text(json.dumps(result))


def cost_of(seen: np.ndarray, delivered: np.ndarray, attack: str) -> dict[str, float]:
    """What an attack that leaves the picture in its place costs, in PSNR (dB) and SSIM of luma."""
    if not is_in_place(attack) or seen.shape != delivered.shape:
        return {}
    before, after = ([luma_of(to_yuv(frame)) for frame in frames[::10]] for frames in (delivered, seen))
    return {"psnr": luma_psnr(before, after), "ssim": luma_ssim(before, after)}


def spread(frames: np.ndarray, count: int) -> np.ndarray:
    """`count` frames from the whole clip."""
    return frames[np.linspace(0, len(frames) - 1, count).astype(int)]


def cell(
    seen: np.ndarray,
    key: WatermarkKey,
    payload: WatermarkPayload,
    registry: Registry,
    fingerprints: np.ndarray,
) -> dict[str, object]:
    """Read one attacked clip, decide, and compare what it shows with the record's fingerprints."""
    _, seconds, found = read(seen, [key])
    begin = time.process_time()
    decision = decide(found, [registry])  # type: ignore[arg-type]
    content = agreement(decision.reading.fingerprints, fingerprints) if decision.reading else None
    return {
        "content": content,
        "state": decision.state.value,
        "right": decision.watermark_id == payload.watermark_id,
        "wrong": decision.watermark_id not in {None, payload.watermark_id},
        "by_decoding": any(one.payload == payload for one in found.readings),  # type: ignore[attr-defined]
        "pilot": found.pilot,  # type: ignore[attr-defined]
        "score": max((one.score(payload, key) for one in found.readings), default=0.0),  # type: ignore[attr-defined]
        "read_s": seconds,
        "search_s": time.process_time() - begin,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=["run", "unmarked", "library", "tables"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--portraits", type=Path)
    parser.add_argument("--clips", nargs="*", default=[])
    parser.add_argument("--attacks", nargs="*", default=[])
    parser.add_argument("--keys", type=int, default=10)
    arguments = parser.parse_args()
    if arguments.task == "tables":
        print_tables(arguments.folder)
        return
    cv2.setNumThreads(1)
    more = (
        sorted(p for p in arguments.portraits.iterdir() if p.suffix in {".jpg", ".png"})
        if arguments.portraits
        else []
    )
    clips = load_clips(arguments.folder / "clips", more)
    if arguments.task == "unmarked":
        stills = [*sorted((SAMPLES / "portraits").glob("*.jpg")), *more]
        tasks = {
            name: lambda make=make, number=number: measure(make(), number, arguments.keys)
            for number, (name, make) in enumerate(contents(clips, stills).items())
        }
    elif arguments.task == "run":
        for number, name in enumerate(clips):
            if not arguments.clips or name in arguments.clips:
                run_clip(number, clips[name], arguments.attacks, arguments.folder / f"run-{name}.json")
                print(name, flush=True)
        return
    else:
        tasks = {
            name: lambda source=source: {k: asdict(v) for k, v in measure_library(first(source, 1)).items()}
            for name, source in clips.items()
        }
    for name, make in tasks.items():
        target = arguments.folder / f"{arguments.task}-{name}.json"
        if target.exists() or (arguments.clips and name not in arguments.clips):
            continue
        target.write_text(json.dumps(make()))
        print(name, flush=True)


if __name__ == "__main__":
    main()
