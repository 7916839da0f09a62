"""Colour to sRGB: ICC profiles, and the code points or gamma with which pictures without one say the same.

Code points are those of ITU-T H.273, as PNG (cICP), HEIC and AVIF (nclx) write them.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from generation.intake.formats.iso_bmff import CodedColour
from generation.intake.refusals import IntakeWarning
from provenance.common.errors import gettext_noop as _

# Chromaticities of red, green and blue; all of them with the white of D65.
_PRIMARIES = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),  # BT.709 and sRGB
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
_D65 = (0.3127, 0.3290)
_GAMMA = {4: 2.2, 5: 2.8, 8: 1.0}
_PQ, _HLG = 16, 18
_WHITE_NITS = 203.0  # of HDR reference white (ITU-R BT.2408)
_HLG_WHITE = 0.265  # linear light of 203 nits on a display of 1000
PNG_SIGNATURE_BYTES = 8
SRGB_GAMMA = 1 / 2.2


def apply_profile(image: Image.Image, profile: bytes, warnings: list[IntakeWarning]) -> Image.Image:
    """The picture in sRGB by its ICC profile; as it is, with a warning, where the profile is unusable.

    A grey picture with a profile for colour, or the other way round, is brought to the profile's own form.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "GRAY" and image.mode != "L":
            image = image.convert("L")
        elif space == "RGB" and image.mode != "RGB":
            image = image.convert("RGB")
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        warnings.append(IntakeWarning("colour_profile_unusable", _("The colour profile could not be used.")))
        return image
    return converted if converted is not None else image


def colour_of_png(data: bytes) -> CodedColour | float | None:
    """The code points (cICP) or else the gamma (gAMA) that a PNG states before its pixels.

    None where it states neither, or a profile or sRGB instead of a gamma.
    """
    gamma, place = None, PNG_SIGNATURE_BYTES
    while place + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        content = data[place + 8 : place + 8 + min(length, 4)]
        if name == b"cICP" and length == 4:
            return CodedColour(content[0], content[1])
        if name == b"IDAT":
            break
        if name in {b"iCCP", b"sRGB"}:
            gamma = 0.0
        if name == b"gAMA" and length == 4 and gamma is None:
            gamma = struct.unpack(">I", content)[0] / 100_000
        place += 12 + length
    return gamma if gamma and abs(gamma - SRGB_GAMMA) > 0.01 else None


def from_gamma(image: Image.Image, gamma: float) -> Image.Image:
    """An RGB picture whose samples are light to the power `gamma`, in sRGB."""
    linear = np.linspace(0, 1, 256) ** (1 / max(gamma, 0.05))
    table = _to_eight_bits(_encode_srgb(linear))
    return image.point([int(level) for level in table] * 3)


def from_coded(image: Image.Image, colour: CodedColour) -> Image.Image:
    """An RGB picture of other primaries or another transfer function, in sRGB; highlights of HDR are bent."""
    primaries = _PRIMARIES.get(colour.primaries, _PRIMARIES[1])
    if primaries is _PRIMARIES[1] and colour.transfer not in _GAMMA.keys() | {_PQ, _HLG}:
        return image
    light = _linear(np.linspace(0, 1, 256), colour.transfer).astype(np.float32)
    matrix = (np.linalg.inv(_to_xyz(_PRIMARIES[1])) @ _to_xyz(primaries)).astype(np.float32)
    pixels = np.asarray(image)
    made = np.empty_like(pixels)
    for top in range(0, len(pixels), 64):
        made[top : top + 64] = _to_eight_bits(_encode_srgb(_bent(light[pixels[top : top + 64]] @ matrix.T)))
    return Image.fromarray(made, "RGB")


def _linear(code: NDArray[np.float64], transfer: int) -> NDArray[np.float64]:
    """Light of sample values 0..1, 1 for reference white."""
    if transfer == _PQ:
        power = code ** (32 / 2523)
        nits = 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (16_384 / 2610)
        return np.asarray(nits / _WHITE_NITS)
    if transfer == _HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
        return np.asarray(light / _HLG_WHITE)
    if transfer in _GAMMA:
        return np.asarray(code ** _GAMMA[transfer])
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def _bent(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light 0..1 from light that may exceed 1: untouched up to 0.8 unless something does."""
    if light.max() <= 1.0:
        return light
    over = np.maximum(light - 0.8, 0)
    return np.where(light > 0.8, 0.8 + 0.2 * over / (over + 0.2), light)


def _encode_srgb(light: NDArray[np.floating]) -> NDArray[np.floating]:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _to_eight_bits(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(values * 255), np.uint8)


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """The matrix from linear RGB of these primaries to XYZ."""

    def xyz(x: float, y: float) -> NDArray[np.float64]:
        return np.array([x / y, 1.0, (1 - x - y) / y])

    columns = np.stack([xyz(*point) for point in primaries], axis=1)
    return np.asarray(columns * np.linalg.solve(columns, xyz(*_D65)))
