"""The clips that the watermark is measured on: rendered talking heads, and clips unlike them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from generation.animation import Animator
from generation.pipeline.audio import read_audio
from generation.pipeline.decode import read_frames

SAMPLES = Path(__file__).parents[2] / "samples"
CAST = ("amara", "kenji", "maya", "tomas")
SPEECH = ("sample1_female_calm", "sample2_male_bright", "sample3_female_story")
SIZE, FPS, SECONDS = 512, 25, 4
COUNT = SECONDS * FPS

Frames = np.ndarray  # (T, H, W, 3) uint8 RGB


def load_clips(cache: Path, more_portraits: list[Path]) -> dict[str, Path]:
    """Names and .npy files of all clips; what is not in `cache` yet is made and put there.

    Every portrait speaks three passages, each with another seed; then come five clips without a talking head.
    """
    cache.mkdir(parents=True, exist_ok=True)
    portraits = [SAMPLES / "portraits" / f"{name}.jpg" for name in CAST] + more_portraits
    clips: dict[str, Callable[[], Iterator[np.ndarray]]] = {}
    for number, path in enumerate(portraits):
        for take, speech in enumerate(SPEECH):
            name = f"{path.stem}-{take}"
            clips[name] = lambda path=path, speech=speech, seed=number * 10 + take: talking(
                path, speech, seed
            )
    clips |= {
        "cartoon": cartoon,
        "title": title,
        "dark": dark,
        "pan": lambda: pan(portraits[-1]),
        "texture": texture,
    }
    for name, make in clips.items():
        if not (cache / f"{name}.npy").exists():
            np.save(cache / f"{name}.npy", np.stack(list(make())))
    return {name: cache / f"{name}.npy" for name in clips}


def picture(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)


def talking(path: Path, speech: str, seed: int) -> Iterator[np.ndarray]:
    """The animator's frames of a portrait that says `COUNT` frames of a sample."""
    animator = Animator.load()
    audio, rate = read_audio(SAMPLES / "speech" / f"{speech}.wav")
    begin = (seed % 7) * rate // 4
    passage = audio[begin : begin + SECONDS * rate]
    track = animator.drive(passage.mean(1) if passage.ndim > 1 else passage, rate, seed=seed, fps=FPS)
    yield from animator.render(animator.fit(picture(path)), track, size=SIZE)


def cartoon() -> Iterator[np.ndarray]:
    """A flat drawing of a talking face."""
    for frame in range(COUNT):
        t = frame / FPS
        sheet = np.full((SIZE, SIZE, 3), (120, 190, 230), np.uint8)
        x, y = round(256 + 6 * np.sin(2 * t)), round(250 + 4 * np.sin(3 * t))
        cv2.rectangle(sheet, (0, 430), (SIZE, SIZE), (70, 160, 80), -1)
        cv2.ellipse(sheet, (x, 520), (170, 130), 0, 0, 360, (200, 60, 60), -1, cv2.LINE_AA)
        cv2.circle(sheet, (x, y), 135, (250, 215, 180), -1, cv2.LINE_AA)
        cv2.ellipse(sheet, (x, y - 60), (140, 90), 0, 180, 360, (90, 50, 30), -1, cv2.LINE_AA)
        for side in (-50, 50):
            cv2.circle(sheet, (x + side, y), 20, (255, 255, 255), -1, cv2.LINE_AA)
            cv2.circle(sheet, (x + side + round(4 * np.sin(t)), y), 9, (40, 40, 60), -1, cv2.LINE_AA)
        mouth = (42, round(4 + 18 * abs(np.sin(6 * t))))
        cv2.ellipse(sheet, (x, y + 65), mouth, 0, 0, 360, (150, 30, 40), -1, cv2.LINE_AA)
        yield sheet


def title() -> Iterator[np.ndarray]:
    """White words on a dark blue gradient."""
    slope = np.linspace(20, 90, SIZE)[:, None] * np.ones(SIZE)
    sheet = np.stack([slope * 0.3, slope * 0.5, slope], -1).astype(np.uint8)
    for frame in range(COUNT):
        card = sheet.copy()
        for line, words in enumerate(("Annual report", "of the society", "for clear speech")):
            at = (40, 180 + 70 * line - frame // 10)
            cv2.putText(card, words, at, cv2.FONT_HERSHEY_DUPLEX, 1.6, (240, 240, 240), 2, cv2.LINE_AA)
        yield card


def dark() -> Iterator[np.ndarray]:
    """A talking head in the dark, with a sensor's noise."""
    rng = np.random.default_rng(2)
    for frame in talking(SAMPLES / "portraits" / "kenji.jpg", SPEECH[1], 5):
        dim = (frame / 255.0) ** 1.6 * 90
        yield np.clip(dim + rng.normal(0, 1.5, frame.shape[:2])[..., None], 0, 255).astype(np.uint8)


def pan(path: Path) -> Iterator[np.ndarray]:
    """A camera that travels over a still picture and closes in."""
    still = picture(path)
    height, width = still.shape[:2]
    for frame in range(COUNT):
        zoom = SIZE / min(height, width) * (1.15 + 0.15 * frame / COUNT)
        shift = 20 * (frame / COUNT - 0.5)
        to_frame = np.array(
            [[zoom, 0, SIZE / 2 - zoom * (width / 2 + shift)], [0, zoom, SIZE / 2 - zoom * height / 2]]
        )
        yield np.asarray(cv2.warpAffine(still, to_frame, (SIZE, SIZE), flags=cv2.INTER_AREA), np.uint8)


def texture() -> Iterator[np.ndarray]:
    """Waves, a disc that moves, and grain that stands still."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    grain = cv2.GaussianBlur(rng.normal(0, 14, (SIZE, SIZE)).astype(np.float32), (0, 0), 1)
    phases = rng.uniform(0, 6, 3)
    for frame in range(COUNT):
        disc = 40 * ((x - 0.5 - 0.1 * np.sin(2 * frame / FPS)) ** 2 + (y - 0.45) ** 2 < 0.06)
        planes = [110 + 60 * np.sin(7 * x + 5 * y + phase) + disc + grain for phase in phases]
        yield np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def first(path: Path, seconds: float) -> Frames:
    """The first `seconds` of a clip in the cache."""
    return np.array(np.load(path, mmap_mode="r")[: round(seconds * FPS)])


def of_video(path: Path) -> Frames:
    """All frames of a video file."""
    return np.stack(list(read_frames(path)))
