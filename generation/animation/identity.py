"""Which model this is: one digest over all its files, for manifests and reports."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_MODEL_FILES = {".safetensors", ".tflite"}


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
