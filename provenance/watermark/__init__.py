"""The invisible watermark: a record id in every frame that survives re-encoding.

The parts are kept apart on purpose, so that each can be replaced alone:
`payload` (what is said), `error_correction` (how it survives bit errors), `layout` (which block carries which
bit), `carrier` (how a block of pixels holds one bit), `embedder`, `extractor` and `decision` (what a reading
is worth, and how often it would be wrong).
"""

from __future__ import annotations

from provenance.watermark.embedder import ALGORITHM, Embedder
from provenance.watermark.extractor import WatermarkReading, extract
from provenance.watermark.payload import WatermarkKey, WatermarkPayload

__all__ = ["ALGORITHM", "Embedder", "WatermarkKey", "WatermarkPayload", "WatermarkReading", "extract"]
