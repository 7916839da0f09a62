"""Measures whom the portrait check accepts: people in many pictures, covered faces, animals.

    python -m benchmarks.rendering.acceptance [--people FOLDER ...] [--animals FOLDER ...] [--rounds N]

Every portrait of the cast and of the folders of people is changed in light, colour, turn and manner (also
into drawings), and covered at eyes or mouth N times (default 6) by `tools/model_assets/drawn_coverings.py`
or by hands, rendered and drawn.
The cast also shows expressions and turns. Animals are the modelled heads of the tests and the pictures of the
folders. Prints for each kind how many pictures were refused, and by which codes.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.rendering.portraits import CAST, Image, both, posed, read_picture
from generation.animation import Animator, PortraitRejected
from generation.animation.face.landmarks import detect_faces
from generation.animation.portrait.portrait_check import check_portrait
from generation.animation.rendering.renderer import Renderer
from tests.generation.animation.sculptures import dog, llama, stone_lion
from tools.model_assets.drawn_coverings import cover_eyes, cover_mouth
from tools.model_assets.drawn_hand import draw_hand
from tools.model_assets.rendered_hands import lay_hand

SIDE: Final = 720  # pixels to which pictures are made smaller


def _gain(red: float, green: float, blue: float) -> Callable[[Image], Image]:
    return lambda image: np.asarray(np.clip(image * np.array([red, green, blue]), 0, 255), np.uint8)


def _turned(degrees: float) -> Callable[[Image], Image]:
    def turn(image: Image) -> Image:
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return np.asarray(
            cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
        )

    return turn


def _grey(image: Image) -> Image:
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)


def _pencil(image: Image) -> Image:
    grey, _ = cv2.pencilSketch(image, sigma_s=60, sigma_r=0.07, shade_factor=0.05)
    return np.repeat(grey[..., None], 3, 2)


def _noisy(image: Image) -> Image:
    noise = np.random.default_rng(0).normal(0, 9, image.shape)
    return np.asarray(np.clip(image + noise, 0, 255), np.uint8)


def _compressed(image: Image) -> Image:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


MANNERS: Final[dict[str, Callable[[Image], Image]]] = {
    "as it is": lambda image: image,
    "mirrored": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "grey": _grey,
    "warm": _gain(1.1, 0.95, 0.75),
    "cold": _gain(0.8, 0.95, 1.1),
    "dim": _gain(0.55, 0.55, 0.55),
    "turned 15": _turned(15),
    "turned -15": _turned(-15),
    "noisy": _noisy,
    "compressed": _compressed,
    "painted": lambda image: np.asarray(cv2.stylization(image, sigma_s=40, sigma_r=0.25), np.uint8),
    "pencil drawing": _pencil,
}
SHOWN: Final = {
    "smile": (both("mouthSmile", 0.8), (0.0, 0.0, 0.0)),
    "lips apart": ({"jawOpen": 0.25}, (0.0, 0.0, 0.0)),
    "frown": (both("browDown", 0.9), (0.0, 0.0, 0.0)),
    "surprise": ({"browInnerUp": 0.9, **both("eyeWide", 0.8)}, (0.0, 0.0, 0.0)),
    "yaw 15": ({}, (15.0, 0.0, 0.0)),
    "yaw -15": ({}, (-15.0, 0.0, 0.0)),
    "pitch 10": ({}, (0.0, 10.0, 0.0)),
}


def read_folder(folder: Path) -> Iterator[tuple[str, Image]]:
    """Name and picture of every picture of a folder, made smaller where it is large."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}:
            picture = read_picture(path)
            scale = min(1.0, SIDE / min(picture.shape[:2]))
            size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
            yield path.stem, np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def people(folders: list[Path], rounds: int) -> Iterator[tuple[str, str, Image]]:
    """(kind, what it is, picture): people to accept, and the same with covered eyes or mouth."""
    for folder in (CAST, *folders):
        for name, picture in read_folder(folder):
            for manner, change in MANNERS.items():
                yield "people", f"{name}, {manner}", change(picture)
            points = detect_faces(picture)[0].points
            for seed in range(rounds):
                for kind, lay in (("hand, rendered", lay_hand), ("hand, drawn", draw_hand)):
                    for place in ("left cheek", "right cheek", "mouth"):
                        random = np.random.default_rng((seed, 777, len(place)))
                        yield kind, f"{name}, {place}, {seed}", lay(picture, points, random, place)
                for kind, cover in (("eyes covered", cover_eyes), ("mouth covered", cover_mouth)):
                    random = np.random.default_rng((seed, len(kind)))
                    yield kind, f"{name}, {seed}", cover(picture, points, random)
    animator = Animator.load("cpu")
    for name, picture in read_folder(CAST):
        renderer = Renderer(animator.fit(picture), 512)
        for label, (actions, head) in SHOWN.items():
            row, pose, gaze = posed(actions, head, head[:2])
            yield "people", f"{name}, {label}", renderer.frame(row, pose, gaze, 0.0)


def animals(folders: list[Path]) -> Iterator[tuple[str, str, Image]]:
    """(kind, what it is, picture) of animals."""
    for model in (dog, llama, stone_lion):
        for manner, change in MANNERS.items():
            yield "animals, modelled", f"{model.__name__}, {manner}", change(model())
    for folder in folders:
        for name, picture in read_folder(folder):
            for manner in ("as it is", "mirrored", "grey", "warm", "dim", "turned 15"):
                yield "animals, photographed", f"{name}, {manner}", MANNERS[manner](picture)


def verdict(picture: Image) -> str:
    """The code of the refusal, or nothing."""
    try:
        check_portrait(picture)
    except PortraitRejected as rejection:
        return rejection.code
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", nargs="*", type=Path, default=[])
    parser.add_argument("--animals", nargs="*", type=Path, default=[])
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    for cases in (people(options.people, options.rounds), animals(options.animals)):
        for kind, what, picture in cases:
            code = verdict(picture)
            codes[kind][code] += 1
            if (kind == "people") == bool(code):
                print(f"{kind}: {what}: {code or 'accepted'}", flush=True)
    print("\n| kind | pictures | refused | codes |\n|---|---|---|---|")
    for kind, found in codes.items():
        every, accepted = found.total(), found.pop("", 0)
        listed = ", ".join(f"`{code}` {count}" for code, count in found.most_common())
        print(f"| {kind} | {every} | {every - accepted} | {listed} |")


if __name__ == "__main__":
    main()
