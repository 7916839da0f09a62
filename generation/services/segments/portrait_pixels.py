"""The stored portrait as the model wants it, examined once by each worker. For workers only."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation import storage
from generation.intake.limits import WORKER_WALL_S
from generation.intake.own_mark import OWN_GENERATOR, is_ours
from generation.models import Portrait
from generation.services.preflight import examine_stored_portrait
from provenance.keys.service_keys import SecretUnusable, trust_store
from provenance.manifest.trust import TrustStore
from provenance.services.watermark_registry import IssuedWatermarks
from provenance.verify.evidence.reader_report import WatermarkReport
from provenance.watermark import Extractor

MOST_REMEMBERED = 1024
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Accepted:
    """What an examination found. Of the picture only a SHA-256, since the picture may have to be erased."""

    pixels_sha256: str
    generated_by: str


_accepted: dict[tuple[str, TrustStore], _Accepted] = {}


def portrait_pixels(
    portrait: Portrait, *, workspace: Path, wall_s: float = WORKER_WALL_S
) -> tuple[NDArray[np.uint8], str]:
    """(H, W, 3) uint8 RGB, after the same examination that the portrait had on upload, and the image
    generator whose mark it carries.

    An examination renders the face to prove that it can be rendered, and takes a third of what a short video
    does. So a worker does not repeat one that it made of the same bytes under the same trust: the file is
    read without, and must have the pixels that were accepted.

    Storing a large picture smaller took the mark away, and older rows were not asked for one, nor for ours:
    what the row says and what is found both count. Raises IntakeRefused, FileNotFoundError,
    StoredFileDamaged, and ReaderLate after `wall_s` on the clock.
    """
    trust = trust_store()
    key = (portrait.image_key, trust)
    if (accepted := _accepted.get(key)) is not None:
        with storage.local_path(portrait.image_key) as path:
            pixels = _pixels_of(path)
        if _sha256_of(pixels) == accepted.pixels_sha256:
            return pixels, portrait.generated_by or accepted.generated_by
    examined = examine_stored_portrait(portrait, workspace=workspace, trust=trust, wall_s=wall_s)
    pixels = _pixels_of(examined.path)
    if len(_accepted) >= MOST_REMEMBERED:
        _accepted.clear()
    generated_by = portrait.generated_by or examined.generated_by
    if not generated_by and _is_marked_by_us(pixels):
        generated_by = OWN_GENERATOR
    _accepted[key] = _Accepted(_sha256_of(pixels), generated_by)
    return pixels, generated_by


def _is_marked_by_us(pixels: NDArray[np.uint8]) -> bool:
    """Looked for here: they are pixels of our own, in a process that marks videos with the same keys."""
    extractor = Extractor()
    extractor.add(np.asarray(Image.fromarray(pixels).convert("L")))
    try:
        watermarks = IssuedWatermarks()
        report = WatermarkReport(None, extractor.read(watermarks.keys()))
    except SecretUnusable as error:  # of an earlier year
        logger.warning("Our mark was not looked for in a portrait: %s", error)
        return False
    return is_ours(watermarks.interpret(report))


def _pixels_of(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def _sha256_of(pixels: NDArray[np.uint8]) -> str:
    """Of shape and pixels: two pictures of other shapes may have the same bytes."""
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
