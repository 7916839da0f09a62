"""The stored portrait as the model wants it, examined again. For workers only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.models import Portrait
from generation.services.uploads import examine_stored_portrait


def portrait_pixels(portrait: Portrait, *, workspace: Path) -> tuple[NDArray[np.uint8], str]:
    """(H, W, 3) uint8 RGB, after the same examination that the portrait had on upload, and the image
    generator whose mark it carries.

    Storing a large picture smaller took the mark away, and older rows were not asked for one: what the row
    says and what is found both count. Raises IntakeRefused, FileNotFoundError, StoredFileDamaged.
    """
    examined = examine_stored_portrait(portrait, workspace=workspace)
    with Image.open(examined.path) as image:
        pixels = np.array(image.convert("RGB"))
    return pixels, portrait.generated_by or examined.generated_by
