"""A picture with places drawn on it, as the pages show refusals and warnings of intake."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from generation.intake.refusals import IntakeRefused
from generation.models import Portrait

FACE_CHOICES = {"several_faces", "face_not_there"}
THUMBNAIL_ROOM = 0.25  # of a face's size, shown around it


@dataclass(frozen=True)
class Outline:
    """A drawn place: SVG points, the number of the remark it belongs to, and where that number stands."""

    number: int
    points: str
    x: float
    y: float


@dataclass(frozen=True)
class FaceChoice:
    """One face of several: the value that chooses it, and the SVG view box that shows it alone."""

    number: int
    value: str
    view: str
    points: str
    x: float
    y: float


@dataclass(frozen=True)
class MarkedPicture:
    """Size in pixels, the address (or data) of the picture, what is drawn on it, and faces to choose from."""

    width: int
    height: int
    address: str
    outlines: list[Outline]
    faces: list[FaceChoice]

    @property
    def text_size(self) -> int:
        """Of numbers in the drawing, in its pixels."""
        return _text_size(self.width, self.height)


def _text_size(width: int, height: int) -> int:
    """Of numbers in a drawing, in its pixels."""
    return max(width, height) // 22


def picture_of_refusal(refused: IntakeRefused) -> MarkedPicture | None:
    """The refused picture with the places of the refusal; None where it could not be decoded."""
    if not refused.details or not refused.preview:
        return None
    address = "data:image/jpeg;base64," + base64.b64encode(refused.preview).decode("ascii")
    details: dict[str, Any] = refused.details
    is_choice = refused.code in FACE_CHOICES
    return MarkedPicture(
        width=details["picture"]["width"],
        height=details["picture"]["height"],
        address=address,
        outlines=[] if is_choice else [_outline(0, place) for place in details["places"]],
        faces=_choices(details["places"]) if is_choice else [],
    )


def picture_of_warnings(portrait: Portrait, address: str) -> MarkedPicture | None:
    """The stored picture with the places of all warnings, numbered as these; None where nothing is marked."""
    outlines = [
        _outline(number, place, least_y=1.3 * _text_size(portrait.width, portrait.height))
        for number, warning in enumerate(portrait.warnings, start=1)
        for place in warning.get("details", {}).get("places", [])
    ]
    if not outlines:
        return None
    return MarkedPicture(portrait.width, portrait.height, address, outlines, [])


def _outline(number: int, place: dict[str, Any], least_y: float = 0) -> Outline:
    left, top, _, _ = place["box"]
    return Outline(number, _points(place), left, max(top, least_y))


def _choices(places: list[dict[str, Any]]) -> list[FaceChoice]:
    """Faces from the left to the right, as people count them."""
    choices = []
    for number, place in enumerate(sorted(places, key=lambda place: place["box"][0]), start=1):
        left, top, width, height = place["box"]
        side = max(width, height) * (1 + 2 * THUMBNAIL_ROOM)
        view = (left + width / 2 - side / 2, top + height / 2 - side / 2, side, side)
        choices.append(
            FaceChoice(
                number=number,
                value=",".join(f"{value:g}" for value in place["box"]),
                view=" ".join(f"{value:.1f}" for value in view),
                points=_points(place),
                x=left,
                y=top,
            )
        )
    return choices


def _points(place: dict[str, Any]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in place["polygon"])
