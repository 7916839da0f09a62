"""The words under the picture: whether the sound is that of the video as it was made, and what changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
from django.test import Client
from numpy.typing import NDArray

from generation.pipeline.audio import as_one_channel, read_audio
from provenance.fingerprints.sound.fingerprint import ALGORITHM
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from provenance.keys.service_keys import watermark_key
from provenance.models import Record
from provenance.offline import verify_offline
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.records import release_record, withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import BundleRejected, open_bundle
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from tests.provenance import clips
from tests.provenance.clips import FPS, SAMPLE_RATE, moving_frames
from tests.provenance.sealing import YEAR, SealedClip, make_sealed_clip, seal

pytestmark = pytest.mark.slow

SPEECH = Path(__file__).parents[4] / "samples" / "speech"
SECONDS = 8
Sound = NDArray[np.float32]


def speech(name: str) -> Sound:
    audio, rate = read_audio(SPEECH / f"{name}.wav")
    sound = scipy.signal.resample_poly(as_one_channel(audio), SAMPLE_RATE, rate)
    return np.asarray(sound[: SECONDS * SAMPLE_RATE], np.float32)


@pytest.fixture(scope="module")
def ours() -> Sound:
    return speech("sample1_female_calm")


@pytest.fixture(scope="module")
def other() -> Sound:
    return speech("sample3_female_story")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory, ours: Sound) -> SealedClip:
    return make_sealed_clip(
        tmp_path_factory.mktemp("spoken"),
        moving_frames(SECONDS * FPS, seed=5),
        rendition_id="rnd_" + "S" * 22,
        watermark_id=0x5EED_0F_50_0D,
        speech=ours,
    )


@pytest.fixture
def record(db: None, spoken: SealedClip) -> Record:
    return release_record(seal(spoken).rendition_id, actor="system")


def verdict_on(data: bytes, tmp_path: Path) -> Verdict:
    path = tmp_path / "file.mp4"
    path.write_bytes(data)
    return verify_file(path)


def sound_findings(verdict: Verdict) -> list[str]:
    return [reason.finding for reason in verdict.reasons if reason.signal == "sound"]


def unchecked(verdict: Verdict) -> set[str]:
    return {gap.what for gap in verdict.unchecked}


def piece(sound: Sound, start_s: float, end_s: float) -> Sound:
    return sound[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]


def redubbed(ours: Sound, other: Sound) -> Sound:
    return np.concatenate([piece(ours, 0, 3), piece(other, 2, 4), piece(ours, 5, SECONDS)])


EDITS: dict[str, tuple[Callable[[Sound, Sound], Sound], list[str]]] = {
    "swapped": (lambda _, other: other, ["other_sound"]),
    "redubbed": (redubbed, ["changed", "replaced"]),
    "silenced": (lambda ours, _: 0 * ours, ["silent"]),
    "reordered": (
        lambda ours, _: np.concatenate([piece(ours, 4, SECONDS), piece(ours, 0, 4)]),
        ["changed", "reordered"],
    ),
}


def test_a_copy_that_lost_its_credentials_is_told_to_have_our_sound(
    record, spoken, ours: Sound, tmp_path: Path
) -> None:
    verdict = verdict_on(clips.with_sound(spoken.data, ours), tmp_path)
    assert verdict.kind is VerdictKind.OURS_CHANGED
    assert sound_findings(verdict) == ["same"]
    assert "sound" not in unchecked(verdict)
    assert "do not rely on the words" not in str(verdict.sentence)


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.usefixtures("record")
def test_other_words_under_our_picture_are_said_in_the_verdict(
    spoken, ours: Sound, other: Sound, tmp_path: Path, name: str
) -> None:
    edit, findings = EDITS[name]
    verdict = verdict_on(clips.with_sound(spoken.data, edit(ours, other)), tmp_path)
    assert verdict.rendition_id == spoken.rendition_id
    assert sound_findings(verdict) == findings
    warning = "Its sound is gone" if name == "silenced" else "do not rely on the words"
    assert warning in str(verdict.sentence)
    assert "What was changed, we cannot say" not in str(verdict.sentence)


def test_a_sound_of_a_second_is_never_called_another(record, spoken, ours, other, tmp_path: Path) -> None:
    """There is hardly room in it for a run that agrees, so that ours may not be found either."""
    for sound in (piece(ours, 0, 0.9), piece(other, 0, 0.9)):
        verdict = verdict_on(clips.with_sound(spoken.data, sound), tmp_path)
        assert "other_sound" not in sound_findings(verdict)
        assert "do not rely on the words" not in str(verdict.sentence)


def test_the_place_of_a_re_dub_is_told_in_seconds(record, spoken, ours, other, tmp_path: Path) -> None:
    verdict = verdict_on(clips.with_sound(spoken.data, redubbed(ours, other)), tmp_path)
    (edit,) = verdict.to_json()["sound"]["edits"]
    assert (edit["start_s"], edit["end_s"]) == pytest.approx((3, 5), abs=0.5)


def test_a_file_without_a_sound_track_is_told_to_have_lost_its_sound(record, spoken, tmp_path: Path) -> None:
    verdict = verdict_on(clips.reencoded(spoken.data), tmp_path)
    assert sound_findings(verdict) == ["silent"]


def test_a_record_that_was_sealed_without_a_fingerprint_says_that_sound_was_not_compared(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    verdict = verdict_on(clips.reencoded(clip.data), tmp_path)
    assert sound_findings(verdict) == []
    assert "sound" in unchecked(verdict)


def test_the_offline_verifier_tells_the_same_from_the_bundle(
    record, spoken, ours, other, tmp_path: Path
) -> None:
    bundle = json.loads(json.dumps(evidence_bundle(spoken.rendition_id)))
    keys = pinned_keys()
    path = tmp_path / "redubbed.mp4"
    path.write_bytes(clips.with_sound(spoken.data, redubbed(ours, other)))
    offline = verify_offline(path, keys, [open_bundle(bundle, keys.log_key)], watermark_secret=_root_secret())
    assert offline.to_json()["sound"] == verify_file(path).to_json()["sound"]


@pytest.mark.parametrize("name", ["fingerprints", "fingerprints_salt"])
def test_a_bundle_with_another_fingerprint_than_was_sealed_is_rejected(record, spoken, name: str) -> None:
    bundle = json.loads(json.dumps(evidence_bundle(spoken.rendition_id)))
    for spoilt in ({**bundle, name: ""}, {**bundle, name: "AAAA"}):
        with pytest.raises(BundleRejected, match="fingerprints"):
            open_bundle(spoilt, pinned_keys().log_key)


def test_a_row_whose_fingerprint_was_changed_does_not_agree_with_the_log(record, spoken, tmp_path) -> None:
    Record.objects.filter(pk=record.pk).update(fingerprints=b"\x01")
    verdict = verdict_on(clips.reencoded(spoken.data), tmp_path)
    assert verdict.kind is VerdictKind.CANNOT_TELL
    assert "does not agree with the public log" in str(verdict.sentence)


def _root_secret() -> bytes:
    from django.conf import settings

    secret = bytes.fromhex(Path(settings.LIKENESS_WATERMARK_KEY_FILE).read_text().strip())
    assert watermark_key(YEAR).secret
    return secret


@pytest.fixture(scope="module")
def unknown_pictures(ours: Sound, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of our sound under pictures that nobody made here."""
    path = tmp_path_factory.mktemp("unknown") / "file.mp4"
    return clips.write_clip(path, clips.moving_frames(4 * FPS, seed=9), speech=piece(ours, 2, 6))


@pytest.mark.usefixtures("record")
def test_a_known_sound_under_unknown_pictures_leads_to_the_record(
    spoken: SealedClip, unknown_pictures: Path
) -> None:
    verdict = verify_file(unknown_pictures)
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.NO_PROVENANCE, None)
    assert f"also in a video that was made here, {spoken.rendition_id}" in str(verdict.sentence)
    assert "Which of the two was there first is not known" in str(verdict.sentence)
    also_in = verdict.to_json()["sound"]["also_in"]
    assert also_in is not None
    assert (also_in["rendition_id"], also_in["state"]) == (spoken.rendition_id, "released")


@pytest.mark.usefixtures("record")
def test_the_fingerprint_of_a_sound_leads_to_the_manifest_as_a_soft_binding(
    spoken: SealedClip, ours: Sound, other: Sound
) -> None:
    def matches(sound: Sound, alg: str = ALGORITHM) -> list[str]:
        value = fingerprint(band_spectrogram(sound, SAMPLE_RATE)).to_bytes()
        query = {"alg": alg, "value": base64.b64encode(value).decode()}
        answer = Client().post("/v1/matches/byBinding", query, content_type="application/json")
        return [one["manifestId"] for one in answer.json()["matches"]]

    label = Record.objects.get(pk=spoken.rendition_id).manifest_label
    assert matches(piece(ours, 1, 6)) == [label]
    assert matches(other) == []
    assert matches(ours, "org.example.unknown") == []
    broken = {"alg": ALGORITHM, "value": "AAAA"}
    assert Client().post("/v1/matches/byBinding", broken, content_type="application/json").status_code == 400


def test_a_sound_leads_to_a_withdrawal_and_to_nothing_that_was_never_released(
    db: None, spoken: SealedClip, unknown_pictures: Path
) -> None:
    record = seal(spoken)
    assert verify_file(unknown_pictures).to_json()["sound"]["also_in"] is None
    release_record(record.rendition_id, actor="system")
    withdraw_record(record.rendition_id, reason_code="consent_revoked", actor="system")
    assert "made here and withdrawn" in str(verify_file(unknown_pictures).sentence)


@pytest.mark.usefixtures("record")
def test_another_sound_leads_to_nothing(other: Sound, tmp_path: Path) -> None:
    path = clips.write_clip(
        tmp_path / "file.mp4", clips.moving_frames(4 * FPS, seed=9), speech=piece(other, 2, 6)
    )
    assert verify_file(path).to_json()["sound"]["also_in"] is None


def test_the_offline_verifier_knows_the_sound_from_the_bundle(
    record: Record, spoken: SealedClip, unknown_pictures: Path
) -> None:
    bundle = json.loads(json.dumps(evidence_bundle(spoken.rendition_id)))
    keys = pinned_keys()
    offline = verify_offline(unknown_pictures, keys, [open_bundle(bundle, keys.log_key)])
    assert offline.to_json()["sound"] == verify_file(unknown_pictures).to_json()["sound"]
