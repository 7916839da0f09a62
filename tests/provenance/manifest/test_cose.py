"""A signature takes exactly the room that was kept for it, whatever stands beside it."""

from __future__ import annotations

import pytest

from provenance.manifest.signature.cose import Evidence, NoSignature, cose_sign1, protected_headers

PROTECTED, SIGNATURE = bytes(range(100)), bytes(64)


@pytest.mark.parametrize("size", [*range(190, 220), *range(440, 460), 20_000, 65_700, 65_720, 70_000])
def test_it_fills_every_size(size: int) -> None:
    made = cose_sign1(PROTECTED, SIGNATURE, Evidence(), size)
    assert len(made) == size
    assert protected_headers(made) == PROTECTED


def test_it_refuses_evidence_for_which_there_is_no_room() -> None:
    with pytest.raises(NoSignature):
        cose_sign1(PROTECTED, SIGNATURE, Evidence(timestamp_token=bytes(900)), 1000)


@pytest.mark.parametrize("junk", [b"", b"\xd2\x84", b"\xd2\x84\x60", b"\xd2\x84\x58\xff12", b"\xa0" * 9])
def test_what_is_no_signature_is_told(junk: bytes) -> None:
    with pytest.raises(NoSignature):
        protected_headers(junk)
