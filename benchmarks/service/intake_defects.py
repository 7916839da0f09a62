"""Measure whether the right code is given for pictures with known defects, and whether skin tone matters.

Run as `python -m benchmarks.service.intake_defects --sheets DIR`. 440 pictures are made from the sample
portraits: twenty-two kinds of four people, each at five strengths beyond where it begins to show. One is
right when its code is the refusal or, for what is only warned of, among the warnings of an accepted picture.
Then each person is shown at equal parts of the light, from a twentieth to all of it. DIR, if given, gets one
picture of each kind with its places drawn.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.service.intake_defect_pictures import KINDS, Kind, Person, people
from generation.animation.portrait.portrait_check import PortraitRejected, check_portrait
from generation.intake.picture.decoding import decode_picture
from generation.intake.picture.face_places import places_for
from generation.intake.picture.upright import set_upright
from generation.intake.places import Place
from generation.intake.refusals import IntakeRefused

STRENGTHS = 5
LIGHTS = np.linspace(0.05, 1.0, 20)
Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Judged:
    """What intake says of one picture: the refusal (empty for none), all codes, the picture, the places."""

    refusal: str
    codes: frozenset[str]
    image: Picture
    places: tuple[Place, ...]


def judge(data: bytes, image_format: str, folder: Path) -> Judged:
    """Decode, set upright and check a file, as intake does before it renders the proof."""
    source = folder / "picture"
    source.write_bytes(data)
    try:
        decoded = decode_picture(source, image_format)
    except IntakeRefused as refused:
        return Judged(refused.code, frozenset({refused.code}), np.zeros((1, 1, 3), np.uint8), ())
    image, turns = set_upright(np.asarray(decoded.image))
    codes = {warning.code for warning in decoded.warnings} | ({"picture_turned"} if turns else set())
    try:
        report = check_portrait(image)
    except PortraitRejected as rejected:
        places = places_for(rejected.code, image, rejected.faces)
        return Judged(rejected.code, frozenset({rejected.code}), image, places)
    found = [warning.code for warning in report.warnings]
    places = tuple(place for code in found for place in places_for(code, image, [report.landmarks]))
    return Judged("", frozenset(codes | set(found)), image, places)


def is_right(kind: Kind, judged: Judged) -> bool:
    """Whether the code of a kind was given the way it is given: as a refusal or as a warning."""
    if kind.is_refused:
        return judged.refusal == kind.code
    return judged.refusal == "" and (kind.code in judged.codes or not kind.code)


def png(image: Picture) -> bytes:
    """A file of the picture."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def drawn(judged: Judged) -> Picture:
    """The picture with its places, 320 pixels high."""
    image = judged.image.copy()
    for place in judged.places:
        corners = np.round(np.array(place.polygon)).astype(np.int32)
        cv2.polylines(image, [corners], True, (255, 214, 64), max(2, image.shape[0] // 150))
    scale = 320 / image.shape[0]
    return np.asarray(cv2.resize(image, (round(image.shape[1] * scale), 320)), np.uint8)


def measure_kinds(cast: list[Person], folder: Path, sheets: Path | None, say: Callable[[str], None]) -> None:
    """Say for each kind how many of its pictures were given its code, and what the others were given."""
    total = right = 0
    for kind in KINDS:
        wrong: Counter[str] = Counter()
        count = 0
        for person in cast:
            for strength in range(STRENGTHS):
                made = kind.make(person, strength / (STRENGTHS - 1))
                data = made if isinstance(made, bytes) else png(made)
                judged = judge(data, "JPEG" if isinstance(made, bytes) else "PNG", folder)
                count += 1
                if is_right(kind, judged):
                    right += 1
                else:
                    wrong[judged.refusal or " ".join(sorted(judged.codes)) or "nothing"] += 1
                if sheets and strength == 2 and person is cast[0]:
                    Image.fromarray(drawn(judged)).save(sheets / f"{kind.name}.png")
        total += count
        say(f"{kind.name}: {count - wrong.total()} of {count} {kind.code or 'accepted'} {dict(wrong) or ''}")
    say(f"{right} of {total} right ({right / total:.1%})")


def measure_light(cast: list[Person], folder: Path, say: Callable[[str], None]) -> None:
    """Say from which part of the light on each person is accepted, and how many of the lights are refused."""
    shares = {}
    for person in cast:
        refused = [
            light
            for light in LIGHTS
            if judge(png(np.asarray(person.image * light, np.uint8)), "PNG", folder).refusal
        ]
        shares[person.name] = len(refused) / len(LIGHTS)
        say(f"{person.name}: refused at {len(refused)} of {len(LIGHTS)} lights, up to {max(refused):.2f}")
    say(f"{100 * (max(shares.values()) - min(shares.values())):.0f} points apart")


def main() -> None:
    """Print a line for each kind and each person."""
    arguments = argparse.ArgumentParser(description="Codes for pictures with known defects.")
    arguments.add_argument("--sheets", type=Path)
    sheets = arguments.parse_args().sheets
    if sheets:
        sheets.mkdir(parents=True, exist_ok=True)

    def say(line: str) -> None:
        sys.stdout.write(line.rstrip() + "\n")
        sys.stdout.flush()

    cast = people()
    with tempfile.TemporaryDirectory() as name:
        measure_kinds(cast, Path(name), sheets, say)
        measure_light(cast, Path(name), say)


if __name__ == "__main__":
    main()
