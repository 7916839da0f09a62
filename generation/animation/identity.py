"""Model identity: what a renderer or a motion source states about itself, and the digest of our own files."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

MODEL_NAME: Final = "Likeness face rig"
# The version of the release: the digest covers weights and assets only, the version stands for the code too.
MODEL_VERSION: Final = "0.18.0"

_HERE = Path(__file__).parent
_MODEL_FILES = {".safetensors", ".tflite"}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class PixelOrigin(StrEnum):
    """Where the pixels of a person come from in the frames of a model."""

    PORTRAIT = "portrait"
    """Warped, lit and blended from the portrait, as far as it shows what is needed."""
    GENERATED = "generated"
    """Synthesised by a trained network, every one of them."""
    NONE = "none"
    """The model makes no pixels: a motion source that is not a renderer too."""


@dataclass(frozen=True)
class ModelIdentity:
    """What a model states about itself; the manifest of every video made with it says the same.

    `name` and `version` are for people. `digest` is the SHA-256, 64 lower-case hexadecimal digits, that
    identifies the files of the model (weights, and assets that shape its output). `pixel_origin` decides the
    IPTC digital source type. Raises ValueError for an empty name or version and for a malformed digest.
    """

    name: str
    version: str
    digest: str
    pixel_origin: PixelOrigin

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.version.strip():
            raise ValueError("A model must state a name and a version.")
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(
                f"The digest of {self.name} must be 64 lower-case hexadecimal digits, not {self.digest!r}."
            )


@cache
def model_digest() -> str:
    """SHA-256, 64 hexadecimal digits, over name and SHA-256 of each weight file and asset, in order of names.

    The same files give the same digest on every machine; `sha256sum` over them gives its lines.
    """
    files = [path for path in (_HERE / "assets", _HERE / "weights") for path in path.iterdir()]
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(_HERE).as_posix()}\n"
        for path in sorted(files)
        if path.suffix in _MODEL_FILES
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@cache
def face_rig_identity() -> ModelIdentity:
    """The identity of the bundled model: face rig, motion network and speech networks, released together."""
    return ModelIdentity(MODEL_NAME, MODEL_VERSION, model_digest(), PixelOrigin.PORTRAIT)
