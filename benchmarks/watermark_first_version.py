"""Measures the first watermark and what it was chosen against. Prints tables; docs/watermark.md quotes them.

    python -m benchmarks.watermark_first_version [directory of more portraits]

Clips are portraits whose head sways over a still background, two seconds at 25 frames a second, 512x512.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from unittest.mock import patch

import av
import cv2
import numpy as np
from imwatermark.dwtDctSvd import EmbedDwtDctSvd
from imwatermark.maxDct import EmbedMaxDct

from generation.pipeline.decode import read_frames
from generation.pipeline.encode import encode_video
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload, carrier, error_correction, extract
from provenance.watermark.extractor import Geometry
from provenance.watermark.layout import layout_for
from provenance.watermark.payload import PAYLOAD_BITS
from tests.generation.pipeline.moving_portrait import CAST, SAMPLES, sway

Frames = list[np.ndarray]
SIZE, FRAMES, FPS = 512, 50, 25
KEY = WatermarkKey(b"a key of the benchmark, not in use")
PAYLOAD = WatermarkPayload(0x0123456789ABCDEF)
BLOCKS = carrier.block_count(SIZE, SIZE)


def clip(path: Path, frames: int = FRAMES) -> Frames:
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2 if width > height else 0, (width - side) // 2
    square = picture[top : top + side, left : left + side]
    return list(
        sway(np.asarray(cv2.resize(square, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8), frames)
    )


def decibels(first: Frames, second: Frames) -> float:
    errors = [np.mean((a.astype(np.float64) - b) ** 2) for a, b in zip(first, second, strict=True)]
    return float(np.mean([10 * np.log10(255**2 / max(error, 1e-9)) for error in errors]))


def timed(work: Callable[[], object], times: int) -> float:
    """CPU milliseconds for one of the `times` things that `work` does."""
    start = time.process_time()
    work()
    return (time.process_time() - start) / times * 1000


def product_encode(frames: Iterable[np.ndarray], crf: int = 18) -> tuple[Frames, int]:
    """What the product's encoder makes of `frames` at `crf`, decoded, and the kilobits a second."""
    with tempfile.TemporaryDirectory() as folder, patch("generation.pipeline.encode.CRF", crf):
        path = Path(folder) / "a.mp4"
        encode_video(
            frames,
            fps=FPS,
            audio=np.zeros(1, np.float32),
            sample_rate=48_000,
            destination=path,
            on_frame=lambda n: None,
        )
        decoded = list(read_frames(path))
        size = sum(packet.size for packet in av.open(str(path)).demux(video=0))
    return decoded, round(size * 8 * FPS / len(decoded) / 1000)


def reencode(frames: Frames, codec: str = "libx264", **options: str) -> Frames:
    """`frames` through somebody else's encoder with its own defaults."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=FPS, options=options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def scaled(frames: Frames, width: int, height: int) -> Frames:
    return [cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in frames]


ATTACKS: dict[str, Callable[[Frames], Frames]] = {
    "as encoded": lambda frames: frames,
    "x264 CRF 20": lambda frames: reencode(frames, crf="20"),
    "x264 CRF 23": lambda frames: reencode(frames, crf="23"),
    "x264 CRF 28": lambda frames: reencode(frames, crf="28"),
    "x264 CRF 32": lambda frames: reencode(frames, crf="32"),
    "x265 CRF 28": lambda frames: reencode(frames, "libx265", crf="28", **{"x265-params": "log-level=none"}),
    "first 5 frames cut": lambda frames: reencode(frames[5:], crf="23"),
    "every 2nd frame": lambda frames: reencode(frames[::2], crf="23"),
    "360x360": lambda frames: reencode(scaled(frames, 360, 360), crf="23"),
    "720x720": lambda frames: reencode(scaled(frames, 720, 720), crf="23"),
    "640x480": lambda frames: reencode(scaled(frames, 640, 480), crf="23"),
    "256x256": lambda frames: reencode(scaled(frames, 256, 256), crf="23"),
    "brighter by a tenth": lambda frames: [cv2.convertScaleAbs(frame, alpha=1.1) for frame in frames],
    "grey": lambda frames: [
        np.repeat(frame.mean(2, keepdims=True), 3, 2).astype(np.uint8) for frame in frames
    ],
    "cropped by 5 %": lambda frames: [np.ascontiguousarray(frame[13:-13, 13:-13]) for frame in frames],
    "mirrored": lambda frames: [np.ascontiguousarray(frame[:, ::-1]) for frame in frames],
}


def print_carriers(clips: dict[str, Frames]) -> None:
    """The library's two classical methods and ours: one bit in every block, no code."""
    bits = np.random.default_rng(0).integers(0, 2, BLOCKS, dtype=np.uint8)

    def by_library(method: type, frames: Frames) -> Frames:
        marker = method(bits, BLOCKS)
        return [np.ascontiguousarray(marker.encode(frame[..., ::-1].copy())[..., ::-1]) for frame in frames]

    def read_by_library(method: type, frame: np.ndarray) -> np.ndarray:
        return np.asarray(method([], BLOCKS).decode(frame[..., ::-1].copy()), np.uint8)

    methods: dict[str, tuple[Callable[[Frames], Frames], Callable[[np.ndarray], np.ndarray]]] = {
        "library, dwtDct": (lambda f: by_library(EmbedMaxDct, f), lambda f: read_by_library(EmbedMaxDct, f)),
        "library, dwtDctSvd, step 36": (
            lambda f: by_library(EmbedDwtDctSvd, f),
            lambda f: read_by_library(EmbedDwtDctSvd, f),
        ),
        f"ours, dwtDctSvd, step {carrier.STEP:.0f}": (
            lambda f: [carrier.mark(x, bits) for x in f],
            lambda f: (carrier.read(f) > 0) * 1,
        ),
    }
    print("\n| carrier | ms to mark | ms to read | PSNR dB | block errors, raw | CRF 18 | CRF 23 | CRF 28 |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (mark, read) in methods.items():
        rows = []
        for frames in clips.values():
            few = frames[:4]
            marked = mark(few)
            errors = [np.mean([(read(f) != bits).mean() for f in marked])]
            errors += [
                np.mean([(read(f) != bits).mean() for f in product_encode(marked, crf)[0]])
                for crf in (18, 23, 28)
            ]
            cost = timed(partial(mark, few), len(few)), timed(partial(read, marked[0]), 1)
            rows.append([*cost, decibels(few, marked), *errors])
        values = np.mean(rows, axis=0)
        print(f"| {name} | {values[0]:.1f} | {values[1]:.1f} | {values[2]:.1f} |", end="")
        print("".join(f" {100 * value:.1f} % |" for value in values[3:]))


def print_layouts(clips: dict[str, Frames]) -> None:
    """The same bits in every frame, or others every frame or every eighth, cycling over four phases."""
    phases = np.random.default_rng(1).integers(0, 2, (4, BLOCKS), dtype=np.uint8)
    print("\n| layout | CRF | kbit/s | block errors a frame | after summing 2 s |")
    print("|---|---|---|---|---|")
    for name, count, held in (
        ("same in all frames", 1, 1),
        ("changes every 8 frames", 4, 8),
        ("every frame", 4, 1),
    ):
        for crf in (18, 23, 28):
            rows = []
            for frames in clips.values():
                sent = [phases[index // held % count] for index in range(len(frames))]
                marked = [carrier.mark(f, bits) for f, bits in zip(frames, sent, strict=True)]
                decoded, rate = product_encode(marked, crf)
                right = np.array(
                    [carrier.read(f) * (2.0 * b - 1) for f, b in zip(decoded, sent, strict=True)]
                )
                rows.append([rate, (right < 0).mean(), (right.mean(0) < 0).mean()])
            rate, single, summed = np.mean(rows, axis=0)
            print(f"| {name} | {crf} | {rate:.0f} | {100 * single:.1f} % | {100 * summed:.1f} % |")


def print_codes(words: int = 100) -> None:
    """Words of 104 bits decoded exactly over 3584 noisy blocks, by a block's amplitude over its noise."""
    codes = {
        "repetition": (),
        "convolutional, rate 1/2, K = 7": (0o133, 0o171, 0o133, 0o171),
        "convolutional, rate 1/2, K = 9": (0o561, 0o753, 0o561, 0o753),
        "convolutional, rate 1/4, K = 9": error_correction.GENERATORS,
    }
    levels = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
    data = BLOCKS - BLOCKS // 8
    print("\n| code | " + " | ".join(f"{level}" for level in levels) + " |")
    print("|---" * (1 + len(levels)) + "|")
    for name, generators in codes.items():
        rng = np.random.default_rng(2)
        row = []
        for level in levels:
            exact = 0
            for _ in range(words):
                bits = rng.integers(0, 2, PAYLOAD_BITS, dtype=np.uint8)
                if generators:
                    with patch.object(
                        error_correction, "OUTPUT_SIGNS", error_correction.output_signs(generators)
                    ):
                        sent = error_correction.encode(bits)
                        exact += bool(
                            (error_correction.decode(received(sent, data, level, rng)) == bits).all()
                        )
                else:
                    exact += bool(((received(bits, data, level, rng) > 0) == bits).all())
            row.append(f"{100 * exact / words:.0f} %")
        print(f"| {name} | " + " | ".join(row) + " |")


def received(coded: np.ndarray, blocks: int, level: float, rng: np.random.Generator) -> np.ndarray:
    soft = level * (2.0 * np.resize(coded, blocks) - 1) + rng.normal(0, 1, blocks)
    return np.bincount(np.arange(blocks) % len(coded), weights=soft, minlength=len(coded))


def mark_all(embedder: Embedder, frames: Frames) -> Frames:
    return list(embedder.mark(frames))


def read_all(frames: Frames) -> list[np.ndarray]:
    return [carrier.read(frame) for frame in frames]


def print_clips(clips: dict[str, Frames]) -> dict[str, Frames]:
    pilot = BLOCKS // 8
    print(f"\n{BLOCKS} blocks a frame: {pilot} pilot, {BLOCKS - pilot} for 104 bits coded into 416.\n")
    print("| clip | PSNR dB | PSNR dB of luma | ms to mark | ms to read | kbit/s unmarked | marked |")
    print("|---|---|---|---|---|---|---|")
    encoded = {}
    for name, frames in clips.items():
        embedder = Embedder(PAYLOAD, KEY)
        marked = list(embedder.mark(frames))
        encoded[name], rate = product_encode(marked)
        to_mark = timed(partial(mark_all, embedder, frames), len(frames))
        to_read = timed(partial(read_all, marked), len(marked))
        grey = [[cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in f] for f in (frames, marked)]
        print(f"| {name} | {decibels(frames, marked):.1f} | {decibels(*grey):.1f} |", end="")
        print(f" {to_mark:.1f} | {to_read:.1f} | {product_encode(frames)[1]} | {rate} |")
    return encoded


def print_attacks(encoded: dict[str, Frames]) -> None:
    print("\n| encoded at CRF 18, then | exact id | inconclusive | not found | frames needed | wrong key |")
    print("|---|---|---|---|---|---|")
    other = WatermarkKey(b"another key, not in use either")
    for name, attack in ATTACKS.items():
        attacked = [attack(frames) for frames in encoded.values()]
        readings = [extract(frames, KEY) for frames in attacked]
        found = [reading for reading in readings if reading.record_id == PAYLOAD.record_id]
        states = [reading.state.value for reading in readings]
        wrong = sum(extract(frames, other).state.value == "found" for frames in attacked)
        worst = max((reading.frames_read for reading in found), default=0)
        print(f"| {name} | {len(found)}/{len(readings)} | {states.count('inconclusive')} |", end="")
        print(f" {states.count('not_found')} | {worst or '-'} | {wrong} |")


def print_false_positives(clips: dict[str, Frames], keys: int = 200) -> None:
    """Unmarked clips, encoded, under many keys: hits, inconclusive ones, the largest pilot score."""
    scores, hits = [], 0
    for frames in clips.values():
        geometry = Geometry(SIZE, SIZE)
        for frame in product_encode(frames)[0][::5]:
            geometry.add(frame)
        for number in range(keys):
            key = WatermarkKey(number.to_bytes(32, "big"))
            scores.append(geometry.pilot_score(key))
            hits += geometry.decode(key) is not None
            layout_for.cache_clear()
    print(f"\n{len(scores)} pairs of unmarked clip and key: {hits} hits, ", end="")
    print(
        f"{sum(score >= 4 for score in scores)} inconclusive, largest pilot score {max(scores):.2f}, ", end=""
    )
    print(f"standard deviation {np.std(scores):.3f}.")


def main(arguments: Sequence[str]) -> None:
    cv2.setNumThreads(1)
    portraits = [SAMPLES / "portraits" / f"{name}.jpg" for name in CAST]
    for folder in arguments:
        portraits += sorted(path for path in Path(folder).iterdir() if path.suffix in {".jpg", ".png"})
    clips = {path.stem: clip(path) for path in portraits}
    cast = {name: clips[name] for name in CAST}
    print_carriers(cast)
    print_layouts(cast)
    print_codes()
    print_attacks(print_clips(clips))
    print_false_positives(clips)


if __name__ == "__main__":
    main(sys.argv[1:])
