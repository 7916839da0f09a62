"""What earlier releases sealed is still verified, with nothing but their own keys and evidence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings.base import VERSION
from provenance.offline import verify_offline
from provenance.verify.evidence.bundle import PinnedKeys, ProvenRendition, open_bundle
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from tests.provenance import clips

pytestmark = pytest.mark.slow  # each release's videos are read anew

HERE = Path(__file__).parent
RELEASES = sorted(path for path in HERE.iterdir() if (path / "keys.json").exists())


def keys_of(release: Path) -> PinnedKeys:
    return PinnedKeys.from_json(json.loads((release / "keys.json").read_text()))


def bundles_of(release: Path) -> list[ProvenRendition]:
    key = keys_of(release).log_key
    return [open_bundle(json.loads(path.read_text()), key) for path in sorted(release.glob("*.bundle.json"))]


def judged(release: Path, file: Path, bundles: Sequence[ProvenRendition] | None = None) -> Verdict:
    return verify_offline(file, keys_of(release), bundles_of(release) if bundles is None else bundles)


@pytest.fixture(params=RELEASES, ids=lambda release: release.name)
def release(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


def test_this_release_has_a_shelf() -> None:
    assert VERSION in {release.name for release in RELEASES}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("released", VerdictKind.OURS_INTACT), ("withdrawn", VerdictKind.OURS_WITHDRAWN)],
)
def test_its_videos_get_the_verdict_they_had(release: Path, name: str, expected: VerdictKind) -> None:
    found = judged(release, release / f"{name}.mp4")
    assert found.kind is expected
    manifest = found.signals.manifest
    assert manifest is not None
    assert (manifest.state, manifest.is_time_stamped) == ("trusted_ours", True)


def test_an_edited_video_still_shows_what_it_was_before(release: Path) -> None:
    manifest = judged(release, release / "edited.mp4").signals.manifest
    assert manifest is not None
    assert manifest.state == "trusted_ours"
    assert manifest.tree is not None
    assert manifest.tree.has_parent


def test_an_edited_video_is_ours_by_the_evidence_of_the_video_that_was_edited(release: Path) -> None:
    released, withdrawn = bundles_of(release)
    for bundles in ([released, withdrawn], [released]):
        found = judged(release, release / "edited.mp4", bundles)
        assert (found.kind, found.rendition_id) == (VerdictKind.OURS_CHANGED, released.record.rendition_id)
        assert "edited here after it was made" in str(found.sentence)
    assert judged(release, release / "edited.mp4", [withdrawn]).kind is VerdictKind.CANNOT_TELL


def test_an_edited_video_is_withdrawn_with_the_video_that_was_edited(release: Path) -> None:
    proven = bundles_of(release)[0]
    gone = replace(proven, record=replace(proven.record, state="withdrawn"))
    found = judged(release, release / "edited.mp4", [gone])
    assert (found.kind, found.rendition_id) == (VerdictKind.OURS_WITHDRAWN, proven.record.rendition_id)


def test_the_name_of_the_video_that_was_edited_cannot_be_exchanged(release: Path, tmp_path: Path) -> None:
    """The withdrawn video's id in the place of the released one's, and the other way round."""
    data = (release / "edited.mp4").read_bytes()
    one, other = (proven.record.rendition_id.encode() for proven in bundles_of(release))
    assert one in data
    (tmp_path / "renamed.mp4").write_bytes(data.replace(one, other))
    assert judged(release, tmp_path / "renamed.mp4").kind is VerdictKind.CANNOT_TELL


def test_tampering_is_still_seen(release: Path, tmp_path: Path) -> None:
    data = clips.with_picture_data_changed((release / "released.mp4").read_bytes())
    (tmp_path / "changed.mp4").write_bytes(data)
    assert judged(release, tmp_path / "changed.mp4").kind is not VerdictKind.OURS_INTACT


def test_the_shelf_is_small(release: Path) -> None:
    assert sum(path.stat().st_size for path in release.iterdir()) < 400_000
