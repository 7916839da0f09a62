"""What is said again of a portrait that tests have made often is all that could be read in it."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.watermark import WatermarkKey
from provenance.watermark.identification.reading import Extraction
from tests.generation import marks_once


@pytest.mark.parametrize(("is_everywhere", "reads"), [(True, 1), (False, 2)])
def test_only_a_complete_reading_is_said_again(
    monkeypatch: pytest.MonkeyPatch, is_everywhere: bool, reads: int
) -> None:
    made: list[Extractor] = []

    class Extractor:
        """An extractor that reads nothing, everywhere or not."""

        def __init__(self) -> None:
            made.append(self)

        def add(self, luma: np.ndarray) -> None:
            pass

        def read(self, keys: list[WatermarkKey]) -> Extraction:
            return Extraction(frames_read=1, is_everywhere=is_everywhere)

    monkeypatch.setattr(marks_once, "Extractor", Extractor)
    monkeypatch.setattr(marks_once, "_read", {})
    for _ in range(2):
        extractor = marks_once.ExtractorOnce()
        extractor.add(np.zeros((8, 8), np.uint8))
        again = extractor.read([])
        assert (again.frames_read, again.is_everywhere) == (1, is_everywhere)
    assert len(made) == reads
