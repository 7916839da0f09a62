"""Measures the library `invisible-watermark` on the same clips: 32 bits a frame, majority of frames.

Its rivaGan runs on onnxruntime, which nothing else here needs: install that first, or rivaGan is left out.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass

import cv2
import numpy as np
from imwatermark import WatermarkDecoder, WatermarkEncoder

from benchmarks.watermark.attacks.changes import encoded
from benchmarks.watermark.attacks.table import attacks

METHODS = ("dwtDct", "dwtDctSvd", "rivaGan")
SOME_ATTACKS = (
    "as delivered",
    "x264 CRF 23",
    "x264 CRF 28",
    "x264 CRF 32",
    "x264 CRF 35",
    "360p",
    "crop 10 %",
    "crop 50 %",
    "mirrored",
    "turned 2 degrees",
    "grey",
    "caption and logo",
)
BITS = 32
FRAMES, READ = 12, 6


@dataclass
class LibraryResult:
    """PSNR in dB, milliseconds to mark and to read a frame, and the share of right bits after each attack."""

    psnr: float
    mark_ms: float
    read_ms: float
    right: dict[str, float]


def measure_library(frames: np.ndarray) -> dict[str, LibraryResult]:
    """The library's methods, by name; `frames` (T, 512, 512, 3) uint8 RGB."""
    bits = np.random.default_rng(0).integers(0, 2, BITS)
    few = frames[:FRAMES]
    results = {}
    for method in METHODS:
        if method == "rivaGan":
            if importlib.util.find_spec("onnxruntime") is None:
                continue
            WatermarkEncoder.loadModel()  # of the decoder too
        encoder = WatermarkEncoder()
        encoder.set_watermark("bits", bits.tolist())
        begin = time.process_time()
        marked = np.stack(
            [encoder.encode(np.ascontiguousarray(f[..., ::-1]), method)[..., ::-1] for f in few]
        )
        mark_ms = (time.process_time() - begin) / len(few) * 1000
        delivered = encoded(marked, 20)
        right = {n: _right(attack(delivered), bits, method) for n, attack in attacks(SOME_ATTACKS).items()}
        begin = time.process_time()
        _read(marked[0], method)
        read_ms = (time.process_time() - begin) * 1000
        error = np.mean((marked.astype(float) - few) ** 2)
        results[method] = LibraryResult(float(10 * np.log10(255**2 / error)), mark_ms, read_ms, right)
    return results


def _read(frame: np.ndarray, method: str) -> np.ndarray:
    if frame.shape[:2] != (512, 512):  # it finds nothing in another size
        frame = cv2.resize(frame, (512, 512), interpolation=cv2.INTER_AREA)
    return np.asarray(
        WatermarkDecoder("bits", BITS).decode(np.ascontiguousarray(frame[..., ::-1]), method), float
    )


def _right(frames: np.ndarray, bits: np.ndarray, method: str) -> float:
    read = np.mean([_read(frame, method) for frame in frames[:READ]], axis=0) > 0.5
    return float((read == bits).mean())
