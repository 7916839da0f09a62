"""Train the probe for hands of `generation/animation/face/occlusion.py` on faces with rendered hands.

    .venv/bin/python -m tools.model_assets.train_hand_probe [directory of more portraits ...]

Every portrait (samples/portraits, also with expressions and turned, and the directories' pictures) is
augmented in light, colour, turn and sharpness; half of the pictures have a hand on a cheek, the mouth or the
chin. The probe is a ridge regression on the mesh network's features of the cheek and the mouth. Prints the
recall at the threshold by leave-one-person-out cross-validation, then writes the weights trained on all.
Files named alike up to the first `_` count as one person.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from generation.animation.face.face_detection import sample_square
from generation.animation.face.landmarks import detect_faces, face_views, follow_landmarks
from generation.animation.face.occlusion import CROPS_USED, HAND_ASSET, hand_features, probe_features
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.portrait.fit import fit_portrait
from generation.animation.portrait.portrait_check import MAX_HAND
from generation.animation.rendering.renderer import Renderer
from tools.model_assets.drawn_coverings import draw_beard, draw_glasses
from tools.model_assets.face_frame import Image, Points
from tools.model_assets.rendered_hands import PLACES, lay_hand

PORTRAITS = Path(__file__).resolve().parents[2] / "samples" / "portraits"
ROUNDS = 32  # pairs of pictures, without and with a hand, of each person
VIEW, VIEW_PX = 2.2, 400  # side of the pictures in face sizes and in pixels
RIDGE = 0.01
DRESSED = (0.4, 0.55)  # shares of pictures with a drawn beard, and with that or glasses: neither is a hand
SHOWN: tuple[tuple[dict[str, float], float], ...] = (
    ({"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}, 0.0),
    ({"jawOpen": 0.25}, 0.0),
    ({}, 14.0),
    ({}, -14.0),
)  # actions and yaw in degrees

Features = NDArray[np.float64]
Random = np.random.Generator


class HandSample(NamedTuple):
    """Features (4, 1024) of one picture's views, and where the hand is, or nothing."""

    features: Features
    place: str


def pictures_of_people(folders: Sequence[Path]) -> Mapping[str, list[Image]]:
    """The pictures of each person; of the presenters also rendered ones."""
    people: dict[str, list[Image]] = defaultdict(list)
    for folder in (PORTRAITS, *folders):
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in {".jpg", ".jpeg", ".png"}:
                continue
            picture = np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)
            people[path.stem.split("_")[0]].append(picture)
            if folder == PORTRAITS:
                # Not by way of the portrait check, which needs the very weights that are made here.
                renderer = Renderer(fit_portrait(picture, detect_faces(picture)[0]), 512)
                for actions, yaw in SHOWN:
                    row, pose = np.zeros(len(ACTION_INDEX), np.float32), np.zeros(6, np.float32)
                    for name, value in actions.items():
                        row[ACTION_INDEX[name]] = value
                    pose[0] = yaw
                    people[path.stem].append(renderer.frame(row, pose, pose[:2].copy(), 0.0))
    return people


def close_up(picture: Image) -> Image:
    """(400, 400, 3) around the largest face."""
    points = detect_faces(picture)[0].points[:468, :2]
    low, high = points.min(0), points.max(0)
    scale = VIEW_PX / (VIEW * float((high - low).max()))
    matrix = np.column_stack([np.eye(2) * scale, VIEW_PX / 2 - scale * (low + high) / 2])
    return sample_square(picture, matrix, VIEW_PX)


def augmented(image: Image, random: Random) -> Image:
    """The picture in other light and colour, sometimes grey or soft, turned and scaled a little."""
    changed = np.clip(image * random.uniform(0.5, 1.15) * random.uniform(0.88, 1.12, 3), 0, 255)
    if random.random() < 0.2:
        changed = np.repeat(changed.mean(-1, keepdims=True), 3, -1)
    if random.random() < 0.4:
        changed = cv2.GaussianBlur(changed, (0, 0), random.uniform(0.4, 1.4))
    middle = (image.shape[1] / 2, image.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, random.uniform(-12, 12), random.uniform(0.85, 1.1))
    turned = cv2.warpAffine(
        changed.astype(np.uint8), matrix, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned, np.uint8)


def dressed(view: Image, points: Points, random: Random) -> Image:
    """The picture as it is, or with a drawn beard or glasses."""
    drawn = random.random()
    if drawn < DRESSED[0]:
        return draw_beard(view, points, random)
    return draw_glasses(view, points, random) if drawn < DRESSED[1] else view


def samples(pictures: list[Image], random: Random) -> Iterator[HandSample]:
    """ROUNDS pictures without and as many with a hand, of one person."""
    views: list[tuple[Image, Points]] = []
    for picture in pictures:
        for view in (close_up(picture), np.ascontiguousarray(close_up(picture)[:, ::-1])):
            views.append((view, detect_faces(view)[0].points))
    places = list(PLACES)
    for k in range(ROUNDS):
        view, points = views[k % len(views)]
        view = dressed(view, points, random)
        yield HandSample(_features(augmented(view, random), points), "")
        place = places[k % len(places)]
        yield HandSample(_features(augmented(lay_hand(view, points, random, place), random), points), place)


def _features(image: Image, points: Points) -> Features:
    found = follow_landmarks(image, points.astype(np.float32)).points
    views = face_views(image, found, CROPS_USED)
    return np.array([hand_features(probe_features(view)) for view in views], np.float64)


def train(people: Sequence[list[HandSample]]) -> Features:
    """Weights (1025,). The crop shows the left cheek, its mirror image the right one; a hand on the other
    cheek, or only on the chin, is no example of either."""
    rows, labels = [], []
    for sample in (sample for person in people for sample in person):
        for view, features in enumerate(sample.features):
            here = "left cheek" if view % 2 == 0 else "right cheek"
            if sample.place in {"", here, "mouth"}:
                rows.append(np.append(features, 1.0))
                labels.append(1.0 if sample.place else -1.0)
    x, y = np.array(rows), np.array(labels)
    weight = np.where(y > 0, 1 / (y > 0).sum(), 1 / (y < 0).sum()) * len(y) / 2
    ridge = RIDGE * len(y) * np.diag(np.append(np.ones(x.shape[1] - 1), 0.0))
    return np.linalg.solve((x * weight[:, None]).T @ x + ridge, (x * weight[:, None]).T @ y)


def score(sample: HandSample, weights: Features) -> float:
    """As `occlusion.detect_coverings` does."""
    scores = sample.features @ weights[:-1] + weights[-1]
    return float(max(scores[0::2].mean(), scores[1::2].mean()))


def main(folders: Sequence[str]) -> None:
    """Make samples, cross-validate, train on all, write the weights."""
    pictures = pictures_of_people(list(map(Path, folders)))
    people = {
        name: list(samples(pictures[name], np.random.default_rng((1, number))))
        for number, name in enumerate(sorted(pictures))
    }
    scores: dict[str, list[float]] = defaultdict(list)
    for name, own in people.items():
        weights = train([other for person, other in people.items() if person != name])
        for sample in own:
            scores[sample.place].append(score(sample, weights))
    for place, found in scores.items():
        over = float((np.array(found) > MAX_HAND).mean())
        print(f"{place or 'no hand':12} {len(found):4} over {MAX_HAND}: {over:.3f}, highest {max(found):.2f}")
    save_file({"hand": train(list(people.values())).astype(np.float32)}, HAND_ASSET)
    digest = hashlib.sha256(HAND_ASSET.read_bytes()).hexdigest()
    HAND_ASSET.with_suffix(".sha256").write_text(f"{digest}  {HAND_ASSET.name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
