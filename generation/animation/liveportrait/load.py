"""Loads LivePortrait as the settings say: folder, digest, and how the networks are to run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generation.animation.liveportrait.refusal import WeightsRefused

if TYPE_CHECKING:
    from generation.animation.liveportrait.renderer import LivePortraitRenderer

# Read here and not handed over: registries load a part by its name and a device. The settings check them.
FOLDER: Final = "LIKENESS_LIVEPORTRAIT_FOLDER"
DIGEST: Final = "LIKENESS_LIVEPORTRAIT_DIGEST"
HALF: Final = "LIKENESS_LIVEPORTRAIT_HALF"
COMPILE: Final = "LIKENESS_LIVEPORTRAIT_COMPILE"
BATCH: Final = "LIKENESS_LIVEPORTRAIT_BATCH"
_YES: Final = ("1", "true", "yes", "on")


def load(device: str, environment: Mapping[str, str] = os.environ) -> LivePortraitRenderer:
    """The renderer with the weights in the folder of the settings, on "cpu", "cuda", or "auto" for whichever
    is there.

    Raises WeightsRefused for files that are missing, are not those that the digest names, or do not fit.
    """
    import torch  # noqa: PLC0415

    from generation.animation.liveportrait.networks import Networks, Options  # noqa: PLC0415
    from generation.animation.liveportrait.renderer import LivePortraitRenderer  # noqa: PLC0415
    from generation.animation.liveportrait.weights import (  # noqa: PLC0415
        digest_of,
        find_files,
        read_weights,
    )

    folder, digest = environment.get(FOLDER, ""), environment.get(DIGEST, "")
    if not folder or not digest:
        raise WeightsRefused(f"LivePortrait needs {FOLDER} and {DIGEST}; see docs/liveportrait.md.")
    files = find_files(Path(folder))
    found = digest_of(files)
    if found != digest.lower():
        raise WeightsRefused(f"The weights in {folder} have the digest {found}, not {digest}.")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    options = Options(
        half=environment.get(HALF, "").lower() in _YES,
        compiled=environment.get(COMPILE, "").lower() in _YES,
        batch=max(1, int(environment.get(BATCH, "1"))),
    )
    networks = Networks.build(read_weights(files), device=device, options=options)
    return LivePortraitRenderer(networks, found, device, options)
