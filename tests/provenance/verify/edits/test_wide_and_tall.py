"""Videos that are no square: what was done is told anywhere in them, and honest copies are not accused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.conf import settings
from numpy.typing import NDArray

from provenance.fingerprints.motion.cells import cells_of_marked
from provenance.fingerprints.motion.fingerprint import MouthBox
from provenance.fingerprints.motion.measuring import motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints
from provenance.keys.service_keys import watermark_key
from provenance.offline import verify_offline
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.records import release_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import open_bundle
from provenance.watermark import Embedder, WatermarkPayload
from provenance.watermark.content.fingerprint_match import FINGERPRINT_BYTES
from tests.provenance.clips import FPS, lumas, write_clip
from tests.provenance.performing import MOUTH, in_shape, performing_frames
from tests.provenance.sealing import YEAR, SealedClip, make_sealed_clip, seal
from tests.provenance.verify.edits.test_sound import Sound, speech

pytestmark = pytest.mark.slow

SECONDS = 4
HEAD = 256  # pixels of the square in which the head moves
Frame = NDArray[np.uint8]
Place = Callable[[Frame], Frame]


@dataclass(frozen=True)
class Shape:
    """A picture's width and height, and where the head's square is in it."""

    width: int
    height: int
    left: int
    top: int

    def frames(self, seed: int) -> list[Frame]:
        head = performing_frames(SECONDS, seed=seed, size=HEAD)
        return list(in_shape(head, self.width, self.height, self.left, self.top))

    @property
    def mouth(self) -> MouthBox:
        """Parts of width and height."""
        x = [(self.left + HEAD * side) / self.width for side in (MOUTH.left, MOUTH.right)]
        y = [(self.top + HEAD * side) / self.height for side in (MOUTH.top, MOUTH.bottom)]
        return MouthBox(x[0], y[0], x[1], y[1])


SHAPES = {"wide": Shape(480, 270, 208, 6), "tall": Shape(270, 480, 6, 200)}  # the mouth beyond the square


@dataclass(frozen=True)
class Made:
    shape: Shape
    clip: SealedClip
    sound: Sound
    frames: list[Frame]  # as the file shows them


@pytest.fixture(scope="module")
def all_made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    sound = speech("sample1_female_calm")[: SECONDS * 16_000]
    made = {}
    for number, (name, shape) in enumerate(SHAPES.items()):
        clip = make_sealed_clip(
            tmp_path_factory.mktemp(name),
            shape.frames(1),
            rendition_id="rnd_" + name[0].upper() * 22,
            watermark_id=0x5EED_0F_A0_00 + number,
            speech=sound,
            mouth=shape.mouth,
        )
        made[name] = Made(shape, clip, sound, [np.dstack([luma] * 3) for luma in lumas(clip.path)])
    return made


@pytest.fixture(params=list(SHAPES))
def made(request: pytest.FixtureRequest, db: None, all_made: dict[str, Made]) -> Made:
    one = all_made[request.param]
    release_record(seal(one.clip).rendition_id, actor="system")
    return one


def answer(made: Made, path: Path, frames: list[Frame], **options: Any) -> dict[str, Any]:
    verdict = verify_file(write_clip(path, frames, speech=made.sound, **options))
    return {**verdict.to_json(), "named": verdict.rendition_id}


def told_offline(made: Made, path: Path) -> Any:
    keys = pinned_keys()
    bundle = open_bundle(json.loads(json.dumps(evidence_bundle(made.clip.rendition_id))), keys.log_key)
    secret = bytes.fromhex(Path(settings.LIKENESS_WATERMARK_KEY_FILE).read_text().strip())
    return verify_offline(path, keys, [bundle], watermark_secret=secret).to_json()


def kinds(told: dict[str, Any]) -> list[str]:
    return [one["kind"] for one in told["timeline"]["findings"]]


def test_a_copy_that_was_only_encoded_again_is_the_same(made: Made, tmp_path: Path) -> None:
    told = answer(made, tmp_path / "copy.mp4", made.frames)
    assert (told["picture"]["state"], kinds(told)) == ("same", [])


def test_a_replaced_mouth_beyond_the_square_at_the_top_left_is_told_here_and_offline(
    made: Made, tmp_path: Path
) -> None:
    box, height, width = made.shape.mouth, made.shape.height, made.shape.width
    place = np.s_[
        round(box.top * height) : round(box.bottom * height),
        round(box.left * width) : round(box.right * width),
    ]
    frames = [frame.copy() for frame in made.frames]
    for number, other in enumerate(made.shape.frames(2)):
        if FPS <= number < 3 * FPS:
            frames[number][place] = other[place]
    told = answer(made, tmp_path / "mouth.mp4", frames)
    (finding,) = told["timeline"]["findings"]
    assert finding["kind"] == "mouth_replaced"
    assert (finding["start_s"], finding["end_s"]) == pytest.approx((1, 3), abs=0.5)
    x, y = ([corner[axis] for corner in finding["region"]] for axis in ("x", "y"))
    assert (min(x), max(x), min(y), max(y)) == pytest.approx(
        (box.left, box.right, box.top, box.bottom), abs=0.03
    )
    if made.shape is SHAPES["wide"]:
        offline = told_offline(made, tmp_path / "mouth.mp4")
        assert (offline["timeline"], offline["picture"]) == (told["timeline"], told["picture"])


@pytest.mark.parametrize("made", ["tall"], indirect=True)
def test_another_performance_under_the_mark_is_told(made: Made, tmp_path: Path) -> None:
    mark = Embedder(WatermarkPayload(made.clip.watermark_id), watermark_key(YEAR)).mark
    told = answer(made, tmp_path / "other.mp4", made.shape.frames(2), mark=mark)
    assert kinds(told) == ["other_performance"]


def square_of(shape: Shape) -> Place:
    """The square about the head, as a platform crops it."""
    side = min(shape.width, shape.height)
    left, top = min(shape.left, shape.width - side), min(shape.top, shape.height - side)
    return lambda frame: frame[top : top + side, left : left + side]


def middle_of(shape: Shape) -> Place:
    side = min(shape.width, shape.height)
    left, top = (shape.width - side) // 2, (shape.height - side) // 2
    return lambda frame: frame[top : top + side, left : left + side]


def barred(shape: Shape) -> Place:
    """All of it within a smaller square, black bars beside it."""
    side = max(shape.width, shape.height)
    down, across = (side - shape.height) // 2, (side - shape.width) // 2

    def place(frame: Frame) -> Frame:
        whole = cv2.copyMakeBorder(frame, down, down, across, across, cv2.BORDER_CONSTANT)
        return np.asarray(cv2.resize(whole, (400, 400), interpolation=cv2.INTER_AREA), np.uint8)

    return place


CHANGES: dict[str, tuple[Callable[[Shape], Place], str]] = {
    "square_of": (square_of, "cropped"),
    "middle_of": (middle_of, "cropped"),
    "barred": (barred, "embedded"),
}


@pytest.mark.parametrize(
    ("made", "name"),
    [("wide", "square_of"), ("tall", "square_of"), ("tall", "middle_of"), ("wide", "barred")],
    indirect=["made"],
)
def test_what_platforms_do_to_the_frame_is_told_as_that_and_nothing_else(
    made: Made, tmp_path: Path, name: str
) -> None:
    change, kind = CHANGES[name]
    place = change(made.shape)
    frames = [np.ascontiguousarray(place(frame)) for frame in made.frames]
    told = answer(made, tmp_path / f"{name}.mp4", frames)
    assert told["named"] == made.clip.rendition_id
    assert (kinds(told), told["sound"]["state"]) == ([kind], "same")


def test_a_part_of_a_wide_video_that_the_record_knows_a_square_of_is_not_accused(
    db: None, all_made: dict[str, Made], tmp_path: Path
) -> None:
    """As 0.5.0 sealed them."""
    made = all_made["wide"]
    record = RecordFingerprints.from_bytes(made.clip.fingerprints)
    side = made.shape.height
    cells = [cells_of_marked(np.ascontiguousarray(frame[:, :side, 0])) for frame in made.frames]
    motion = motion_fingerprint(cells, FPS).to_bytes()
    size = made.shape.width.to_bytes(2, "big") + side.to_bytes(2, "big")
    data = replace(record, motion=motion_fingerprint(cells, FPS)).to_bytes()
    data = data.replace(motion, motion[:10] + size + motion[14:])
    prints = made.clip.content_prints
    of_square = b"".join(
        prints[i : i + FINGERPRINT_BYTES] for i in range(0, len(prints), 2 * FINGERPRINT_BYTES)
    )
    clip = replace(made.clip, fingerprints=data, content_prints=of_square)
    release_record(seal(clip).rendition_id, actor="system")
    place = square_of(made.shape)
    frames = [np.ascontiguousarray(place(frame)) for frame in made.frames]
    told = answer(made, tmp_path / "part.mp4", frames)
    assert (told["named"], kinds(told)) == (made.clip.rendition_id, [])
    assert "motion" in {gap["what"] for gap in told["not_checked"]}
    assert told_offline(made, tmp_path / "part.mp4")["verdict"] == told["verdict"]
