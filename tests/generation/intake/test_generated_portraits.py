"""A portrait with an image generator's mark is taken, and remembered as generated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.intake.inspect_portrait import read_generator
from generation.intake.picture.decoding import decode_picture
from tests.generation.intake.files import marked, portrait, saved


def read(tmp_path: Path, data: bytes, image_format: str) -> tuple[str, list[str]]:
    path = tmp_path / "upload"
    path.write_bytes(data)
    decoded = decode_picture(path, image_format)
    generator, marked = read_generator(decoded.untouched)
    warnings = (*decoded.warnings, *marked)
    return generator, [warning.code for warning in warnings]


@pytest.mark.parametrize("generator", ["Stable Diffusion 1", "Stable Diffusion 2", "Stable Diffusion XL"])
def test_it_reads_which_generator_made_it(tmp_path: Path, generator: str) -> None:
    data = saved(marked(portrait(512), generator), "PNG")
    assert read(tmp_path, data, "PNG") == (generator, ["portrait_generated"])


def test_it_reads_the_mark_through_an_opaque_alpha_channel(tmp_path: Path) -> None:
    data = saved(marked(portrait(512), "InvokeAI").convert("RGBA"), "PNG")
    assert read(tmp_path, data, "PNG") == ("InvokeAI", ["portrait_generated"])


@pytest.mark.slow
def test_it_reads_the_mark_before_a_large_picture_is_made_smaller(tmp_path: Path) -> None:
    data = saved(marked(portrait(2304), "FLUX"), "PNG", compress_level=1)
    assert read(tmp_path, data, "PNG")[0] == "FLUX"


def test_it_reads_the_mark_before_the_picture_is_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(marked(portrait(512), "FLUX"), "JPEG", exif=exif, quality=95, subsampling=0)
    assert read(tmp_path, data, "JPEG")[0] == "FLUX"


def test_pictures_without_a_mark_say_nothing(tmp_path: Path) -> None:
    deep = Image.fromarray(np.asarray(portrait(300).convert("L"), np.uint16) * 257)
    for picture in (portrait(512), portrait(512).convert("L"), portrait(512).convert("P"), deep):
        generator, warnings = read(tmp_path, saved(picture, "PNG"), "PNG")
        assert generator == ""
        assert "portrait_generated" not in warnings
