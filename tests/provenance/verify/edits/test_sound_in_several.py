"""One recording may be in several videos of ours: all of them are told, and none is named as the one."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray

from provenance.fingerprints.sound.fingerprint import ALGORITHM
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from provenance.models import Record
from provenance.offline import verify_offline
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.records import release_record, withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import open_bundle
from tests.provenance import clips
from tests.provenance.clips import FPS, SAMPLE_RATE, moving_frames
from tests.provenance.sealing import SealedClip, make_sealed_clip, seal
from tests.provenance.verify.edits.test_sound import piece, speech

pytestmark = pytest.mark.slow

SECONDS = 5
NAMES = "QRT"
IDS = ["rnd_" + name * 22 for name in NAMES]


@pytest.fixture(scope="module")
def ours() -> NDArray[np.float32]:
    return piece(speech("sample1_female_calm"), 0, SECONDS)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, ours: NDArray[np.float32]) -> list[SealedClip]:
    return [
        make_sealed_clip(
            tmp_path_factory.mktemp(name),
            moving_frames(SECONDS * FPS, seed=5 + number),
            rendition_id=rendition_id,
            watermark_id=0x5EED_0F_60_00 + number,
            speech=ours,
        )
        for number, (name, rendition_id) in enumerate(zip(NAMES, IDS, strict=True))
    ]


@pytest.fixture
def records(db: None, twins: list[SealedClip]) -> list[Record]:
    return [release_record(seal(one).rendition_id, actor="system") for one in twins]


@pytest.fixture
def copied(ours: NDArray[np.float32], tmp_path: Path) -> Path:
    """Other pictures under the recording."""
    return clips.write_clip(tmp_path / "file.mp4", moving_frames(4 * FPS, seed=19), speech=piece(ours, 0, 4))


def withdraw(rendition_id: str) -> None:
    withdraw_record(rendition_id, reason_code="consent_revoked", actor="system")


def told(path: Path) -> list[tuple[str, str]]:
    sound = verify_file(path).to_json()["sound"]
    return [
        (one["rendition_id"], one["state"])
        for one in (sound["also_in"], *sound["also_in_others"])
        if one is not None
    ]


@pytest.mark.usefixtures("records")
def test_all_videos_with_a_sound_are_told_and_the_withdrawn_one_last(copied: Path) -> None:
    withdraw(IDS[2])
    withdraw(IDS[0])
    assert told(copied) == [(IDS[1], "released"), (IDS[0], "withdrawn"), (IDS[2], "withdrawn")]
    verdict = verify_file(copied)
    sentence = str(verdict.sentence)
    assert sentence.index(IDS[1]) < sentence.index("withdrawn") < sentence.index(IDS[0])
    assert "Whether the file is from one of them, and which, is not known" in sentence
    reasons = [one for one in verdict.reasons if one.signal == "sound_record"]
    assert [one.finding for one in reasons] == ["released", "withdrawn", "withdrawn"]
    assert ["withdrawn" in str(one.sentence) for one in reasons] == [False, True, True]


@pytest.mark.usefixtures("records")
def test_the_page_shows_all_of_them(copied: Path, client: Client) -> None:
    with copied.open("rb") as file:
        page = client.post("/verify/", {"file": file}, follow=True).content.decode()
    assert all(one in page for one in IDS)


@pytest.mark.usefixtures("records")
def test_all_of_them_answer_to_the_fingerprint_of_the_sound(ours: NDArray[np.float32]) -> None:
    withdraw(IDS[0])
    value = fingerprint(band_spectrogram(ours, SAMPLE_RATE)).to_bytes()
    query = {"alg": ALGORITHM, "value": base64.b64encode(value).decode()}
    answer = Client().post("/v1/matches/byBinding", query, content_type="application/json")
    labels = [Record.objects.get(pk=one).manifest_label for one in (IDS[1], IDS[2], IDS[0])]
    assert [one["manifestId"] for one in answer.json()["matches"]] == labels


@pytest.mark.usefixtures("records")
def test_the_offline_verifier_tells_those_whose_bundles_it_has(copied: Path) -> None:
    withdraw(IDS[2])
    keys = pinned_keys()
    bundles = [open_bundle(json.loads(json.dumps(evidence_bundle(one))), keys.log_key) for one in IDS[::-1]]
    assert verify_offline(copied, keys, bundles).to_json()["sound"] == verify_file(copied).to_json()["sound"]


def test_a_recording_in_more_videos_than_a_word_may_have_places_is_found(
    records: list[Record], copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.fingerprints.sound.index._COMMON", len(records) - 1)
    assert len(told(copied)) == len(records)
