"""The invisible watermark: a record id in every frame that survives re-encoding.

The parts are kept apart on purpose, so that each can be replaced alone:
`payload` (what is said), `error_correction` (how it survives bit errors), `layout` (which block carries which
bit), `carrier` (how a block of pixels holds one bit), `embedder`, `extractor` and `decision` (what a reading
is worth, and how often it would be wrong).

Keys, payloads and the algorithm's name are plain values that the web process may import; `Embedder` and
`extract` load OpenCV, so they are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from provenance.watermark.payload import ALGORITHM, WatermarkKey, WatermarkPayload

if TYPE_CHECKING:
    from provenance.watermark.embedder import Embedder
    from provenance.watermark.extractor import WatermarkReading, extract

__all__ = ["ALGORITHM", "Embedder", "WatermarkKey", "WatermarkPayload", "WatermarkReading", "extract"]

_LOADED_ON_USE = {
    "Embedder": "provenance.watermark.embedder",
    "WatermarkReading": "provenance.watermark.extractor",
    "extract": "provenance.watermark.extractor",
}


def __getattr__(name: str) -> object:
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LOADED_ON_USE[name]), name)
