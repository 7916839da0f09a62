"""The invisible watermark: a 48-bit id in every frame that survives what people do to videos.

The parts are kept apart on purpose, so that each can be replaced alone: `coding` (payload and error
correction), `carrier` (which carriers hold which bit, how strong they may be, how they are measured in
frames), `embedder`; then `synchronisation` (how a file's frames are aligned with the pattern), `extractor`
(soft bits and payloads), `identification` (which issued id it is, and how often that would be wrong); and
`content` (whether the mark is still on the video that it was made for).

Keys, payloads and the algorithm's name are plain values that the web process may import; what loads OpenCV is
loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from provenance.watermark.coding.payload import ALGORITHM, ALGORITHMS, WatermarkKey, WatermarkPayload

if TYPE_CHECKING:
    from provenance.watermark.embedder import Embedder
    from provenance.watermark.extractor import Extractor

__all__ = ["ALGORITHM", "ALGORITHMS", "Embedder", "Extractor", "WatermarkKey", "WatermarkPayload"]

_LOADED_ON_USE = {
    "Embedder": "provenance.watermark.embedder",
    "Extractor": "provenance.watermark.extractor",
}


def __getattr__(name: str) -> object:
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LOADED_ON_USE[name]), name)
