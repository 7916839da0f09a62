"""Places lie where the fault is, and the frame leads back into the upload."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.face.landmarks import FaceLandmarks, detect_faces
from generation.intake.choices import PictureChoices
from generation.intake.picture.chosen_face import cut_to_face
from generation.intake.picture.face_places import places_for
from generation.intake.places import PictureFrame, Place
from generation.intake.refusals import IntakeRefused
from tests.generation.animation.pictures import portrait
from tests.generation.intake.files import two_people


@pytest.fixture(scope="module")
def maya() -> NDArray[np.uint8]:
    return portrait("maya")


@pytest.fixture(scope="module")
def face(maya: NDArray[np.uint8]) -> FaceLandmarks:
    return detect_faces(maya)[0]


def holds(place: Place, point: NDArray[np.float32]) -> bool:
    left, top, width, height = place.box
    return bool(left < point[0] < left + width and top < point[1] < top + height)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_frame_leads_back_into_the_upload(turns: int) -> None:
    upload = np.arange(40 * 60).reshape(40, 60)
    frame = PictureFrame(60, 40, (0, 0, 60, 40)).quarter_turned(turns)
    stored = np.rot90(upload, turns)
    assert (frame.height, frame.width) == stored.shape
    cut = stored[5:25, 8:20]
    part = frame.part(8, 5, 12, 20)
    x, y, width, height = (int(value) for value in part.of_upload)
    again = upload[y : y + height, x : x + width]
    assert np.array_equal(np.rot90(again, -part.turned // 90), cut)


def test_a_part_of_a_scaled_upload_is_told_in_its_own_pixels() -> None:
    frame = PictureFrame(200, 100, (40, 20, 400, 200))
    assert frame.part(50, 10, 100, 80).of_upload == (140, 40, 200, 160)


def test_eyes_and_mouth_are_marked_where_they_are(maya: NDArray[np.uint8], face: FaceLandmarks) -> None:
    one, other = places_for("eyes_closed", maya, [face])
    assert holds(one, face.points[468])
    assert holds(other, face.points[473])
    assert not holds(one, face.points[473])
    assert places_for("may_be_sculpture", maya, [face]) == (one, other)
    (mouth,) = places_for("teeth_showing", maya, [face])
    assert holds(mouth, face.points[13])
    assert not holds(mouth, face.points[1])
    (glasses,) = places_for("glasses", maya, [face])
    assert holds(glasses, face.points[468])
    assert holds(glasses, face.points[473])
    (beard,) = places_for("beard", maya, [face])
    assert holds(beard, face.points[17])
    assert not holds(beard, face.points[468])


def test_the_darker_half_is_marked(maya: NDArray[np.uint8], face: FaceLandmarks) -> None:
    shaded = maya.copy()
    shaded[:, : int(face.points[1, 0])] //= 6
    (place,) = places_for("strong_shadow", shaded, [face])
    assert holds(place, face.points[50])
    assert not holds(place, face.points[280])


def test_tight_edges_are_marked_and_no_others(maya: NDArray[np.uint8], face: FaceLandmarks) -> None:
    left = int(face.box[0]) + 2
    (edge,) = places_for("tight_frame", maya[:, left:], [detect_faces(maya[:, left:])[0]])
    assert edge.box[0] == 0
    assert edge.box[2] < 0.05 * maya.shape[1]
    assert edge.box[3] == maya.shape[0]


def test_every_place_stays_inside_of_the_picture(maya: NDArray[np.uint8], face: FaceLandmarks) -> None:
    cut = np.ascontiguousarray(maya[: int(face.points[17, 1])])
    for place in places_for("chin_outside", cut, [face]):
        assert max(y for _, y in place.polygon) <= cut.shape[0]


def test_a_cover_is_marked_where_it_is(maya: NDArray[np.uint8], face: FaceLandmarks) -> None:
    masked = maya.copy()
    x, y = face.points[13, :2].astype(int)
    masked[y - 60 : y + 90, x - 110 : x + 110] = (90, 120, 160)
    (place,) = places_for("face_covered", masked, [detect_faces(masked)[0]])
    assert place.what == "mouth"


def test_codes_without_a_face_have_no_place(maya: NDArray[np.uint8]) -> None:
    assert places_for("no_face", maya, []) == ()


def test_the_chosen_face_is_cut_out_without_the_other() -> None:
    image = np.asarray(two_people())
    frame = PictureFrame(1200, 600, (0, 0, 2400, 1200))
    first, second = sorted(detect_faces(image), key=lambda one: one.box[0])
    cut, part = cut_to_face(image, frame, second.box)
    (alone,) = detect_faces(cut)
    assert (part.width, part.height) == (cut.shape[1], cut.shape[0])
    # Where the face is in the cut, told in pixels of the upload, is where it was.
    x = part.of_upload[0] + alone.box[0] * part.of_upload[2] / part.width
    assert x == pytest.approx(2 * second.box[0], abs=8)
    with pytest.raises(IntakeRefused) as refusal:
        cut_to_face(image, frame, (first.box[0] + 0.9 * first.box[2], *first.box[1:]))
    assert refusal.value.code == "face_not_there"
    assert len(refusal.value.places) == 2


def test_a_face_is_cut_out_of_the_finer_picture() -> None:
    image = np.asarray(two_people().resize((2400, 1200)))
    frame = PictureFrame(1200, 600, (0, 0, 2400, 1200))
    second = max(detect_faces(np.asarray(two_people())), key=lambda one: one.box[0])
    cut, part = cut_to_face(image, frame, second.box)
    assert cut.shape[1] == pytest.approx(part.of_upload[2], abs=4)


def test_choices_are_read_from_text() -> None:
    chosen = PictureChoices((1, 2.5, 30, 40), (0, 128, 255))
    assert PictureChoices.from_text("1,2.5,30,40", "#0080fF") == chosen
    assert PictureChoices.from_text("", None) == PictureChoices()
    with pytest.raises(ValueError, match="no box"):
        PictureChoices.from_text("1,2,3", None)
    with pytest.raises(ValueError, match="no colour"):
        PictureChoices.from_text(None, "blue")
