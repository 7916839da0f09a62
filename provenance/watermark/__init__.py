"""The invisible watermark: a record id in every frame that survives what people do to videos.

The parts are kept apart on purpose, so that each can be replaced alone: `payload` (what is said),
`error_correction` (how it survives wrong bits), `pattern` (which waves carry which bit), `masking` (how
strong they may be at each place), `embedder`; then `residual`, `framing`, `search`, `refinement`,
`synchroniser` (how a file's frames are brought back to where the pattern was), `spectrum`, `extractor` (what
they say), `registry` and `decision` (what that is worth, and how often it would be wrong); and `content`
(whether the mark is still on the video that it was made for).

Keys, payloads and the algorithm's name are plain values that the web process may import; what loads OpenCV is
loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from provenance.watermark.coding.payload import ALGORITHM, WatermarkKey, WatermarkPayload

if TYPE_CHECKING:
    from provenance.watermark.embedder import Embedder
    from provenance.watermark.extractor import Extractor

__all__ = ["ALGORITHM", "Embedder", "Extractor", "WatermarkKey", "WatermarkPayload"]

_LOADED_ON_USE = {
    "Embedder": "provenance.watermark.embedder",
    "Extractor": "provenance.watermark.extractor",
}


def __getattr__(name: str) -> object:
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LOADED_ON_USE[name]), name)
