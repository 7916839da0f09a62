"""Picture files in the shapes that cameras, telephones, screens and programs write, made by real encoders."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

PORTRAIT = Path(__file__).parents[2] / "samples" / "portraits" / "maya.jpg"
ORIENTATION = 0x0112


@cache
def portrait(width: int = 512, height: int = 512) -> Image.Image:
    """The bundled portrait of a person who does not exist, RGB, scaled and cut to the size."""
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    with Image.open(PORTRAIT) as image:
        square = image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    return square.crop((left, top, left + width, top + height))


@dataclass(frozen=True)
class PictureShape:
    """One shape: what it is called when sent, how it is made, and the picture that should come out."""

    name: str
    make: Callable[[], bytes]
    size: tuple[int, int] = (512, 512)


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def heic(image: Image.Image, **options: object) -> bytes:
    """The picture as HEIC."""
    import pillow_heif  # noqa: PLC0415 - of the test packages

    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=95, **options)
    return buffer.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with(chunk: bytes, image: Image.Image) -> bytes:
    """A PNG with a further chunk behind its header."""
    data = saved(image, "PNG")
    return data[:33] + chunk + data[33:]


def in_gamma(image: Image.Image, exponent: float) -> Image.Image:
    """The picture's light coded with another exponent than sRGB."""
    code = np.linspace(0, 1, 256)
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return image.point([round(float(value) * 255) for value in light**exponent] * 3)


def in_display_p3(image: Image.Image) -> Image.Image:
    """The picture's colours in the primaries of Display P3, with sRGB's transfer function."""
    to_p3 = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])
    code = np.asarray(image, np.float64) / 255
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4) @ to_p3.T
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(np.clip(coded, 0, 1) * 255).astype(np.uint8), "RGB")


def _turned(orientation: int) -> bytes:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(portrait().transpose(back[orientation]), "JPEG", quality=95, exif=exif)


def _sixteen_bits() -> bytes:
    rows = np.asarray(portrait()).astype(">u2") * 257
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", 512, 512, 16, 2, 0, 0, 0)
    parts = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(raw)), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _without_end(data: bytes, length: int) -> bytes:
    return data[:-length]


def _framed() -> bytes:
    canvas = Image.new("RGB", (512, 712))
    canvas.paste(portrait(), (0, 100))
    return saved(canvas, "PNG")


def _scanned_print() -> bytes:
    canvas = Image.new("RGB", (700, 800), (246, 244, 238))
    canvas.paste(portrait(), (93, 108))
    noise = np.random.default_rng(0).normal(0, 2, (800, 700, 1))
    scan = Image.fromarray(np.clip(np.asarray(canvas) + noise, 0, 255).astype(np.uint8))
    return saved(scan, "JPEG", quality=92)


def _with_film(picture: bytes) -> bytes:
    """A picture with the film of a motion photograph behind it: as a box in HEIC, bare behind JPEG."""
    film = (
        struct.pack(">I8s", 16, b"ftypmp42") + bytes(4) + struct.pack(">I4s", 2_008, b"mdat") + bytes(2_000)
    )
    return picture + (
        film if picture[:2] == b"\xff\xd8" else struct.pack(">I4s", len(film) + 8, b"mpvd") + film
    )


def _lab() -> bytes:
    profiles = (ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"))
    converted = ImageCms.profileToProfile(portrait(), *profiles, outputMode="LAB")
    assert converted is not None
    return saved(converted, "TIFF")


def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _series(image_format: str, **options: object) -> bytes:
    second = portrait().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return saved(portrait(), image_format, save_all=True, append_images=[second], **options)


def _jpeg(width: int, height: int) -> Callable[[], bytes]:
    return lambda: saved(portrait(width, height), "JPEG", quality=90)


CICP_P3 = png_chunk(b"cICP", bytes((12, 13, 0, 1)))
GAMMA_1 = png_chunk(b"gAMA", struct.pack(">I", 100_000))
GAMMA_SRGB = png_chunk(b"gAMA", struct.pack(">I", 45_455))
_P = PictureShape
SHAPES = (
    _P("camera.jpg", lambda: saved(portrait(), "JPEG", quality=95)),
    _P("progressive.jpg", lambda: saved(portrait(), "JPEG", quality=95, progressive=True)),
    _P("full colour.jpg", lambda: saved(portrait(), "JPEG", quality=95, subsampling=0)),
    _P("cmyk.jpg", lambda: saved(portrait().convert("CMYK"), "JPEG", quality=95)),
    _P("profile.jpg", lambda: saved(portrait(), "JPEG", quality=95, icc_profile=_srgb())),
    _P("no end.jpg", lambda: _without_end(saved(portrait(), "JPEG", quality=95), 2)),
    _P("two views.jpg", lambda: _series("MPO", quality=95)),
    *(
        _P(f"orientation {number}.jpg", lambda number=number: _turned(number))  # type: ignore[misc]
        for number in range(2, 9)
    ),
    _P("png.png", lambda: saved(portrait(), "PNG")),
    _P("sixteen bits.png", _sixteen_bits),
    _P("opaque.png", lambda: saved(portrait().convert("RGBA"), "PNG")),
    _P("palette.png", lambda: saved(portrait().quantize(256), "PNG")),
    _P("linear.png", lambda: png_with(GAMMA_1, in_gamma(portrait(), 1.0))),
    _P("gamma of sRGB.png", lambda: png_with(GAMMA_SRGB, portrait())),
    _P("display p3.png", lambda: png_with(CICP_P3, in_display_p3(portrait()))),
    _P("no end.png", lambda: _without_end(saved(portrait(), "PNG"), 12)),
    _P("animated.png", lambda: _series("PNG")),
    _P("framed.png", _framed),
    _P("webp.webp", lambda: saved(portrait(), "WEBP", quality=95)),
    _P("lossless.webp", lambda: saved(portrait(), "WEBP", lossless=True)),
    _P("animated.webp", lambda: _series("WEBP", lossless=True)),
    _P("telephone.heic", lambda: heic(portrait())),
    _P("several.heic", lambda: heic(portrait(), save_all=True)),
    _P("avif.avif", lambda: saved(portrait(), "AVIF", quality=100, subsampling="4:4:4", speed=9)),
    _P("animated.avif", lambda: _series("AVIF", quality=100, subsampling="4:4:4", speed=9)),
    _P("film.jp2", lambda: saved(portrait(), "JPEG2000")),
    _P("stream.j2k", lambda: saved(portrait(), "JPEG2000", no_jp2=True)),
    _P("scan.tif", lambda: saved(portrait(), "TIFF")),
    _P("lzw.tiff", lambda: saved(portrait(), "TIFF", compression="tiff_lzw")),
    _P("jpeg.tif", lambda: saved(portrait(), "TIFF", compression="jpeg", quality=95)),
    _P("pages.tif", lambda: _series("TIFF")),
    _P("large.tif", lambda: saved(portrait(), "TIFF", big_tiff=True)),
    _P("cmyk.tif", lambda: saved(portrait().convert("CMYK"), "TIFF")),
    _P("lab.tif", _lab),
    _P("scanned print.jpg", _scanned_print),
    _P("motion photo.jpg", lambda: _with_film(saved(portrait(), "JPEG", quality=95))),
    _P("motion photo.heic", lambda: _with_film(heic(portrait()))),
    _P("bitmap.bmp", lambda: saved(portrait(), "BMP")),
    _P("gif.gif", lambda: saved(portrait(), "GIF")),
    _P("animated.gif", lambda: _series("GIF")),
    _P("called another.jpg", lambda: saved(portrait(), "PNG")),
    _P("Anna M. Meyer", lambda: saved(portrait(), "JPEG", quality=95)),
    _P("12 megapixels.jpg", _jpeg(4032, 3024), (4032, 3024)),
    _P("24 megapixels.jpg", _jpeg(5712, 4284), (5712, 4284)),
    _P("48 megapixels.jpg", _jpeg(8064, 6048), (8064, 6048)),
    _P("50 megapixels.jpg", _jpeg(8192, 6144), (8192, 6144)),
)
