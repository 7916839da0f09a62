"""Decode, check and normalise one uploaded portrait, inside a confined process.

Run by `generation.intake.examine` as `python -m generation.intake.inspect_portrait REQUEST_JSON`. The
normalised picture is written into the destination file, which has to exist: the confined process may write
but not create.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from generation.intake.inspection import InspectedPortrait, PortraitAnswer, PortraitRequest, Refusal
from generation.intake.limits import (
    PORTRAIT_MAX_PIXELS,
    PORTRAIT_MAX_SIDE,
    PORTRAIT_MIN_SIDE,
    PORTRAIT_STORED_SIDE,
)
from generation.intake.refusals import PORTRAIT_GENERATED, IntakeCode, IntakeRefused, IntakeWarning
from provenance.common.strict_json import parse, to_plain
from provenance.manifest.reading import ManifestReading, ManifestState, read_manifest
from provenance.manifest.trust import TrustStore


def main(request: PortraitRequest) -> PortraitAnswer:
    """The answer to one request."""
    try:
        return PortraitAnswer(inspect(request), None)
    except IntakeRefused as refused:
        return PortraitAnswer(None, Refusal.of(refused))


def inspect(request: PortraitRequest) -> InspectedPortrait:
    """Read credentials, decode, normalise and check the face. Raises IntakeRefused."""
    trust = parse(TrustStore, request.trust.read_text())
    image, warnings, generator = decode(request.source, request.image_format)
    credentials = read_credentials(request.source, request.image_format, trust)
    # compress_level 3: a third of the time of the default for a few per cent more bytes.
    image.save(request.destination, "PNG", compress_level=3)
    warnings += _check_face(np.asarray(image))
    return InspectedPortrait(image.width, image.height, tuple(warnings), _facts(credentials), generator)


def decode(source: Path, image_format: str) -> tuple[Image.Image, list[IntakeWarning], str]:
    """The picture upright, in sRGB, 8 bits, at most PORTRAIT_STORED_SIDE long. Raises IntakeRefused.

    The size in the header is judged before anything is decoded. The last value is the image generator whose
    mark the picture carries, empty without one.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit, with our own code, is below
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings: list[IntakeWarning] = []
    try:
        with Image.open(source, formats=[image_format]) as image:
            _check_size(image.width, image.height)
            # Phones store a second view behind a JPEG ("MPO"); its first picture is the portrait.
            if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
                raise IntakeRefused.because(IntakeCode.IMAGE_ANIMATED)
            image.load()
            upright = _to_srgb(ImageOps.exif_transpose(image), warnings)
            upright.thumbnail((PORTRAIT_STORED_SIDE, PORTRAIT_STORED_SIDE), Image.Resampling.LANCZOS)
            return upright, warnings, _read_generator(image, warnings)
    except UnidentifiedImageError:
        raise IntakeRefused.because(IntakeCode.IMAGE_DAMAGED) from None
    # Pillow raises SyntaxError for broken PNG chunks, OSError for truncation, ValueError and struct errors
    # (EOFError among them) for the rest; a MemoryError goes on to the isolation, which knows what to do.
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, OverflowError):
        raise IntakeRefused.because(IntakeCode.IMAGE_DAMAGED) from None


def _check_size(width: int, height: int) -> None:
    if width * height > PORTRAIT_MAX_PIXELS or max(width, height) > PORTRAIT_MAX_SIDE:
        raise IntakeRefused.because(IntakeCode.IMAGE_TOO_LARGE)
    if min(width, height) < PORTRAIT_MIN_SIDE:
        raise IntakeRefused.because(IntakeCode.IMAGE_TOO_SMALL)


def _read_generator(image: Image.Image, warnings: list[IntakeWarning]) -> str:
    """Whose mark the pixels carry as they came: turning, colour conversion and scaling take it away."""
    from provenance.watermark.third_party_marks import detect_generator_watermark  # noqa: PLC0415 - loads OpenCV

    if image.mode not in {"RGB", "RGBA"}:  # the generators write no other
        return ""
    generator = detect_generator_watermark(np.asarray(image.convert("RGB")))
    if generator is None:
        return ""
    warnings.append(
        IntakeWarning(
            PORTRAIT_GENERATED,
            f"The picture carries the mark that {generator} writes: the video's manifest will say that the "
            "portrait was generated.",
        )
    )
    return generator


def _to_srgb(image: Image.Image, warnings: list[IntakeWarning]) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode in {"P", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).clip(0, 255).astype(np.uint8), "L")
        profile = None
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        if np.asarray(alpha).min() < 255:
            warnings.append(IntakeWarning("transparency_filled", "Transparent parts were filled with grey."))
        opaque = Image.new("RGB", image.size, (128, 128, 128))
        opaque.paste(image.convert("RGB"), mask=alpha)
        image = opaque
    if profile:
        image = _apply_profile(image, profile, warnings)
    # A picture made anew from the pixels carries nothing else over.
    return Image.fromarray(np.asarray(image.convert("RGB")), "RGB")


def _apply_profile(image: Image.Image, profile: bytes, warnings: list[IntakeWarning]) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        warnings.append(IntakeWarning("colour_profile_unusable", "The colour profile could not be used."))
        return image
    return converted if converted is not None else image


def _check_face(image: NDArray[np.uint8]) -> list[IntakeWarning]:
    from generation.animation.portrait.portrait_check import PortraitRejected, check_portrait  # noqa: PLC0415

    try:
        report = check_portrait(image)
    except PortraitRejected as rejection:
        raise IntakeRefused(rejection.message, code=str(rejection.code), hint=rejection.hint) from None
    return [IntakeWarning(str(warning.code), warning.message) for warning in report.warnings]


def read_credentials(source: Path, image_format: str, trust: TrustStore) -> ManifestReading:
    """What the upload's own C2PA manifest says. Raises IntakeRefused if the picture changed after signing."""
    reading = read_manifest(source, trust, media_type=f"image/{image_format.lower()}")
    # What is wrong with the signer or the time-stamp is recorded; what is wrong with the content is
    # tampering.
    broken = [code for code in reading.codes if not code.startswith(("signingCredential.", "timeStamp."))]
    if reading.state is ManifestState.INVALID and broken:
        raise IntakeRefused.because(IntakeCode.CREDENTIALS_TAMPERED)
    # The reader also gives up on pictures with odd segments; only if there are credentials is that tampering.
    if reading.state is ManifestState.UNREADABLE and b"c2pa" in source.read_bytes():
        raise IntakeRefused.because(IntakeCode.CREDENTIALS_TAMPERED)
    return reading


def _facts(reading: ManifestReading) -> dict[str, str]:
    if reading.state in {ManifestState.NONE, ManifestState.UNREADABLE}:
        return {}
    facts = {
        "state": reading.state.value,
        "label": reading.label,
        "signer_name": reading.signer_name,
        "digital_source_type": reading.digital_source_type,
    }
    return {name: value for name, value in facts.items() if value}


if __name__ == "__main__":
    print(json.dumps(to_plain(main(parse(PortraitRequest, sys.argv[1])))))  # noqa: T201 - the answer to the parent
