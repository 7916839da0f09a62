from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from generation.intake.limits import PORTRAIT_STORED_SIDE
from generation.intake.picture.decoding import decode_picture
from generation.intake.refusals import IntakeRefused
from tests.generation.intake.files import png, portrait, saved


def decoded(tmp_path: Path, data: bytes, image_format: str) -> tuple[Image.Image, list[str]]:
    path = tmp_path / "upload"
    path.write_bytes(data)
    decoded_picture = decode_picture(path, image_format)
    return decoded_picture.image, [warning.code for warning in decoded_picture.warnings]


def refusal_of(tmp_path: Path, data: bytes, image_format: str) -> str:
    with pytest.raises(IntakeRefused) as refusal:
        decoded(tmp_path, data, image_format)
    return refusal.value.code


def difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean())


@pytest.mark.parametrize(("image_format", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_lossless_pictures_keep_their_pixels(
    tmp_path: Path, image_format: str, options: dict[str, bool]
) -> None:
    image, warnings = decoded(tmp_path, saved(portrait(300), image_format, **options), image_format)
    assert difference(image, portrait(300)) == 0
    assert warnings == []


def test_it_turns_the_picture_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to the right
    lying = portrait(300).crop((0, 0, 300, 280)).transpose(Image.Transpose.ROTATE_90)
    image, _ = decoded(tmp_path, saved(lying, "JPEG", exif=exif, quality=95), "JPEG")
    assert image.size == (300, 280)
    assert difference(image, portrait(300).crop((0, 0, 300, 280))) < 3


def test_it_strips_all_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a description"
    image, _ = decoded(tmp_path, saved(portrait(300), "JPEG", exif=exif, comment=b"a comment"), "JPEG")
    again = saved(image, "PNG")
    assert b"a description" not in again
    assert b"a comment" not in again
    assert image.info == {}


def test_it_converts_to_srgb_by_the_profile(tmp_path: Path) -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Exchange the red and blue primaries: the same bytes of pixels now mean other colours.
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    image, warnings = decoded(tmp_path, saved(portrait(300), "PNG", icc_profile=bytes(profile)), "PNG")
    swapped = Image.fromarray(np.ascontiguousarray(np.asarray(portrait(300))[:, :, ::-1]))
    assert difference(image, swapped) < 3
    assert warnings == []


def test_it_goes_on_without_a_broken_profile(tmp_path: Path) -> None:
    image, warnings = decoded(tmp_path, saved(portrait(300), "PNG", icc_profile=b"broken" * 40), "PNG")
    assert warnings == ["colour_profile_unusable"]
    assert difference(image, portrait(300)) == 0


def test_it_fills_transparency(tmp_path: Path) -> None:
    clear = portrait(300).convert("RGBA")
    clear.putalpha(Image.new("L", (300, 300), 0))
    image, warnings = decoded(tmp_path, saved(clear, "PNG"), "PNG")
    assert warnings == ["transparency_filled"]
    assert np.unique(np.asarray(image)).tolist() == [128]


def test_it_fills_transparency_with_the_chosen_colour(tmp_path: Path) -> None:
    clear = portrait(300).convert("RGBA")
    clear.putalpha(Image.new("L", (300, 300), 0))
    source = tmp_path / "clear"
    source.write_bytes(saved(clear, "PNG"))
    chosen = decode_picture(source, "PNG", background=(10, 200, 30))
    assert np.unique(np.asarray(chosen.image).reshape(-1, 3), axis=0).tolist() == [[10, 200, 30]]
    assert "#0ac81e" in chosen.warnings[0].message


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA"])
def test_it_makes_rgb_of(tmp_path: Path, mode: str) -> None:
    image, _ = decoded(tmp_path, saved(portrait(300).convert(mode), "PNG"), "PNG")
    assert image.mode == "RGB"


def test_it_makes_rgb_of_cmyk(tmp_path: Path) -> None:
    image, _ = decoded(tmp_path, saved(portrait(300).convert("CMYK"), "JPEG", quality=95), "JPEG")
    assert difference(image, portrait(300)) < 5


def test_it_keeps_the_upper_bits_of_sixteen(tmp_path: Path) -> None:
    grey = portrait(300).convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    image, _ = decoded(tmp_path, saved(deep, "PNG"), "PNG")
    assert difference(image.convert("L"), grey) == 0


def test_it_stores_no_more_than_the_renderer_can_show(tmp_path: Path) -> None:
    image, _ = decoded(tmp_path, saved(portrait().resize((3000, 1500)), "JPEG"), "JPEG")
    assert image.size == (PORTRAIT_STORED_SIDE, PORTRAIT_STORED_SIDE // 2)


def test_it_refuses_a_png_that_claims_60000_by_60000(tmp_path: Path) -> None:
    lying = png(60_000, 60_000, zlib.compress(bytes(1000)))
    assert refusal_of(tmp_path, lying, "PNG") == "image_too_large"


def test_it_refuses_more_than_fifty_megapixels(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, png(8193, 6144, zlib.compress(b"")), "PNG") == "image_too_large"
    assert refusal_of(tmp_path, png(16_385, 300, zlib.compress(b"")), "PNG") == "image_too_large"


def test_it_refuses_a_picture_under_256_pixels(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, saved(portrait(255), "PNG"), "PNG") == "image_too_small"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.9])
def test_it_refuses_a_truncated_picture(tmp_path: Path, image_format: str, part: float) -> None:
    data = saved(portrait(400), image_format)
    assert refusal_of(tmp_path, data[: int(len(data) * part)], image_format) == "image_damaged"


def test_it_refuses_text_that_inflates_to_a_hundred_megabytes(tmp_path: Path) -> None:
    text = (b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000), 1))
    assert (
        refusal_of(tmp_path, png(400, 400, zlib.compress(bytes(400 * 1201)), text), "PNG") == "image_damaged"
    )


def test_it_reads_no_more_pixels_than_the_header_claims(tmp_path: Path) -> None:
    image, _ = decoded(tmp_path, png(400, 400, zlib.compress(bytes(100_000_000), 1)), "PNG")
    assert image.size == (400, 400)


def test_it_takes_the_first_picture_of_an_animation(tmp_path: Path) -> None:
    first, second = portrait(300), portrait(300).rotate(5)
    moving = saved(first, "WEBP", save_all=True, append_images=[second], lossless=True)
    image, warnings = decoded(tmp_path, moving, "WEBP")
    assert difference(image, first) == 0
    assert warnings == ["first_picture_taken"]


def test_it_decodes_nothing_but_the_sniffed_format(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, saved(portrait(300), "TIFF"), "PNG") == "image_damaged"


def test_garbage_behind_a_right_beginning_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(5000)
    for beginning, image_format in ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG")):
        assert refusal_of(tmp_path, beginning + noise, image_format) == "image_damaged"


def test_a_film_of_pictures_without_a_clock_is_damaged(tmp_path: Path) -> None:
    buffer = BytesIO()
    first, second = (Image.new("RGB", (512, 512), colour) for colour in ("red", "blue"))
    first.save(buffer, "AVIF", save_all=True, append_images=[second])
    data = bytearray(buffer.getvalue())
    scale = data.index(b"mdhd") + 4 + 4 + (16 if data[data.index(b"mdhd") + 4] else 8)
    data[scale : scale + 4] = bytes(4)  # ticks of its clock in a second
    (tmp_path / "film").write_bytes(data)
    with pytest.raises(IntakeRefused) as refused:
        decode_picture(tmp_path / "film", "AVIF")
    assert refused.value.code == "image_damaged"
