"""Decode, check and normalise one uploaded portrait, inside a confined process.

Run by `generation.intake.examine` as `python -m generation.intake.inspect_portrait`, with a `PortraitRequest`
as JSON on stdin. Prints a `PortraitAnswer` as JSON in one line, and pictures behind it: the confined process
writes no file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.intake.inspection import (
    InspectedPortrait,
    PortraitAnswer,
    PortraitRequest,
    Refusal,
    write_answer,
)
from generation.intake.limits import PORTRAIT_STORED_SIDE
from generation.intake.picture.decoding import DecodedPicture, decode_picture
from generation.intake.places import PictureFrame, boxed
from generation.intake.refusals import PORTRAIT_GENERATED, IntakeCode, IntakeRefused, IntakeWarning
from provenance.common.errors import gettext_noop as _
from provenance.common.strict_json import parse
from provenance.manifest.findings.causes import Cause
from provenance.manifest.reading import ManifestReading, ManifestState, read_manifest
from provenance.manifest.trust import TrustStore

# What the C2PA library calls the formats that it reads; it finds no credentials in the others.
C2PA_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
}


PREVIEW_SIDE = 1_000  # pixels: enough to show a person what is wrong
# A face that is chosen of several is a small part of the picture, so this is decoded finer.
CHOSEN_FROM_SIDE = 2 * PORTRAIT_STORED_SIDE


def main(request: PortraitRequest) -> tuple[PortraitAnswer, bytes]:
    """The answer to one request, and the pictures that follow it."""
    try:
        decoded = decode_picture(
            request.source,
            request.image_format,
            longest=CHOSEN_FROM_SIDE if request.choices.face_box else PORTRAIT_STORED_SIDE,
            background=request.choices.background,
        )
        credentials = read_credentials(request.source, request.image_format, request.trust)
    except IntakeRefused as refused:
        return PortraitAnswer(None, Refusal.of(refused)), b""
    return examine(request, decoded, credentials)


def examine(
    request: PortraitRequest, decoded: DecodedPicture, credentials: ManifestReading
) -> tuple[PortraitAnswer, bytes]:
    """Set a decoded picture upright, cut it to the chosen face, normalise it and prove that it renders."""
    # Loaded when the large picture is gone again: the face networks reserve memory of their own.
    from generation.intake.picture.chosen_face import cut_to_face  # noqa: PLC0415
    from generation.intake.picture.proof import prove_it_renders  # noqa: PLC0415
    from generation.intake.picture.upright import set_upright  # noqa: PLC0415

    pixels, turns = set_upright(np.asarray(decoded.image))
    frame = _frame_as_stored(decoded).quarter_turned(turns)
    generator, marked = read_generator(decoded.untouched)
    warnings = [*decoded.warnings, *marked]
    try:
        if request.choices.face_box:
            pixels, frame = cut_to_face(pixels, frame, request.choices.face_box)
        proven = prove_it_renders(pixels)
    except IntakeRefused as refused:
        preview = _preview(pixels)
        return PortraitAnswer(None, Refusal.of(refused, frame), _sizes(preview)), preview.tobytes()
    if turns:
        face = proven.face.box
        place = boxed("face", face, frame.width, frame.height)
        sentence = _("The picture lay on its side or upside down; it was set upright.")
        warnings.append(IntakeWarning("picture_turned", sentence, places=(place,)))
    remarks = (*warnings, *proven.warnings)
    portrait = InspectedPortrait(frame, remarks, _facts(credentials), generator, proven.square)
    sizes = _sizes(pixels, proven.still)
    return PortraitAnswer(portrait, None, sizes), pixels.tobytes() + proven.still.tobytes()


def _sizes(*pictures: NDArray[np.uint8]) -> tuple[tuple[int, int], ...]:
    return tuple((picture.shape[1], picture.shape[0]) for picture in pictures)


def _frame_as_stored(decoded: DecodedPicture) -> PictureFrame:
    """The frame of the picture at the size that it is stored at, whatever it was decoded at."""
    _, _, width, height = decoded.of_upload
    scale = min(1.0, PORTRAIT_STORED_SIDE / max(decoded.shown))
    size = (min(round(width * scale), decoded.image.width), min(round(height * scale), decoded.image.height))
    return PictureFrame(*size, decoded.of_upload)


def _preview(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    preview = Image.fromarray(pixels, "RGB")
    preview.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return np.asarray(preview, np.uint8)


def read_generator(image: Image.Image | None) -> tuple[str, tuple[IntakeWarning, ...]]:
    """Whose mark the pixels carry as they came: turning, colour conversion and scaling take it away."""
    from provenance.watermark.third_party_marks import detect_generator_watermark  # noqa: PLC0415 - loads OpenCV

    if image is None or image.mode not in {"RGB", "RGBA"}:  # the generators write no other
        return "", ()
    generator = detect_generator_watermark(np.asarray(image.convert("RGB")))
    if generator is None:
        return "", ()
    sentence = _(
        "The picture carries the mark that {generator} writes: the video's manifest will say that the "
        "portrait was generated."
    )
    return generator, (IntakeWarning(PORTRAIT_GENERATED, sentence.format(generator=generator)),)


def read_credentials(source: Path, image_format: str, trust: TrustStore) -> ManifestReading:
    """What the upload's own C2PA manifest says. Raises IntakeRefused if the picture changed after signing."""
    media_type = C2PA_MEDIA_TYPES.get(image_format)
    if media_type is None:
        return ManifestReading(ManifestState.NONE)
    reading = read_manifest(source, trust, media_type=media_type)
    # Only these say that something was changed; what else is wrong with credentials is recorded.
    if reading.state is ManifestState.INVALID and reading.causes.keys() & {Cause.CONTENT, Cause.SIGNATURE}:
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
    write_answer(*main(parse(PortraitRequest, sys.stdin.read())))
