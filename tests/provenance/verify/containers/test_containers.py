"""What a player shows is what is judged: tracks, covers, turns, edit lists, media that is not covered."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from provenance.manifest import development_ca
from provenance.manifest.findings.causes import Cause
from provenance.manifest.states import ManifestState
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.reader_report import ContainerReport
from provenance.verify.reader.frames import frame_facts
from provenance.verify.reader.inspect import inspect
from provenance.verify.reader.mp4_index import NO_INDEX, read_index
from provenance.verify.reader.tracks import container_report
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verify_file import verify_file
from tests.provenance import clips
from tests.provenance.verify.containers.hostile_containers import CONTAINERS, Materials
from tests.provenance.verify.credentials.forged_credentials import ACTIONS, Forger, Forgery, box

SMALL, LARGE = 64, 128
OURS = (Path(__file__).parents[3] / "vectors/trust-anchors.pem").read_text()


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Materials:
    """Small ones without a mark: what plays is told by the container alone."""
    folder = tmp_path_factory.mktemp("materials")
    speech = np.sin(np.arange(32_000) * 0.1).astype(np.float32)

    def video(seed: int, size: int) -> bytes:
        frames = clips.moving_frames(50, size=size, seed=seed)
        return clips.write_clip(folder / f"{seed}.mp4", frames, speech=speech).read_bytes()

    cover = io.BytesIO()
    Image.new("RGB", (SMALL, SMALL), (9, 99, 9)).save(cover, "JPEG")
    return Materials(video(1, SMALL), video(2, SMALL), video(3, LARGE), cover.getvalue())


SEVERAL = ContainerReport(is_picture_unclear=True)
EXPECTED: dict[str, ContainerReport] = {
    "ours disabled, foreign default": ContainerReport(),
    "foreign disabled, ours default": ContainerReport(),
    "both enabled, ours first": SEVERAL,
    "both enabled, foreign first": SEVERAL,
    "a larger foreign one, both enabled": SEVERAL,
    "a larger foreign one that is disabled": ContainerReport(),
    "all disabled": SEVERAL,
    "Matroska with two defaults": SEVERAL,
    "a second sound as default": ContainerReport(),
    "two sounds enabled": ContainerReport(is_sound_unclear=True),
    "an edit list that shows a part": ContainerReport(is_cut=True),
    "an edit list that shows a part twice": ContainerReport(is_cut=True),
    "upside down": ContainerReport(turn=180),
    "upside down as a movie": ContainerReport(turn=180),
    "upside down as a movie, said last": ContainerReport(turn=180),
    "an edit list that shows a part, with the movie's time said last": ContainerReport(is_cut=True),
    "turned twice": ContainerReport(turn=0),
    "mirrored": ContainerReport(turn=None),
    "drawn large": ContainerReport(turn=None),
    "a cover of ours over foreign sound": ContainerReport(is_cover=True),
    "an MP3 with a cover of ours": ContainerReport(is_cover=True),
    "a cover of ours beside a foreign video": ContainerReport(),
    "media in a free box": ContainerReport(is_media_uncovered=True),
    "ours in a free box of a foreign one": ContainerReport(),
    "a foreign index behind ours": ContainerReport(is_picture_unclear=True, is_sound_unclear=True),
    "fragments": ContainerReport(),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_it_is_told_how_a_container_holds_what_it_plays(
    name: str, materials: Materials, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTAINERS[name](materials))
    is_mp4 = path.read_bytes()[4:8] == b"ftyp"
    found, expected = container_report(path, read_index(path) if is_mp4 else NO_INDEX), EXPECTED[name]
    for field in (
        "is_picture_unclear",
        "is_sound_unclear",
        "is_cover",
        "turn",
        "is_cut",
        "is_media_uncovered",
    ):
        assert getattr(found, field) == getattr(expected, field), field


def test_the_picture_that_is_looked_at_is_the_one_that_is_shown(materials: Materials, tmp_path: Path) -> None:
    for name, side in {
        "a larger foreign one, both enabled": LARGE,
        "a larger foreign one that is disabled": SMALL,
        "Matroska with a larger second": LARGE,
        "a cover of ours beside a foreign video": SMALL,
    }.items():
        (tmp_path / "file").write_bytes(CONTAINERS[name](materials))
        facts = frame_facts(tmp_path / "file")
        assert facts is not None
        assert (name, facts.width) == (name, side)


def test_a_malformed_index_ends_in_no_error(materials: Materials, tmp_path: Path) -> None:
    data = CONTAINERS["plain ours"](materials)
    start = data.index(b"moov")
    for number in range(200):
        at = start + number * (len(data) - start) // 200
        (tmp_path / "file").write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        read_index(tmp_path / "file")


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Forger:
    return Forger(*development_ca.create(tmp_path_factory.mktemp("stranger")).issue_leaf())


def signed(media: bytes, forger: Forger, *excluded: str) -> bytes:
    """An MP4 with a stranger's manifest behind its end, whose binding leaves out more boxes than usual."""
    uuid = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
    names = ("/ftyp", "/free", "/skip", "/mfra", *excluded)
    left_out: list[dict[str, Any]] = [{"xpath": "/uuid", "data": [{"offset": 8, "value": uuid}]}]
    left_out += [{"xpath": name} for name in names]
    digest = hashlib.sha256()
    at = 0
    while at < len(media):
        size, kind = struct.unpack_from(">I4s", media, at)
        if f"/{kind.decode()}" not in names:
            digest.update(struct.pack(">Q", at) + media[at : at + size])
        at += size
    binding = {"exclusions": left_out, "alg": "sha256", "hash": digest.digest(), "name": "jumbf manifest"}
    forgery = Forgery(assertions={"c2pa.actions.v2": ACTIONS, "c2pa.hash.bmff.v3": binding}, data_hash=None)
    return media + box(b"uuid", uuid + bytes(4) + b"manifest\0" + bytes(8) + forger.store(forgery))


def judged(data: bytes, path: Path) -> Verdict:
    path.write_bytes(data)
    return verify_file(path, trust=TrustStore(OURS), watermarks=None, find=lambda *_: None, read=inspect)


def test_a_stranger_s_binding_that_covers_what_plays_is_good(
    materials: Materials, forger: Forger, tmp_path: Path
) -> None:
    manifest = judged(
        signed(CONTAINERS["plain ours"](materials), forger), tmp_path / "v.mp4"
    ).signals.manifest
    assert manifest is not None
    assert (manifest.state, manifest.is_content_bound) == (ManifestState.VALID_UNTRUSTED, True)


@pytest.mark.parametrize(("name", "excluded"), [("media in a free box", ()), ("plain ours", ("/mdat",))])
def test_a_binding_that_does_not_reach_the_media_is_not_said_to_fit(
    name: str, excluded: tuple[str, ...], materials: Materials, forger: Forger, tmp_path: Path
) -> None:
    """Two thousand bytes of the media are altered after it was signed; the library finds nothing wrong."""
    data = bytearray(signed(CONTAINERS[name](materials), forger, *excluded))
    start = 200
    data[start : start + 2000] = bytes(byte ^ 0x55 for byte in data[start : start + 2000])
    verdict = judged(bytes(data), tmp_path / "v.mp4")
    manifest = verdict.signals.manifest
    assert manifest is not None
    assert manifest.state is ManifestState.INVALID
    assert set(manifest.causes) == {Cause.POLICY}
    assert "fit the file" not in str(verdict.sentence)
    assert ("container", "media_uncovered") in {(one.signal, one.finding) for one in verdict.reasons}


@pytest.mark.parametrize("fps", [1, 3, 6])
def test_a_list_that_takes_back_the_delay_of_few_frames_a_second_cuts_nothing(
    fps: int, tmp_path: Path
) -> None:
    """Pictures that lean on later ones delay the first by two: by seconds, if few are shown."""
    path = clips.write_clip(tmp_path / "slides.mp4", clips.moving_frames(3 * fps, size=SMALL), fps=fps)
    assert b"elst" in path.read_bytes()
    assert not any(track.is_cut for track in read_index(path).tracks)


def test_a_list_that_hides_seconds_is_a_cut_whatever_the_first_sample_says_of_itself(tmp_path: Path) -> None:
    """Who hides something writes the index: one sample that says to last for minutes is no delay."""
    path = clips.write_clip(tmp_path / "hidden.mp4", clips.moving_frames(125, size=SMALL), has_audio=False)
    data = bytearray(path.read_bytes())
    timescale = int.from_bytes(data[data.index(b"mdhd") + 16 :][:4], "big")
    struct.pack_into(">I", data, data.index(b"elst") + 16, 2 * timescale)  # the first two seconds
    struct.pack_into(">I", data, data.index(b"stts") + 16, 100 * timescale)
    path.write_bytes(data)
    assert [track.is_cut for track in read_index(path).tracks] == [True]
