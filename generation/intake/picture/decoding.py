"""Decodes a portrait of any accepted format: upright by its EXIF, sRGB, 8 bits, in bounded memory."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from generation.intake.choices import GREY, Colour
from generation.intake.formats.iso_bmff import CodedColour, coded_colour
from generation.intake.limits import (
    PORTRAIT_MAX_PIXELS,
    PORTRAIT_MAX_SIDE,
    PORTRAIT_MIN_SIDE,
    PORTRAIT_STORED_SIDE,
)
from generation.intake.picture.borders import content_box
from generation.intake.picture.colour import apply_profile, colour_of_png, from_coded, from_gamma
from generation.intake.picture.file_end import with_end_marker
from generation.intake.places import Box
from generation.intake.refusals import IntakeCode, IntakeRefused, IntakeWarning
from provenance.common.errors import gettext_noop as _

PNG_HEAD_BYTES = 256 * 1024
# Pillow raises SyntaxError for broken PNG chunks, OSError for truncation, ValueError and struct errors
# (EOFError among them) for the rest; a MemoryError goes on to the isolation, which knows what to do.
DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    ArithmeticError,
    RuntimeError,
)
_ORIENTATION = 0x0112  # of EXIF
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {5, 6, 7, 8}
# Sum of the luminance quantisation table at quality 30: what is coarser shows in blocks.
COARSE_TABLE = 2_900


@dataclass(frozen=True, eq=False)
class DecodedPicture:
    """The picture, where it lies in the upload, whose size is `shown`, remarks, and its samples as they came
    where nothing was scaled (else None). Places and sizes of the upload respect its EXIF."""

    image: Image.Image
    of_upload: Box
    shown: tuple[int, int]
    warnings: tuple[IntakeWarning, ...]
    untouched: Image.Image | None


def decode_picture(
    source: Path,
    image_format: str,
    *,
    longest: int = PORTRAIT_STORED_SIDE,
    background: Colour = GREY,
) -> DecodedPicture:
    """The picture upright by its EXIF, in sRGB, 8 bits, at most `longest` pixels long. Raises IntakeRefused.

    `image_format` is Pillow's name of the only decoder that may run; `background` fills transparent parts.
    The size in the header is judged before anything is decoded. Large pictures are decoded smaller where the
    format can, and scaled before their colours are converted where it cannot, so that memory holds one copy
    of the large one.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit, with our own code, is below
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if image_format == "HEIF":
        _register_heif()
    try:
        return _decode(source, image_format, source, longest, background)
    except UnidentifiedImageError:
        raise IntakeRefused.because(IntakeCode.IMAGE_DAMAGED) from None
    except DECODING_ERRORS:
        whole = with_end_marker(source.read_bytes(), image_format)
        if whole is None:
            raise IntakeRefused.because(IntakeCode.IMAGE_DAMAGED) from None
    try:
        return _decode(io.BytesIO(whole), image_format, source, longest, background)
    except DECODING_ERRORS:
        raise IntakeRefused.because(IntakeCode.IMAGE_DAMAGED) from None


def _decode(
    opened: Path | io.BytesIO, image_format: str, source: Path, longest: int, background: Colour
) -> DecodedPicture:
    warnings: list[IntakeWarning] = []
    with Image.open(opened, formats=[image_format]) as image:
        size = image.size
        _check_size(*size)
        # Phones store further views and gain maps behind a JPEG ("MPO"); its first picture is the portrait.
        if getattr(image, "n_frames", 1) > 1 and image_format not in {"JPEG", "HEIF"}:
            sentence = _("The file holds several pictures; the first one was taken.")
            warnings.append(IntakeWarning("first_picture_taken", sentence))
        warnings += _compression(image)
        _ask_for_less(image, longest)
        image.load()
        small = _scaled(image, longest)
        untouched = image if small is image else None
        orientation = image.getexif().get(_ORIENTATION, 1)
        turn = _TURNS.get(orientation)
        upright = small if turn is None else small.transpose(turn)
        colour = _stated_colour(source, image_format) if not image.info.get("icc_profile") else None
        picture = _to_srgb(upright, image.info, colour, background, warnings)
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    shown_width, shown_height = size[::-1] if orientation in _SIDEWAYS else size
    kx, ky = shown_width / picture.width, shown_height / picture.height
    left, top, right, bottom = _inside_borders(picture, warnings)
    if (left, top, right, bottom) != (0, 0, *picture.size):
        picture = Image.fromarray(np.asarray(picture.crop((left, top, right, bottom))), "RGB")
    of_upload = (left * kx, top * ky, (right - left) * kx, (bottom - top) * ky)
    return DecodedPicture(picture, of_upload, (shown_width, shown_height), tuple(warnings), untouched)


def _register_heif() -> None:
    from pi_heif import register_heif_opener  # noqa: PLC0415 - loads native code

    register_heif_opener(thumbnails=False)


def _check_size(width: int, height: int) -> None:
    if width * height > PORTRAIT_MAX_PIXELS or max(width, height) > PORTRAIT_MAX_SIDE:
        raise IntakeRefused.because(IntakeCode.IMAGE_TOO_LARGE)
    if min(width, height) < PORTRAIT_MIN_SIDE:
        raise IntakeRefused.because(IntakeCode.IMAGE_TOO_SMALL)


def _ask_for_less(image: Image.Image, longest: int) -> None:
    """Let the decoder itself scale where it can: JPEG by eighths, JPEG 2000 by resolution levels."""
    if image.format in {"JPEG", "MPO"}:
        image.draft(None, (longest, longest))
    elif image.format == "JPEG2000":
        levels = (max(image.size) // longest).bit_length() - 1
        if levels > 0:
            image.reduce = levels  # type: ignore[method-assign, assignment]


def _scaled(image: Image.Image, longest: int) -> Image.Image:
    """The picture reduced by a whole factor, still no smaller than `longest`."""
    factor = max(image.size) // longest
    if factor < 2 or image.mode in {"P", "PA", "1"} or image.mode.startswith(("I", "F")):
        return image
    return Image.Image.reduce(image, factor)


def _compression(image: Image.Image) -> list[IntakeWarning]:
    tables = getattr(image, "quantization", None)
    if not tables or sum(tables[min(tables)]) < COARSE_TABLE:
        return []
    sentence = _("The picture is compressed so strongly that its blocks show; a better copy looks better.")
    return [IntakeWarning("compressed", sentence)]


def _stated_colour(source: Path, image_format: str) -> CodedColour | float | None:
    with source.open("rb") as file:
        if image_format == "PNG":
            return colour_of_png(file.read(PNG_HEAD_BYTES))
        if image_format in {"HEIF", "AVIF"}:
            return coded_colour(file, source.stat().st_size)
    return None


def _to_srgb(
    image: Image.Image,
    info: dict[str | tuple[int, int], object],
    colour: CodedColour | float | None,
    background: Colour,
    warnings: list[IntakeWarning],
) -> Image.Image:
    profile = info.get("icc_profile")
    if image.mode in {"P", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).clip(0, 255).astype(np.uint8), "L")
        profile = None
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if alpha is not None:
        image = image.convert("RGB")
    if isinstance(profile, bytes) and profile:
        image = apply_profile(image, profile, warnings)
    image = image.convert("RGB")
    if isinstance(colour, CodedColour):
        image = from_coded(image, colour)
    elif colour is not None:
        image = from_gamma(image, colour)
    if alpha is not None and np.asarray(alpha).min() < 255:
        image = _filled(image, alpha, background, warnings)
    # A picture made anew from the pixels carries nothing else over.
    return Image.fromarray(np.asarray(image), "RGB")


def _filled(
    image: Image.Image, alpha: Image.Image, background: Colour, warnings: list[IntakeWarning]
) -> Image.Image:
    sentence = _("Transparent parts were filled with grey.")
    if background != GREY:
        sentence = _("Transparent parts were filled with {colour}.").format(
            colour="#" + bytes(background).hex()
        )
    warnings.append(IntakeWarning("transparency_filled", sentence, _("Another colour can be chosen.")))
    opaque = Image.new("RGB", image.size, background)
    opaque.paste(image, mask=alpha)
    return opaque


def _inside_borders(image: Image.Image, warnings: list[IntakeWarning]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is kept, with a warning where something is not."""
    box = content_box(np.asarray(image))
    if box == (0, 0, *image.size) or min(box[2] - box[0], box[3] - box[1]) < PORTRAIT_MIN_SIDE:
        return 0, 0, image.width, image.height
    warnings.append(IntakeWarning("borders", _("Bars of one colour around the picture were cut off.")))
    return box
