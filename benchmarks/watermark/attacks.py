"""Attacks on marked clips: re-encoding, scaling, cropping, rotation, filming a screen and others.

Frames are (T, H, W, 3) uint8 RGB at 25 a second. "crop 30 %" takes 30 % off each side's length, off centre.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
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
}


def encoded(frames: Frames, crf: int, codec: str = "libx264", **options: str) -> Frames:
    """Through an encoder and back."""
    height, width = frames.shape[1] & ~1, frames.shape[2] & ~1
    memory = io.BytesIO()
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream(
            codec, rate=_FPS, options=_ENCODERS[codec] | {"crf": str(crf)} | options
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
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


def sharpened(frames: Frames) -> Frames:
    return each(frames, lambda frame: cv2.addWeighted(frame, 2, cv2.GaussianBlur(frame, (0, 0), 1.5), -1, 0))


def noisy(frames: Frames, sigma: float) -> Frames:
    rng = np.random.default_rng(0)
    grain = (rng.normal(0, sigma, frames.shape[1:]).astype(np.float32) for _ in frames)
    return np.stack([np.clip(f + g, 0, 255).astype(np.uint8) for f, g in zip(frames, grain, strict=True)])


def one_jpeg(frames: Frames, quality: int) -> Frames:
    middle = np.ascontiguousarray(frames[len(frames) // 2][..., ::-1])
    data = cv2.imencode(".jpg", middle, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])[None]


def captioned(frames: Frames) -> Frames:
    def change(frame: np.ndarray) -> np.ndarray:
        height, width = frame.shape[:2]
        unit = min(height, width) / 512
        cv2.rectangle(frame, (0, int(420 * unit)), (width, int(490 * unit)), (20, 20, 20), -1)
        at = (int(15 * unit), int(465 * unit))
        cv2.putText(frame, "LIVE: what was said today", at, 0, unit, (255, 255, 255), 2, cv2.LINE_AA)
        centre = (width - int(57 * unit), int(55 * unit))
        cv2.circle(frame, centre, int(40 * unit), (220, 30, 30), -1, cv2.LINE_AA)
        return frame

    return each(frames, lambda frame: change(frame.copy()))


def bannered(frames: Frames) -> Frames:
    """As a news programme shows it: a banner over it, words below."""

    def change(frame: np.ndarray) -> np.ndarray:
        height, width = frame.shape[:2]
        cv2.rectangle(frame, (0, 0), (width, height * 12 // 100), (170, 20, 20), -1)
        cv2.putText(frame, "BREAKING NEWS", (20, height * 9 // 100), 0, 1.2, (255, 255, 255), 3, cv2.LINE_AA)
        cv2.rectangle(frame, (0, height * 82 // 100), (width, height), (235, 235, 235), -1)
        at = (20, height * 92 // 100)
        cv2.putText(frame, "What the chairwoman said", at, 0, 1.0, (20, 20, 20), 2, cv2.LINE_AA)
        return frame

    return each(frames, lambda frame: change(frame.copy()))


def framed(
    frames: Frames, width: int, height: int, share: float = 1.0, *, is_blurred: bool = False
) -> Frames:
    """In the middle of a larger canvas, black or its own blur around; `share` scales it from the best fit."""
    fit = min(width / frames.shape[2], height / frames.shape[1]) * share
    inner = int(frames.shape[2] * fit) & ~1, int(frames.shape[1] * fit) & ~1
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2

    def change(frame: np.ndarray) -> np.ndarray:
        sheet = np.zeros((height, width, 3), np.uint8)
        if is_blurred:
            sheet = cv2.resize(cv2.GaussianBlur(cv2.resize(frame, (128, 128)), (0, 0), 6), (width, height))
        sheet[top : top + inner[1], left : left + inner[0]] = cv2.resize(
            frame, inner, interpolation=cv2.INTER_CUBIC
        )
        return sheet

    return each(frames, change)


def picture_in_picture(frames: Frames) -> Frames:
    """At 55 % of its pixels, 281 to a side, in a 1280x720 frame."""
    share = 0.55 * frames.shape[1] / 720
    return encoded(framed(frames, 1280, 720, share, is_blurred=True), 26)


def screen_recording(frames: Frames) -> Frames:
    """Played at 137 % in a window with a light desktop around it, recorded with another gamma and noise."""
    shown = scaled(frames, 702, 702)
    sheet = np.full((len(frames), 800, 1280, 3), 236, np.uint8)
    sheet[:, 60:762, 289:991] = shown
    sheet[:, :40] = 60
    return encoded(noisy(toned(sheet, lambda v: v**0.9), 1.5), 26)


def filmed(frames: Frames) -> Frames:
    """A telephone before a screen: turned, slanted, soft, other contrast, noise."""
    seen = perspective(turned(scaled(frames, 620, 620), 1.5, 1.05), 0.02)
    return encoded(noisy(toned(blurred(seen, 0.9), lambda v: 0.05 + 0.85 * v**1.1), 3), 26)


def light_social(frames: Frames) -> Frames:
    return encoded(scaled(encoded(framed(frames, 1080, 1920, is_blurred=True), 28), 720, 1280), 27)


def heavy_social(frames: Frames) -> Frames:
    captions = captioned(toned(frames, lambda v: 1.1 * v + 0.02))
    return encoded(scaled(cropped(captions, 0.1, 0.3, 0.6), 480, 480), 30)


def resampled(frames: Frames, rate: float) -> Frames:
    index = (np.arange(int(len(frames) * rate)) / rate).astype(int)
    return frames[np.minimum(index, len(frames) - 1)]


def some_dropped(frames: Frames) -> Frames:
    return frames[np.random.default_rng(0).random(len(frames)) > 0.2]


def blended(frames: Frames) -> Frames:
    return ((frames[:-1].astype(np.uint16) + frames[1:]) // 2).astype(np.uint8)


def then(change: Attack, crf: int = 23) -> Attack:
    return lambda frames: encoded(change(frames), crf)


GROUPS: dict[str, dict[str, Attack]] = {
    "codecs": {
        "as delivered": lambda f: f,
        "x264 CRF 23": x264(23),
        "x264 CRF 28": x264(28),
        "x264 CRF 32": x264(32),
        "x265 CRF 28": lambda f: encoded(f, 28, "libx265"),
        "VP9 CRF 36": lambda f: encoded(f, 36, "libvpx-vp9"),
        "AV1 CRF 38": lambda f: encoded(f, 38, "libsvtav1"),
        "x264 twice (28, 26)": lambda f: encoded(encoded(f, 28), 26),
    },
    "strong codecs": {"x264 CRF 35": x264(35)},
    "not promised": {"x264 CRF 40": x264(40), "x265 CRF 34": lambda f: encoded(f, 34, "libx265")},
    "scaling": {
        "360p": then(lambda f: scaled(f, 360, 360), 24),
        "256 pixels": then(lambda f: scaled(f, 256, 256), 24),
        "256 and back": then(lambda f: scaled(scaled(f, 256, 256), 512, 512), 24),
        "twice as large": then(lambda f: scaled(f, 1024, 1024), 26),
        "640x480": then(lambda f: scaled(f, 640, 480), 24),
    },
    "geometry": {
        "crop 5 %": then(lambda f: cropped(f, 0.05)),
        "crop 10 %": then(lambda f: cropped(f, 0.1)),
        "crop 25 %": then(lambda f: cropped(f, 0.25)),
        "crop 10 %, back to 512": then(lambda f: scaled(cropped(f, 0.1), 512, 512)),
        "crop 30 %, back to 512": then(lambda f: scaled(cropped(f, 0.3, 0.4, 0.3), 512, 512)),
        "mirrored": then(lambda f: f[:, :, ::-1]),
        "turned 2 degrees": then(lambda f: turned(f, 2)),
        "turned 5 degrees": then(lambda f: turned(f, 5)),
        "turned 10 degrees": then(lambda f: turned(f, 10)),
        "turned -5, zoomed": then(lambda f: turned(f, -5, 1.15)),
        "turned 90": then(lambda f: np.rot90(f, 1, (1, 2))),
        "turned 180": then(lambda f: f[:, ::-1, ::-1]),
        "perspective 3 %": then(lambda f: perspective(f, 0.03)),
    },
    "crop by half": {"crop 50 %": then(lambda f: cropped(f, 0.5, 0.45, 0.3))},
    "picture": {
        "brighter": then(lambda f: toned(f, lambda v: v * 1.25)),
        "darker": then(lambda f: toned(f, lambda v: v * 0.6)),
        "contrast 1.4": then(lambda f: toned(f, lambda v: (v - 0.5) * 1.4 + 0.5)),
        "contrast 0.6": then(lambda f: toned(f, lambda v: (v - 0.5) * 0.6 + 0.5)),
        "gamma 1.6": then(lambda f: toned(f, lambda v: v**1.6)),
        "gamma 0.65": then(lambda f: toned(f, lambda v: v**0.65)),
        "hue": then(lambda f: hue(f, 30)),
        "grey": then(grey),
        "blur 1": then(lambda f: blurred(f, 1)),
        "blur 2": then(lambda f: blurred(f, 2)),
        "sharpened": then(sharpened),
        "noise 5": then(lambda f: noisy(f, 5)),
        "noise 12": then(lambda f: noisy(f, 12), 26),
        "median 5": then(lambda f: each(f, lambda frame: cv2.medianBlur(frame, 5))),
        "one JPEG, Q90": lambda f: one_jpeg(f, 90),
        "one JPEG, Q50": lambda f: one_jpeg(f, 50),
    },
    "time": {
        "a fifth dropped": then(some_dropped),
        "15 frames a second": then(lambda f: resampled(f, 0.6)),
        "30 frames a second": then(lambda f: resampled(f, 1.2)),
        "10 % faster": then(lambda f: resampled(f, 1 / 1.1)),
        "frames blended": then(blended),
        "half a second of it": then(lambda f: f[17:30]),
    },
    "platforms": {
        "caption and logo": then(captioned),
        "banner and words": then(bannered),
        "letterbox 1920x1080": then(lambda f: framed(f, 1920, 1080), 28),
        "portrait 1080x1920": then(lambda f: framed(f, 1080, 1920, is_blurred=True), 28),
        "screen recording": screen_recording,
        "light social chain": light_social,
    },
    "heavy social chain": {"heavy social chain": heavy_social},
    "picture in picture": {"picture in picture, 55 %": picture_in_picture},
    "filmed from a screen": {"filmed from a screen": filmed},
}


def attacks(only: Iterable[str] = ()) -> dict[str, Attack]:
    """All attacks, or those named, in the order of the table."""
    chosen = set(only)
    return {n: a for group in GROUPS.values() for n, a in group.items() if not chosen or n in chosen}
