"""Colours without a profile, missing ends, borders and strong compression."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from benchmarks.service.intake_pictures import CICP_P3, GAMMA_1, in_display_p3, in_gamma, png_chunk, png_with
from generation.intake.picture.borders import content_box
from generation.intake.picture.decoding import decode_picture
from generation.intake.picture.file_end import with_end_marker
from generation.intake.refusals import IntakeRefused
from tests.generation.intake.files import SAMPLES, portrait, saved


def decoded(tmp_path: Path, data: bytes, image_format: str) -> tuple[Image.Image, list[str]]:
    path = tmp_path / "upload"
    path.write_bytes(data)
    picture = decode_picture(path, image_format)
    return picture.image, [warning.code for warning in picture.warnings]


def difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean())


def test_linear_light_in_a_png_comes_out_as_it_looks(tmp_path: Path) -> None:
    image, _ = decoded(tmp_path, png_with(GAMMA_1, in_gamma(portrait(300), 1.0)), "PNG")
    assert difference(image, portrait(300)) < 1


def test_a_png_that_says_that_it_is_srgb_is_not_changed_by_its_gamma(tmp_path: Path) -> None:
    both = png_chunk(b"sRGB", b"\0") + png_chunk(b"gAMA", struct.pack(">I", 100_000))
    image, _ = decoded(tmp_path, png_with(both, portrait(300)), "PNG")
    assert difference(image, portrait(300)) == 0


def test_code_points_of_a_png_are_understood(tmp_path: Path) -> None:
    image, _ = decoded(tmp_path, png_with(CICP_P3, in_display_p3(portrait(300))), "PNG")
    assert difference(image, portrait(300)) < 1


@pytest.mark.parametrize("transfer", [16, 18])
def test_a_picture_of_high_dynamic_range_keeps_its_white_below_the_top(tmp_path: Path, transfer: int) -> None:
    grey = Image.new("RGB", (300, 300), (148, 148, 148))  # reference white of PQ
    image, _ = decoded(tmp_path, png_with(png_chunk(b"cICP", bytes((9, transfer, 0, 1))), grey), "PNG")
    level = int(np.asarray(image)[150, 150, 0])
    assert 120 < level <= 255


def test_a_grey_picture_with_a_profile_for_colour_draws_no_warning(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image, warnings = decoded(tmp_path, saved(portrait(300).convert("L"), "PNG", icc_profile=profile), "PNG")
    assert warnings == []
    assert difference(image.convert("L"), portrait(300).convert("L")) < 1


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_marker_is_whole(tmp_path: Path, progressive: bool) -> None:
    data = saved(portrait(300), "JPEG", quality=90, progressive=progressive)
    whole, _ = decoded(tmp_path, data, "JPEG")
    image, _ = decoded(tmp_path, data[:-2], "JPEG")
    assert difference(image, whole) == 0


@pytest.mark.parametrize("missing", [40, 400, 4000])
def test_a_jpeg_that_lacks_more_is_damaged(tmp_path: Path, missing: int) -> None:
    data = saved(portrait(300), "JPEG", quality=90)
    with pytest.raises(IntakeRefused) as refusal:
        decoded(tmp_path, data[:-missing], "JPEG")
    assert refusal.value.code == "image_damaged"


def test_other_formats_get_no_end_marker() -> None:
    assert with_end_marker(saved(portrait(300), "WEBP")[:-10], "WEBP") is None


@pytest.mark.parametrize("colour", ["black", "white", (200, 30, 60)])
def test_bars_around_a_picture_are_found(colour: str) -> None:
    framed = Image.new("RGB", (400, 500), colour)
    framed.paste(portrait(300), (50, 100))
    assert np.abs(np.subtract(content_box(np.asarray(framed)), (50, 100, 350, 400))).max() <= 2


def test_a_plain_background_is_no_border() -> None:
    plain = np.full((400, 400, 3), 230, np.uint8)
    plain[150:, 120:280] = np.asarray(portrait(400))[150:, 120:280]
    assert content_box(plain) == (0, 0, 400, 400)


def test_a_picture_of_one_colour_has_no_border() -> None:
    assert content_box(np.full((300, 300, 3), 7, np.uint8)) == (0, 0, 300, 300)


@pytest.mark.parametrize(
    ("quality", "warnings"), [(5, ["compressed"]), (20, ["compressed"]), (75, []), (95, [])]
)
def test_strong_compression_draws_a_warning(tmp_path: Path, quality: int, warnings: list[str]) -> None:
    assert decoded(tmp_path, saved(portrait(300), "JPEG", quality=quality), "JPEG")[1] == warnings


@pytest.mark.parametrize("quality", [92, 75])
@pytest.mark.parametrize("colour", ["white", "black", (246, 244, 238)])
def test_the_edge_of_a_scanned_print_is_a_border_too(
    quality: int, colour: str | tuple[int, int, int]
) -> None:
    framed = Image.new("RGB", (470, 560), colour)
    framed.paste(portrait(400), (33, 37))
    noise = np.random.default_rng(0).normal(0, 2, (560, 470, 1))
    scanned = Image.fromarray(np.clip(np.asarray(framed) + noise, 0, 255).astype(np.uint8))
    with Image.open(io.BytesIO(saved(scanned, "JPEG", quality=quality))) as read:
        box = content_box(np.asarray(read.convert("RGB")))
    assert np.abs(np.subtract(box, (33, 37, 433, 437))).max() <= 3


@pytest.mark.parametrize("name", ["amara", "kenji", "maya", "tomas"])
@pytest.mark.parametrize("quality", [90, 30])
def test_a_portrait_without_a_border_loses_nothing(name: str, quality: int) -> None:
    with Image.open(SAMPLES / "portraits" / f"{name}.jpg") as image:
        data = saved(image.resize((400, 400)), "JPEG", quality=quality)
    with Image.open(io.BytesIO(data)) as read:
        assert content_box(np.asarray(read.convert("RGB"))) == (0, 0, 400, 400)
