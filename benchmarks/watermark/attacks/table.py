"""All attacks, in the groups in which docs/watermark.md shows them."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import (
    Attack,
    Frames,
    barrelled,
    blurred,
    cropped,
    dithered,
    each,
    each_jpeg,
    encoded,
    grey,
    hue,
    noisy,
    one_jpeg,
    perspective,
    saturated,
    scaled,
    sharpened,
    then,
    toned,
    turned,
    x264,
)
from benchmarks.watermark.attacks.platforms import (
    bannered,
    before_another_scene,
    captioned,
    cut_out,
    filmed,
    framed,
    heavy_social,
    light_social,
    moire,
    picture_in_picture,
    pulsed,
    recorded_telephone,
    screen_recording,
    shaken,
    tiles_swapped,
    under_stickers,
)
from benchmarks.watermark.attacks.regeneration import (
    autoencoded,
    bilateral,
    gif,
    jpeg2000,
    non_local,
    wavelet,
    webp,
)
from benchmarks.watermark.attacks.timing import (
    averaged,
    blended,
    dropped,
    looped,
    middles,
    ramped,
    reordered,
    resampled,
    some_dropped,
)


def chained(frames: Frames, crf: int) -> Frames:
    """As VideoSeal chains them: encoded, cropped to 0.71 of each side, half as bright."""
    return encoded(toned(cropped(encoded(frames, crf), 0.29, 0.5, 0.5), lambda v: 0.5 * v), 23)


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
    "time, VideoSeal's too": {
        "half the speed": then(lambda f: resampled(f, 2.0)),
        "twice as fast": then(lambda f: resampled(f, 0.5)),
        "speed ramp, interpolated": then(ramped),
        "mean of 3 frames": then(lambda f: averaged(f, 3)),
        "mean of 5 frames": then(lambda f: averaged(f, 5)),
        "median of 5 frames": then(lambda f: middles(f, 5)),
        "half of all dropped": then(lambda f: dropped(f, 0.5)),
        "reordered by 5": then(lambda f: reordered(f, 5)),
        "reversed": then(lambda f: f[::-1]),
        "half a second looped": then(looped),
    },
    "VideoSeal's grid": {
        "flipped": then(lambda f: f[:, :, ::-1]),
        "rotated 10": then(lambda f: turned(f, 10)),
        "rotated 90": then(lambda f: np.rot90(f, 1, (1, 2))),
        "resized .55": then(lambda f: scaled(f, 282, 282)),
        "resized .71": then(lambda f: scaled(f, 364, 364)),
        "cropped .55": then(lambda f: cropped(f, 0.45, 0.5, 0.5)),
        "cropped .71": then(lambda f: cropped(f, 0.29, 0.5, 0.5)),
        "perspective .5": then(lambda f: perspective(f, 0.25)),
        "brightness .5": then(lambda f: toned(f, lambda v: 0.5 * v)),
        "brightness 1.5": then(lambda f: toned(f, lambda v: 1.5 * v)),
        "contrast .5": then(lambda f: toned(f, lambda v: 0.5 * v + 0.25)),
        "contrast 1.5": then(lambda f: toned(f, lambda v: 1.5 * v - 0.25)),
        "saturation .5": then(lambda f: saturated(f, 0.5)),
        "saturation 1.5": then(lambda f: saturated(f, 1.5)),
        "hue .25": then(lambda f: hue(f, 90)),
        "JPEG 40": lambda f: each_jpeg(f, 40),
        "Gaussian blur 9": then(lambda f: each(f, lambda one: cv2.GaussianBlur(one, (9, 9), 0))),
        "median filter 9": then(lambda f: each(f, lambda one: cv2.medianBlur(one, 9))),
        "H.264 CRF 30": x264(30),
        "H.264 CRF 40": x264(40),
        "H.264 CRF 50": x264(50),
        "H.264 RGB CRF 30": lambda f: encoded(f, 30, "libx264rgb"),
        "H.264 RGB CRF 40": lambda f: encoded(f, 40, "libx264rgb"),
        "H.265 CRF 30": lambda f: encoded(f, 30, "libx265"),
        "H.265 CRF 40": lambda f: encoded(f, 40, "libx265"),
        "H.265 CRF 50": lambda f: encoded(f, 50, "libx265"),
        "H.264 30, crop .71, brightness .5": lambda f: chained(f, 30),
        "H.264 40, crop .71, brightness .5": lambda f: chained(f, 40),
        "H.264 50, crop .71, brightness .5": lambda f: chained(f, 50),
    },
    "made anew": {
        "JPEG 2000, 1/20": then(lambda f: jpeg2000(f, 20)),
        "JPEG 2000, 1/60": then(lambda f: jpeg2000(f, 60)),
        "JPEG 2000, 1/150": then(lambda f: jpeg2000(f, 150)),
        "WebP 20": then(lambda f: webp(f, 20)),
        "WebP 5": then(lambda f: webp(f, 5)),
        "bilateral 25": then(lambda f: bilateral(f, 25)),
        "bilateral 60": then(lambda f: bilateral(f, 60)),
        "non-local means 5": then(lambda f: non_local(f, 5)),
        "non-local means 10": then(lambda f: non_local(f, 10)),
        "wavelets shrunk by 6": then(lambda f: wavelet(f, 6)),
        "wavelets shrunk by 15": then(lambda f: wavelet(f, 15)),
        "patches of 16, 32 of 256 kept": then(lambda f: autoencoded(f, 32)),
        "patches of 16, 12 of 256 kept": then(lambda f: autoencoded(f, 12)),
    },
    "edits and chains": {
        "mirrored, cropped, turned": then(lambda f: turned(cropped(f[:, :, ::-1], 0.1), 3, 1.06)),
        "x265 at 256 pixels": lambda f: encoded(scaled(f, 256, 256), 28, "libx265"),
        "100 kbit/s": lambda f: encoded(f, 23, maxrate="100k", bufsize="100k"),
        "240p at 12 frames a second": then(lambda f: scaled(f[::2], 240, 240), 26),
        "144p": then(lambda f: scaled(f, 144, 144), 24),
        "GIF": gif,
        "barrel": then(lambda f: barrelled(f, 0.08)),
        "jitter": then(shaken),
        "larger and sharpened": then(lambda f: sharpened(scaled(f, 1024, 1024)), 26),
        "stickers": then(under_stickers),
        "quarters exchanged": then(tiles_swapped),
        "background replaced": then(before_another_scene),
        "zoom pulse 1.15": then(pulsed),
        "two platforms": lambda f: heavy_social(light_social(f)[:, 280:1000]),
        "tilt 15 %, moire, noise": moire,
        "one-bit dither": then(dithered),
        "one still, JPEG 30": lambda f: one_jpeg(f, 30),
        "one still, half cropped": lambda f: one_jpeg(cropped(f, 0.5, 0.45, 0.3), 90),
        "face cut out over a moving picture": cut_out,
        "480 pixels, telephone, recorded": recorded_telephone,
    },
}
_IN_PLACE = ("codecs", "strong codecs", "not promised", "picture", "made anew")


def attacks(only: Iterable[str] = ()) -> dict[str, Attack]:
    """All attacks, or those named, in the order of the table."""
    chosen = set(only)
    return {n: a for group in GROUPS.values() for n, a in group.items() if not chosen or n in chosen}


def is_in_place(attack: str) -> bool:
    """Whether an attack leaves everything where it was, so that pictures before and after can be compared."""
    return any(attack in GROUPS[group] for group in _IN_PLACE)
