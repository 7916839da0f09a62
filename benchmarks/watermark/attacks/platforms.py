"""Attacks as platforms, news programmes and screens make them: captions, frames, recordings and chains."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.watermark.attacks.changes import (
    Frames,
    blurred,
    cropped,
    each,
    encoded,
    noisy,
    perspective,
    scaled,
    toned,
    turned,
)


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


def under_stickers(frames: Frames) -> Frames:
    """Six round stickers with faces, a seventh of the picture altogether."""
    places = [(0.15, 0.2), (0.85, 0.15), (0.12, 0.75), (0.88, 0.7), (0.3, 0.92), (0.68, 0.9)]

    def change(frame: np.ndarray) -> np.ndarray:
        height, width = frame.shape[:2]
        radius = round(0.087 * min(height, width))
        for number, (x, y) in enumerate(places):
            centre = (round(x * width), round(y * height))
            colour = (250, 200 - 25 * number, 40 + 30 * number)
            cv2.circle(frame, centre, radius, colour, -1, cv2.LINE_AA)
            for side in (-1, 1):
                eye = (centre[0] + side * radius // 3, centre[1] - radius // 4)
                cv2.circle(frame, eye, radius // 7, (30, 30, 30), -1, cv2.LINE_AA)
            cv2.ellipse(frame, centre, (radius // 2, radius // 2), 0, 20, 160, (30, 30, 30), 2, cv2.LINE_AA)
        return frame

    return each(frames, lambda frame: change(frame.copy()))


def wandering_scene(count: int, width: int, height: int) -> Frames:
    """A lively picture of nothing, over which a camera travels: coloured clouds with texture."""
    rng = np.random.default_rng(8)
    big = np.zeros((height + 4 * count, width + 6 * count, 3), np.float32)
    for sigma in (2, 6, 20, 60):
        small = rng.normal(0, 1, (big.shape[0] // sigma + 2, big.shape[1] // sigma + 2, 3)).astype(np.float32)
        big += cv2.resize(small, big.shape[1::-1], interpolation=cv2.INTER_CUBIC) * min(sigma, 14)
    sheet = np.clip(big + np.array([115, 125, 105], np.float32), 0, 255).astype(np.uint8)
    return np.stack([sheet[4 * at : 4 * at + height, 6 * at : 6 * at + width] for at in range(count)])


def head_mask(height: int, width: int) -> np.ndarray:
    """(H, W, 1) 1 where head and shoulders of a portrait are, softly 0 elsewhere."""
    sheet = np.zeros((height, width), np.float32)
    cv2.ellipse(
        sheet,
        (width // 2, round(0.45 * height)),
        (round(0.27 * width), round(0.37 * height)),
        0,
        0,
        360,
        1,
        -1,
    )
    cv2.ellipse(
        sheet,
        (width // 2, round(1.08 * height)),
        (round(0.46 * width), round(0.33 * height)),
        0,
        0,
        360,
        1,
        -1,
    )
    return cv2.GaussianBlur(sheet, (0, 0), 0.004 * width)[..., None]


def before_another_scene(frames: Frames) -> Frames:
    """The same head and shoulders before something else that moves."""
    scene = wandering_scene(len(frames), frames.shape[2], frames.shape[1])
    mask = head_mask(*frames.shape[1:3])
    mixed: Frames = (frames * mask + scene * (1 - mask) + 0.5).astype(np.uint8)
    return mixed


def cut_out(frames: Frames) -> Frames:
    """Head and shoulders cut out and laid over a moving picture, bottom right, at 90 % of their size."""
    scene = wandering_scene(len(frames), 1280, 720).copy()
    side = round(0.9 * frames.shape[1])
    small, mask = scaled(frames, side, side), head_mask(side, side)
    place = scene[:, 720 - side :, 1240 - side : 1240]
    place[:] = (small * mask + place * (1 - mask) + 0.5).astype(np.uint8)
    return encoded(scene, 24)


def tiles_swapped(frames: Frames) -> Frames:
    """The four quarters, each in its opposite's place."""
    return np.roll(frames, (frames.shape[1] // 2, frames.shape[2] // 2), (1, 2))


def played_on_telephone(frames: Frames) -> Frames:
    """480 pixels at CRF 30, played full width in a telephone's app, on a screen of 1080x1920."""
    small = encoded(scaled(frames, 480, 480), 30)
    sheet = np.full((len(small), 1920, 1080, 3), 18, np.uint8)
    sheet[:, 300:1380] = scaled(small, 1080, 1080)
    for frame in sheet:
        cv2.putText(frame, "9:41", (60, 70), 0, 1.2, (250, 250, 250), 3, cv2.LINE_AA)
        cv2.putText(frame, "somebody  follows you", (60, 1480), 0, 1.4, (235, 235, 235), 3, cv2.LINE_AA)
        cv2.putText(
            frame, "what was said today, in full", (60, 1560), 0, 1.2, (180, 180, 180), 2, cv2.LINE_AA
        )
        for row in range(4):
            cv2.circle(frame, (1000, 900 + 130 * row), 40, (240, 240, 240), 4, cv2.LINE_AA)
    return sheet


def recorded_telephone(frames: Frames) -> Frames:
    return encoded(played_on_telephone(frames), 26)


def shaken(frames: Frames) -> Frames:
    """Each frame moved by up to two pixels."""
    rng = np.random.default_rng(3)
    moves = rng.uniform(-2, 2, (len(frames), 2))
    size = (frames.shape[2], frames.shape[1])
    return np.stack(
        [
            cv2.warpAffine(frame, np.array([[1, 0, x], [0, 1, y]]), size, borderMode=cv2.BORDER_REFLECT)
            for frame, (x, y) in zip(frames, moves, strict=True)
        ]
    )


def pulsed(frames: Frames) -> Frames:
    """Closes in to 1.15 and out again, twice."""
    height, width = frames.shape[1:3]
    zooms = 1 + 0.075 * (1 - np.cos(4 * np.pi * np.arange(len(frames)) / len(frames)))
    middle = (width / 2, height / 2)
    return np.stack(
        [
            cv2.warpAffine(frame, cv2.getRotationMatrix2D(middle, 0, float(zoom)), (width, height))
            for frame, zoom in zip(frames, zooms, strict=True)
        ]
    )


def moire(frames: Frames) -> Frames:
    """A screen's raster under a camera's: aslant by 15 %, light beats, noise."""
    seen = perspective(frames, 0.15)
    y, x = np.mgrid[0 : frames.shape[1], 0 : frames.shape[2]]
    beat = 1 + 0.06 * np.sin(0.35 * x + 0.05 * y) + 0.04 * np.sin(0.31 * y - 0.04 * x)
    beaten = each(seen, lambda frame: np.clip(frame * beat[..., None], 0, 255).astype(np.uint8))
    return encoded(noisy(beaten, 4), 26)
