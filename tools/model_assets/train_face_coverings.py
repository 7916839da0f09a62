"""Train the linear probes of `generation/animation/face/occlusion.py` on portraits with drawn coverings.

    .venv/bin/python -m tools.model_assets.train_face_coverings [directory of more portraits ...]

Every portrait (samples/portraits and the directories' pictures) is augmented in light, colour, size and
sharpness, and glasses, beards, sunglasses, bars, blocks, fingers and masks are drawn over it. Each probe is a
ridge regression on the mesh network's features. Prints the accuracy by leave-one-person-out cross-validation,
then writes the weights trained on all. Files named alike up to the first `_` count as one person.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from generation.animation.face.face_topology import LEFT_EYE, LIPS_OUTER, RIGHT_EYE
from generation.animation.face.landmarks import detect_faces, face_views, refine_landmarks
from generation.animation.face.occlusion import ASSET, CROPS_USED, PROBES, probe_features
from tools.model_assets.drawn_coverings import cover_eyes, cover_mouth, draw_beard, draw_glasses
from tools.model_assets.face_frame import Image, Points

PORTRAITS = Path(__file__).resolve().parents[2] / "samples" / "portraits"
FACE_PX = 240
ROUNDS = 200  # pictures made of each person, spread over their portraits
RIDGE = {
    "eye_covered": 1.0,
    "glasses": 0.03,
    "mouth_covered": 0.3,
    "beard": 1.0,
}  # best for the people left out
CHANGED = 12  # grey levels by which a covered pixel differs
# What these portraits are by nature; every other one counts as free of coverings.
BEARDED = {"nikolai_gogol", "omar_full", "kenji_short"}
EYES_CLOSED = ("blink",)


@dataclass(frozen=True)
class CoveringSample:
    """Features (512,) of one probe on one view, whether the covering is there, and whose face it is."""

    probe: str
    person: str
    features: NDArray[np.float32]
    is_covered: bool


def main(folders: Sequence[str]) -> None:
    """Draw samples, cross-validate, train on all, write the weights."""
    portraits: dict[str, list[Path]] = {}
    for folder in (PORTRAITS, *map(Path, folders)):
        for path in sorted(folder.iterdir()):
            if path.suffix in {".jpg", ".png"}:
                portraits.setdefault(path.stem.split("_")[0], []).append(path)
    samples = [sample for person, paths in portraits.items() for sample in draw_samples(person, paths)]
    weights = {}
    print(f"{len(portraits)} people, {len(samples)} samples; people left out of the fit:\n")
    print("| probe | without, largest 1 % | with, smallest 1 % | wrong at 0 |\n|---|---|---|---|")
    for probe in PROBES:
        chosen = [sample for sample in samples if sample.probe == probe]
        features = np.stack([sample.features for sample in chosen])
        covered = np.array([sample.is_covered for sample in chosen])
        people = np.array([sample.person for sample in chosen])
        scores = np.zeros(len(chosen))
        for person in portraits:
            others = people != person
            scores[~others] = score(fit(features[others], covered[others], RIDGE[probe]), features[~others])
        high, low = np.percentile(scores[~covered], 99), np.percentile(scores[covered], 1)
        wrong = np.mean((scores > 0) != covered)
        print(f"| {probe} | {high:.2f} | {low:.2f} | {100 * wrong:.1f} % of {len(chosen)} |")
        weights[probe] = fit(features, covered, RIDGE[probe]).astype(np.float32)
    save_file(weights, ASSET)
    digest = hashlib.sha256(ASSET.read_bytes()).hexdigest()
    ASSET.with_suffix(".sha256").write_text(f"{digest}  {ASSET.name}\n")


def fit(features: NDArray[np.float32], covered: NDArray[np.bool_], ridge: float) -> NDArray[np.float64]:
    """Weights (513,) of a probe: scores of -1 for free faces, 1 for covered ones, both classes weighted
    equally."""
    scale = features.std(0) + 1e-3
    mean = features.mean(0)
    inputs = np.column_stack([(features - mean) / scale, np.ones(len(features))])
    share = np.where(covered, 0.5 / covered.sum(), 0.5 / (~covered).sum())[:, None]
    normal = inputs.T @ (share * inputs) + ridge * np.diag([*np.ones(features.shape[1]), 0])
    solved = np.linalg.solve(normal, inputs.T @ (share[:, 0] * np.where(covered, 1.0, -1.0)))
    weights = solved[:-1] / scale
    return np.append(weights, solved[-1] - weights @ mean)


def score(weights: NDArray[np.floating], features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores (N,) of features (N, 512)."""
    return np.asarray(features @ weights[:-1] + weights[-1], np.float64)


def draw_samples(person: str, paths: list[Path]) -> Iterator[CoveringSample]:
    """Samples from ROUNDS pictures of one person with and without coverings, on several views."""
    random = np.random.default_rng(zlib.crc32(person.encode()))
    faces = [cut_face(path) for path in paths]
    for index in range(ROUNDS):
        image, points = faces[index % len(faces)]
        image, points = varied(image, points, random)
        kind = ("none", "none", "glasses", "beard", "both", "eyes", "mouth")[index % 7]
        shown = image
        if kind in {"beard", "both"}:
            shown = draw_beard(shown, points, random)
        if kind in {"glasses", "both"}:
            shown = draw_glasses(shown, points, random)
        if kind == "eyes":
            shown = cover_eyes(shown, points, random)
        if kind == "mouth":
            shown = cover_mouth(shown, points, random)
        measured = refine_landmarks(shown, points)
        name = paths[index % len(paths)].stem
        is_bearded = kind in {"beard", "both"} or name in BEARDED
        has_closed_eyes = any(word in name for word in EYES_CLOSED)
        left, right = (
            hidden_part(image, shown, points, eye) if kind == "eyes" else 0.0 for eye in (LEFT_EYE, RIGHT_EYE)
        )
        hidden_mouth = hidden_part(image, shown, points, LIPS_OUTER) if kind == "mouth" else 0.0
        for number, view in enumerate(face_views(shown, measured, CROPS_USED)):
            eye, mouth, beard = probe_features(view)
            hidden = (left, right)[number % 2]
            if not has_closed_eyes and (hidden < 0.05 or hidden > 0.6):
                yield CoveringSample("eye_covered", person, eye, hidden > 0.5)
            if hidden_mouth < 0.05 or hidden_mouth > 0.6:
                yield CoveringSample("mouth_covered", person, mouth, hidden_mouth > 0.5)
            if kind != "eyes":
                yield CoveringSample("glasses", person, eye, kind in {"glasses", "both"})
            if kind != "mouth":
                yield CoveringSample("beard", person, beard, is_bearded)


def cut_face(path: Path) -> tuple[Image, Points]:
    """The portrait around its face, FACE_PX large, and the landmarks in it."""
    image = np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)
    face = detect_faces(image)[0]
    x, y, width, height = face.box
    middle = (x + width / 2, y + height / 2)
    return warped(image, face.points, middle, scale=FACE_PX / max(width, height), side=2 * FACE_PX)


def varied(image: Image, points: Points, random: np.random.Generator) -> tuple[Image, Points]:
    """Augment size, tilt, light, colour and sharpness at random."""
    scale, turn = random.uniform(0.42, 1.0), random.normal(0, 10)
    centre = ((image.shape[1] - 1) / 2, (image.shape[0] - 1) / 2)
    side = round(image.shape[0] * scale)
    image, points = warped(image, points, centre, scale=scale, side=side, turn=turn)
    light = (
        (image / 255.0) ** random.uniform(0.7, 1.5)
        * random.uniform(0.6, 1.15)
        * random.uniform(0.88, 1.12, 3)
    )
    if random.random() < 0.15:
        light = np.repeat(light.mean(-1, keepdims=True), 3, axis=-1)
    light = light + random.normal(0, random.uniform(0, 0.03), light.shape)
    image = np.asarray(np.clip(light * 255, 0, 255), np.uint8)
    quality = int(random.integers(30, 95))
    return np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1), np.uint8
    ), points


def warped(
    image: Image, points: Points, centre: tuple[float, float], *, scale: float, side: int, turn: float = 0.0
) -> tuple[Image, Points]:
    """A square `side` pixels wide around `centre`, scaled and turned by degrees, and the landmarks in it."""
    matrix = cv2.getRotationMatrix2D(centre, turn, scale)
    matrix[:, 2] += (side - 1) / 2 - np.array(centre)
    if scale < 0.6:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / scale), np.uint8)
    moved = np.column_stack([points[:, :2] @ matrix[:, :2].T + matrix[:, 2], points[:, 2] * scale])
    return np.asarray(
        cv2.warpAffine(image, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE), np.uint8
    ), moved.astype(np.float32)


def hidden_part(before: Image, after: Image, points: Points, contour: tuple[int, ...]) -> float:
    """How much of the area inside `contour` looks different, 0..1."""
    mask = np.zeros(before.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(points[list(contour), :2]).astype(np.int32)], 1)
    changed = np.abs(before.astype(int) - after).max(-1) > CHANGED
    return float(changed[mask > 0].mean()) if mask.any() else 0.0


if __name__ == "__main__":
    main(sys.argv[1:])
