from __future__ import annotations

import pytest

from provenance.keys.key_creation import create_missing_keys
from provenance.models import Record
from provenance.services.records import release_record
from tests.provenance.clips import moving_frames
from tests.provenance.sealing import SealedClip, make_sealed_clip, seal

FRAMES = 40


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> SealedClip:
    create_missing_keys()
    return make_sealed_clip(
        tmp_path_factory.mktemp("clip"),
        moving_frames(FRAMES, seed=1),
        rendition_id="rnd_" + "A" * 22,
        watermark_id=0xFEDC_BA98_7654,
    )


@pytest.fixture(scope="session")
def other_clip(tmp_path_factory: pytest.TempPathFactory) -> SealedClip:
    """Another video of ours."""
    create_missing_keys()
    return make_sealed_clip(
        tmp_path_factory.mktemp("other"),
        moving_frames(FRAMES, seed=2),
        rendition_id="rnd_" + "B" * 22,
        watermark_id=0x0123_4567_89AB,
    )


@pytest.fixture
def sealed(db: None, clip: SealedClip) -> Record:
    """The clip's record, not released yet."""
    return seal(clip)


@pytest.fixture
def released(sealed: Record) -> Record:
    """The clip's record, released."""
    return release_record(sealed.rendition_id, actor="system")
