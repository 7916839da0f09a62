from __future__ import annotations

import pytest

from generation.animation.framing.video_format import VideoFormat, VideoFormatInvalid
from generation.animation.framing.view import Square, VideoFormatRefused, View, output_size, view_of

PHOTOGRAPH = (1600, 2000)
HEAD = (500.0, 300.0, 620.0)  # left, top and side of the square around head and shoulders


def view(aspect: str, size: int = 512, picture: tuple[int, int] = PHOTOGRAPH, head: Square = HEAD) -> View:
    return view_of(VideoFormat(aspect=aspect, size=size), *picture, head)


@pytest.mark.parametrize(
    ("aspect", "size", "expected"),
    [
        ("1:1", 512, (512, 512)),
        ("16:9", 1080, (1920, 1080)),
        ("9:16", 1080, (1080, 1920)),
        ("16:9", 720, (1280, 720)),
        ("9:16", 512, (512, 910)),
        ("picture", 512, (512, 640)),
    ],
)
def test_the_size_is_the_shorter_side_and_both_sides_are_even(aspect, size, expected):
    assert output_size(VideoFormat(aspect=aspect, size=size), *PHOTOGRAPH) == expected


@pytest.mark.parametrize("picture", [(4000, 500), (500, 4000)])
def test_a_panorama_is_shown_in_part(picture):
    assert max(output_size(VideoFormat(aspect="picture"), *picture)) == 1024


def test_the_whole_picture_is_in_a_video_of_its_own_shape():
    found = view("picture")
    # A pixel or two are lost to keep the frame on whole pixels.
    assert found.width / found.scale == pytest.approx(1600, abs=6)
    assert abs(found.left) < 6
    assert abs(found.top) < 6


@pytest.mark.parametrize("aspect", ["picture", "9:16", "16:9"])
@pytest.mark.parametrize("size", [300, 512, 1080])
def test_the_frame_lies_on_whole_pixels(aspect, size):
    found = view(aspect, size)
    assert found.frame % 2 == 0 or found.frame < 256
    assert found.scale * HEAD[2] == pytest.approx(found.frame)
    assert (HEAD[0] - found.left) * found.scale == pytest.approx(found.frame_x)
    assert (HEAD[1] - found.top) * found.scale == pytest.approx(found.frame_y)


@pytest.mark.parametrize("aspect", ["9:16", "16:9"])
def test_the_head_is_in_view_and_the_picture_is_not_left_where_it_suffices(aspect):
    found = view(aspect)
    assert 0 <= found.frame_x <= found.width - found.frame
    assert 0 <= found.frame_y <= found.height - found.frame
    assert found.left > -3
    assert found.left + found.width / found.scale < 1603


def test_a_wide_video_of_a_close_portrait_reaches_beyond_the_picture_instead_of_cutting_the_head():
    found = view("16:9", picture=(1024, 1024), head=(34.0, 0.0, 932.0))
    assert found.frame == found.height
    assert found.left < -300


def test_a_small_person_in_a_large_picture_is_shown_closer():
    found = view("16:9", picture=(2048, 1365), head=(900.0, 400.0, 200.0))
    assert found.frame == pytest.approx(512 / 2.5, abs=2)


@pytest.mark.parametrize(("aspect", "size"), [("picture", 1080), ("16:9", 720), ("1:1", 1080)])
def test_a_picture_is_not_enlarged_more_than_twice(aspect, size):
    with pytest.raises(VideoFormatRefused) as refusal:
        view(aspect, size, picture=(400, 500), head=(80.0, 60.0, 220.0))
    assert refusal.value.code == "picture_too_small_for_size"
    assert "resolution" in refusal.value.hint


def test_the_hint_names_a_size_that_is_accepted():
    head = (80.0, 60.0, 300.0)
    with pytest.raises(VideoFormatRefused) as refusal:
        view("picture", 1080, picture=(500, 600), head=head)
    size = int("".join(letter for letter in refusal.value.hint if letter.isdigit()))
    assert view("picture", size, picture=(500, 600), head=head).width == size


def test_the_square_is_made_at_512_of_any_face_that_intake_accepts():
    assert view("1:1", 512, picture=(256, 256), head=(20.0, 10.0, 170.0)).frame == 512


def test_a_person_too_small_in_the_whole_picture_is_refused():
    with pytest.raises(VideoFormatRefused) as refusal:
        view("picture", 360, picture=(2048, 1365), head=(900.0, 400.0, 200.0))
    assert refusal.value.code == "face_too_small_for_size"


@pytest.mark.parametrize(
    "values",
    [
        {"aspect": "4:3"}, {"size": 511}, {"size": 1082}, {"size": 512.0}, {"size": True}, {"fps": 23},
        {"fps": 61}, {"fill": "red"}, {"fill": "#12345"}, {"fill": "#123456\n"}, {"lines": 1},
    ],
)  # fmt: skip
def test_a_format_out_of_range_is_refused_by_field(values):
    with pytest.raises(VideoFormatInvalid) as error:
        VideoFormat.from_json(values)
    assert error.value.field in values


def test_what_is_left_out_is_as_in_the_default():
    default = VideoFormat(size=360, fps=30)
    assert VideoFormat.from_json({"aspect": "9:16"}, default) == VideoFormat(aspect="9:16", size=360, fps=30)
    assert VideoFormat.from_json(VideoFormat(fill="#0a0b0c").to_json()) == VideoFormat(fill="#0a0b0c")
