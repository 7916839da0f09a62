"""Changes of a clip's frames that attacks are made of: encoders, geometry, colour, blur and noise.

Frames are (T, H, W, 3) uint8 RGB at 25 a second. "crop 30 %" takes 30 % off each side's length, off centre.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction

import av
import cv2
import numpy as np

Frames = np.ndarray
Attack = Callable[[Frames], Frames]
_FPS = 25

_ENCODERS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "veryfast", "threads": "1"},
    "libx265": {"preset": "medium", "x265-params": "log-level=none:pools=1"},
    "libvpx-vp9": {"b": "0", "deadline": "realtime", "cpu-used": "5"},
    "libsvtav1": {"preset": "8"},
    "libx264rgb": {"preset": "veryfast", "threads": "1"},
}


def encoded(frames: Frames, crf: int, codec: str = "libx264", **options: str) -> Frames:
    """Through an encoder and back."""
    height, width = frames.shape[1] & ~1, frames.shape[2] & ~1
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream(
            codec, rate=_FPS, options=_ENCODERS[codec] | {"crf": str(crf)} | options
        )
        stream.width, stream.height = width, height
        stream.pix_fmt = "rgb24" if codec == "libx264rgb" else "yuv420p"
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, _FPS)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def x264(crf: int, preset: str = "medium") -> Attack:
    return lambda frames: encoded(frames, crf, preset=preset)


def each(frames: Frames, change: Callable[[np.ndarray], np.ndarray]) -> Frames:
    return np.stack([change(np.ascontiguousarray(frame)) for frame in frames])


def scaled(frames: Frames, width: int, height: int) -> Frames:
    how = cv2.INTER_AREA if width < frames.shape[2] else cv2.INTER_CUBIC
    return each(frames, lambda frame: cv2.resize(frame, (width, height), interpolation=how))


def cropped(frames: Frames, share: float, x: float = 0.2, y: float = 0.7) -> Frames:
    height, width = (int(side * (1 - share)) for side in frames.shape[1:3])
    top, left = int((frames.shape[1] - height) * y), int((frames.shape[2] - width) * x)
    return frames[:, top : top + height, left : left + width]


def turned(frames: Frames, degrees: float, zoom: float = 1.0) -> Frames:
    height, width = frames.shape[1:3]
    to_frame = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
    return each(frames, lambda frame: cv2.warpAffine(frame, to_frame, (width, height)))


def perspective(frames: Frames, share: float) -> Frames:
    height, width = frames.shape[1:3]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moves = np.array([[1, 0.5], [-0.3, 0], [0, -0.4], [0.6, 0]], np.float32) * share * [width, height]
    to_frame = cv2.getPerspectiveTransform(corners, (corners + moves).astype(np.float32))
    return each(frames, lambda frame: cv2.warpPerspective(frame, to_frame, (width, height)))


def toned(frames: Frames, curve: Callable[[np.ndarray], np.ndarray]) -> Frames:
    table = np.clip(curve(np.arange(256) / 255) * 255 + 0.5, 0, 255).astype(np.uint8)
    return table[frames]


def hue(frames: Frames, degrees: int) -> Frames:
    def change(frame: np.ndarray) -> np.ndarray:
        hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + degrees // 2) % 180
        return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)

    return each(frames, change)


def grey(frames: Frames) -> Frames:
    return each(
        frames, lambda frame: cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    )


def blurred(frames: Frames, sigma: float) -> Frames:
    return each(frames, lambda frame: cv2.GaussianBlur(frame, (0, 0), sigma))


def saturated(frames: Frames, factor: float) -> Frames:
    weights = np.array([0.299, 0.587, 0.114], np.float32)

    def change(frame: np.ndarray) -> np.ndarray:
        light = (frame @ weights)[..., None]
        return np.clip(light + factor * (frame - light) + 0.5, 0, 255).astype(np.uint8)

    return each(frames, change)


def barrelled(frames: Frames, strength: float) -> Frames:
    """As a cheap lens shows it: the corners drawn in by `strength` of their distance from the middle."""
    height, width = frames.shape[1:3]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away_x, away_y = x - width / 2, y - height / 2
    stretch = 1 + strength * (away_x**2 + away_y**2) / ((width**2 + height**2) / 4)
    map_x, map_y = width / 2 + away_x * stretch, height / 2 + away_y * stretch
    return each(frames, lambda frame: cv2.remap(frame, map_x, map_y, cv2.INTER_CUBIC))


def dithered(frames: Frames) -> Frames:
    """One bit a pixel, by a threshold matrix of 4x4 (Bayer)."""
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) * 16 + 8
    height, width = frames.shape[1:3]
    thresholds = np.tile(bayer, (-(-height // 4), -(-width // 4)))[:height, :width]

    def change(frame: np.ndarray) -> np.ndarray:
        light = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        return np.repeat(np.where(light > thresholds, 255, 0).astype(np.uint8)[..., None], 3, -1)

    return each(frames, change)


def sharpened(frames: Frames) -> Frames:
    return each(frames, lambda frame: cv2.addWeighted(frame, 2, cv2.GaussianBlur(frame, (0, 0), 1.5), -1, 0))


def noisy(frames: Frames, sigma: float) -> Frames:
    rng = np.random.default_rng(0)
    grain = (rng.normal(0, sigma, frames.shape[1:]).astype(np.float32) for _ in frames)
    return np.stack([np.clip(f + g, 0, 255).astype(np.uint8) for f, g in zip(frames, grain, strict=True)])


def each_jpeg(frames: Frames, quality: int) -> Frames:
    return np.concatenate([one_jpeg(frame[None], quality) for frame in frames])


def one_jpeg(frames: Frames, quality: int) -> Frames:
    middle = np.ascontiguousarray(frames[len(frames) // 2][..., ::-1])
    data = cv2.imencode(".jpg", middle, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])[None]


def then(change: Attack, crf: int = 23) -> Attack:
    return lambda frames: encoded(change(frames), crf)
