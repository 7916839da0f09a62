"""A mark whose pilot was averaged from other videos and subtracted lies where the payload's energy is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.watermark.removal import pilot_of
from provenance.watermark.carrier import masking
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.carrier.rectification import mapped
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.content.fingerprint import fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.decision import WatermarkState, decide
from provenance.watermark.identification.registry import Registry
from provenance.watermark.synchronisation.payload_search import payload_places
from tests.provenance.watermark.marked import (
    KEY,
    OTHER_KEY,
    PAYLOAD,
    Luma,
    extraction,
    lumas,
    marked,
    turned,
)

pytestmark = pytest.mark.slow  # each looks for a mark in frames through and through
FRAMES = 4
CHANGES: dict[str, Callable[[list[Luma]], list[Luma]]] = {
    "cropped by 5 %": lambda planes: [plane[18:504, 5:491] for plane in planes],
    "cropped by a fifth": lambda planes: [plane[10:420, 10:420] for plane in planes],
    "turned 2 degrees": lambda planes: turned(planes, 2),
    "turned 5 degrees": lambda planes: turned(planes, 5),
    "inverted and turned": lambda planes: turned([np.asarray(255 - plane, np.uint8) for plane in planes], -1),
    "mirrored and cropped": lambda planes: [plane[18:504, 491:5:-1] for plane in planes],
}


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    """Marked planes of which an attacker who knows the pilot exactly has taken it off."""
    pilot, cleaned = pilot_of(carriers_of(KEY)), []
    planes = marked(lumas("maya", FRAMES))
    halves = [masking.halved(plane) for plane in planes]
    for plane, half, before in zip(planes, halves, [None, *halves], strict=False):
        allowed = masking.strengths(half, before).repeat(2, 0).repeat(2, 1) / masking.UNIT
        cleaned.append(np.clip(np.rint(plane - pilot * allowed), 0, 255).astype(np.uint8))
    return cleaned


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_still_read(clip: list[Luma], change: str) -> None:
    reading = extraction(CHANGES[change](clip)).readings[0]
    assert reading.payload == PAYLOAD
    assert reading.pilot < 5, "the pilot was not taken off"


def test_its_content_is_compared_where_it_lies(clip: list[Luma]) -> None:
    reading = extraction(CHANGES["cropped by 5 %"](clip)).readings[0]
    assert np.abs(mapped(np.array([[256.0, 256.0]]), reading.geometry) - [251, 238]).max() < 2
    prints = np.stack([fingerprint_of_marked(plane) for plane in clip]).tobytes()
    assert is_same(reading.fingerprints, prints) is True


def test_soft_bits_have_the_energy_for_which_the_bounds_hold(clip: list[Luma]) -> None:
    """The place was chosen by their energy, which would make any word's score look better than chance."""
    soft_bits = extraction(CHANGES["turned 2 degrees"](clip)).readings[0].soft_bits
    assert float((soft_bits**2).sum()) == pytest.approx(1, abs=1e-3)


def test_another_key_shows_no_place(clip: list[Luma]) -> None:
    plane = mean_of(clip)
    assert list(payload_places(plane, carriers_of(KEY)))
    assert not list(payload_places(plane, carriers_of(OTHER_KEY)))


def test_unmarked_frames_are_not_ours() -> None:
    """Of these some place looks as if a payload were there, and is read."""
    registry = Registry(KEY)
    registry.add(range(1000))
    assert decide(extraction(lumas("tomas", FRAMES)), [registry]).state is WatermarkState.NOT_FOUND


def mean_of(planes: list[Luma]) -> np.ndarray:
    residuals = ResidualSum(*planes[0].shape)
    for plane in planes:
        residuals.add(plane, 0)
    return residuals.total()
