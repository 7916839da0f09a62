"""What was done to picture and sound together: named with its place, at every door."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from numpy.typing import NDArray

from provenance.keys.service_keys import watermark_key
from provenance.models import Record
from provenance.offline import verify_offline
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services.records import release_record, withdraw_record
from provenance.services.verify import verify_file
from provenance.verify.evidence.bundle import open_bundle
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from provenance.watermark import Embedder, WatermarkPayload
from tests.provenance.clips import FPS, SAMPLE_RATE, write_clip
from tests.provenance.performing import MOUTH, performing_frames
from tests.provenance.sealing import YEAR, SealedClip, make_sealed_clip, seal
from tests.provenance.verify.edits.test_sound import Sound, speech

pytestmark = pytest.mark.slow

SECONDS = 8
Frames = list[NDArray[np.uint8]]
Edit = Callable[[Frames, Frames, Sound, Sound], tuple[Frames, Sound]]


@pytest.fixture(scope="module")
def ours() -> Sound:
    return speech("sample1_female_calm")


@pytest.fixture(scope="module")
def other() -> Sound:
    return speech("sample3_female_story")


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory, ours: Sound) -> SealedClip:
    return make_sealed_clip(
        tmp_path_factory.mktemp("performed"),
        performing_frames(SECONDS, seed=1),
        rendition_id="rnd_" + "P" * 22,
        watermark_id=0x5EED_0F_90_0D,
        speech=ours,
        mouth=MOUTH,
    )


@pytest.fixture(scope="module")
def twin() -> Frames:
    """Another performance of the same head."""
    return list(performing_frames(SECONDS, seed=2))


@pytest.fixture
def record(db: None, performed: SealedClip) -> Record:
    return release_record(seal(performed).rendition_id, actor="system")


def frames_of(clip: SealedClip) -> Frames:
    with av.open(io.BytesIO(clip.data)) as source:
        return [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]


def part(values: Any, start_s: float, end_s: float, rate: int) -> list[Any]:
    return list(values[round(start_s * rate) : round(end_s * rate)])


def joined(frames: Frames, sound: Sound, spans: list[tuple[float, float]]) -> tuple[Frames, Sound]:
    pictures = [one for start_s, end_s in spans for one in part(frames, start_s, end_s, FPS)]
    samples = [one for start_s, end_s in spans for one in part(sound, start_s, end_s, SAMPLE_RATE)]
    return pictures, np.asarray(samples, np.float32)


def cut(frames: Frames, _: Frames, ours: Sound, __: Sound) -> tuple[Frames, Sound]:
    return joined(frames, ours, [(0, 3), (4.2, SECONDS)])


def inserted(frames: Frames, twin: Frames, ours: Sound, other: Sound) -> tuple[Frames, Sound]:
    pictures = [*part(frames, 0, 3, FPS), *part(twin, 2, 4, FPS), *part(frames, 3, SECONDS, FPS)]
    samples = [
        *part(ours, 0, 3, SAMPLE_RATE),
        *part(other, 2, 4, SAMPLE_RATE),
        *part(ours, 3, SECONDS, SAMPLE_RATE),
    ]
    return pictures, np.asarray(samples, np.float32)


def mouth_replaced(frames: Frames, twin: Frames, ours: Sound, _: Sound) -> tuple[Frames, Sound]:
    size = len(frames[0])
    rows = slice(round(MOUTH.top * size), round(MOUTH.bottom * size))
    columns = slice(round(MOUTH.left * size), round(MOUTH.right * size))
    changed = [one.copy() for one in frames]
    for number in range(3 * FPS, 5 * FPS):
        changed[number][rows, columns] = twin[number][rows, columns]
    return changed, ours


EDITS: dict[str, tuple[Edit, list[str], tuple[float, float]]] = {
    "cut": (cut, ["picture", "sound"], (3, 3)),
    "inserted": (inserted, ["picture", "sound"], (3, 5)),
    "mouth_replaced": (mouth_replaced, ["picture"], (3, 5)),
    "redubbed": (
        lambda f, _, s, o: (
            f,
            np.concatenate([s[: 3 * SAMPLE_RATE], o[: 2 * SAMPLE_RATE], s[5 * SAMPLE_RATE :]]),
        ),
        ["sound"],
        (3, 5),
    ),
}


@pytest.fixture
def edited(
    performed: SealedClip, twin: Frames, ours: Sound, other: Sound, tmp_path: Path
) -> Callable[[str], Path]:
    """Makes the video with one of the edits."""

    def make(name: str) -> Path:
        frames, sound = EDITS[name][0](frames_of(performed), twin, ours, other)
        return write_clip(tmp_path / f"{name}.mp4", frames, speech=sound)

    return make


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.usefixtures("record")
def test_exactly_what_was_done_is_named_with_its_place(
    performed: SealedClip, edited: Callable[[str], Path], name: str
) -> None:
    verdict = verify_file(edited(name))
    assert verdict.rendition_id == performed.rendition_id
    _, tracks, place = EDITS[name]
    (finding,) = verdict.to_json()["timeline"]["findings"]
    assert (finding["kind"], finding["tracks"]) == (name, tracks)
    assert (finding["start_s"], finding["end_s"]) == pytest.approx(place, abs=0.5)
    assert finding["sentence"] in str(verdict.sentence)
    assert "What was changed, we cannot say" not in str(verdict.sentence)


def test_a_copy_that_was_only_encoded_again_has_no_findings(record, performed, ours, tmp_path: Path) -> None:
    verdict = verify_file(write_clip(tmp_path / "copy.mp4", frames_of(performed), speech=ours))
    answer = verdict.to_json()
    assert (answer["picture"]["state"], answer["sound"]["state"]) == ("same", "same")
    assert answer["timeline"]["findings"] == []
    assert {part["state"] for part in answer["timeline"]["picture"]} == {"ours"}
    assert "motion" not in {gap["what"] for gap in answer["not_checked"]}


@pytest.mark.parametrize(("held", "not_checked"), [(5, "mouth"), (10, "motion")])
@pytest.mark.usefixtures("record")
def test_a_copy_in_which_frames_repeat_is_accused_of_nothing(
    performed, ours, held: int, not_checked: str, tmp_path: Path
) -> None:
    """As a call that stutters shows it, or a copy with a few frames a second."""
    frames = frames_of(performed)
    stuttering = [frames[number - number % held] for number in range(len(frames))]
    answer = verify_file(write_clip(tmp_path / "stuttering.mp4", stuttering, speech=ours)).to_json()
    assert answer["timeline"]["findings"] == []
    assert not_checked in {gap["what"] for gap in answer["not_checked"]}


def frozen(frames: Frames, start_s: float, seconds: float) -> Frames:
    """One frame over and over, as in a call that falters, while the sound goes on."""
    first, count = round(start_s * FPS), round(seconds * FPS)
    return [*frames[:first], *[frames[first]] * count, *frames[first + count :]]


@pytest.mark.usefixtures("record")
def test_a_picture_that_freezes_twice_is_said_to_stand_still_and_no_more(
    performed, ours, tmp_path: Path
) -> None:
    frames = frozen(frozen(frames_of(performed), 2.0, 0.72), 5.0, 0.8)
    answer = verify_file(write_clip(tmp_path / "frozen.mp4", frames, speech=ours)).to_json()
    assert {one["kind"] for one in answer["timeline"]["findings"]} == {"frozen"}
    assert answer["sound"]["state"] == "same"


@pytest.mark.usefixtures("record")
def test_a_picture_that_the_file_shows_for_seconds_is_not_said_to_be_ours_for_that_long(
    performed, ours, tmp_path: Path
) -> None:
    """As a frame of anything could be: in a file whose frames come as they please."""
    copy = write_clip(tmp_path / "copy.mp4", frames_of(performed), speech=ours)
    held = tmp_path / "held.mkv"
    with av.open(str(copy)) as source, av.open(str(held), "w") as out:
        video = out.add_stream("mpeg4", rate=FPS, options={"q": "3"})
        video.width, video.height, video.pix_fmt = 320, 320, "yuv420p"
        sound = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux():
            if packet.dts is not None and packet.stream.type == "audio":
                packet.stream = sound
                out.mux(packet)
            elif packet.dts is not None:
                for frame in packet.decode():
                    if not 3.0 < frame.time < 5.0:
                        out.mux(video.encode(frame))
        out.mux(video.encode())
    answer = verify_file(held).to_json()
    (unknown,) = (one for one in answer["timeline"]["picture"] if one["state"] == "unknown")
    assert (unknown["start_s"], unknown["end_s"]) == pytest.approx((3, 5), abs=0.1)
    assert "held_frames" in {gap["what"] for gap in answer["not_checked"]}


@pytest.mark.parametrize("length_s", [0.2, 0.4, 0.8])
def test_the_first_moments_of_ours_are_not_said_to_have_lost_their_sound(
    record, performed, ours, length_s: float, tmp_path: Path
) -> None:
    """Ours begins with a pause, so that nothing or next to nothing is heard in them."""
    frames, sound = joined(frames_of(performed), ours, [(0, length_s)])
    verdict = verify_file(write_clip(tmp_path / "beginning.mp4", frames, speech=sound))
    assert verdict.rendition_id == performed.rendition_id
    assert verdict.to_json()["sound"]["state"] == "not_compared"
    assert "sound" in {gap.what for gap in verdict.unchecked}


def test_of_an_excerpt_only_what_is_missing_is_said(record, performed, ours, tmp_path: Path) -> None:
    frames, sound = joined(frames_of(performed), ours, [(2, 5)])
    verdict = verify_file(write_clip(tmp_path / "excerpt.mp4", frames, speech=sound))
    findings = verdict.to_json()["timeline"]["findings"]
    assert [(one["kind"], one["tracks"]) for one in findings] == [("cut", ["picture", "sound"])] * 2
    assert "do not rely on the words" not in str(verdict.sentence)
    said = {(one.signal, one.finding): str(one.sentence) for one in verdict.reasons}
    assert said["content", "same"] == "The picture shows what the marked video showed."
    assert ("picture", "cut") in said
    assert ("sound", "cut") in said


def test_a_picture_without_sound_does_not_speak_for_the_sound(record, performed, tmp_path: Path) -> None:
    frames = part(frames_of(performed), 0, 4, FPS)
    verdict = verify_file(write_clip(tmp_path / "silent.mp4", frames, has_audio=False))
    assert {one["kind"] for one in verdict.to_json()["timeline"]["findings"]} == {"muted", "cut"}
    assert "The sound does not show this" not in str(verdict.sentence)


def test_a_file_that_broke_off_ends_where_its_last_frame_does(record, performed, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    with_index_in_front(performed.data, path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    verdict = verify_file(path)
    answer = verdict.to_json()
    (finding,) = answer["timeline"]["findings"]
    assert (finding["kind"], finding["tracks"]) == ("cut", ["picture", "sound"])
    ends_s = finding["start_s"]
    assert 1 < ends_s < SECONDS - 1
    seen = answer["timeline"]["picture"]
    assert seen[-1]["end_s"] == pytest.approx(ends_s, abs=0.5)
    assert {one["state"] for one in seen} <= {"ours", "unknown"}  # its last frames may be damaged
    assert answer["watermark"]["parts"][-1]["end_s"] == pytest.approx(ends_s, abs=1.0)
    assert "do not rely on the words" not in str(verdict.sentence)


def with_index_in_front(data: bytes, path: Path) -> None:
    """The same packets in a file that can be played while it is being downloaded."""
    with (
        av.open(io.BytesIO(data)) as source,
        av.open(str(path), "w", options={"movflags": "faststart"}) as copy,
    ):
        streams = {one.index: copy.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                copy.mux(packet)


def test_a_mark_over_another_performance_of_the_same_portrait_names_nobody(
    record, performed, twin, other, tmp_path: Path
) -> None:
    withdraw_record(record.rendition_id, reason_code="consent_revoked", actor="system")
    embedder = Embedder(WatermarkPayload(performed.watermark_id), watermark_key(YEAR))
    forged = write_clip(tmp_path / "forged.mp4", twin, speech=other, mark=embedder.mark)
    verdict = verify_file(forged)
    assert verdict.kind is VerdictKind.MARK_TRANSPLANTED
    assert verdict.rendition_id is None
    assert "another performance" in str(verdict.sentence)


def written_over(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    frame = frame.copy()
    for line in range(20, frame.shape[0], 36):
        cv2.putText(frame, "subscribe and follow", (3, line), 0, 0.8, (255, 255, 255), 2, cv2.LINE_AA)
    return frame


SILENT_LOOKS: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "negative": lambda frame: np.asarray(255 - frame, np.uint8),
    "words all over": written_over,
}


@pytest.mark.parametrize("look", SILENT_LOOKS)
@pytest.mark.usefixtures("record")
def test_a_silent_copy_with_another_look_is_no_other_video(
    performed: SealedClip, tmp_path: Path, look: str
) -> None:
    frames = [SILENT_LOOKS[look](frame) for frame in frames_of(performed)]
    verdict = verify_file(write_clip(tmp_path / "silent.mp4", frames, has_audio=False))
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OURS_CHANGED, performed.rendition_id)
    assert verdict.to_json()["picture"]["state"] != "other_performance"


def test_our_sound_under_another_performance_keeps_its_record(
    record, performed, twin, ours, tmp_path: Path
) -> None:
    embedder = Embedder(WatermarkPayload(performed.watermark_id), watermark_key(YEAR))
    path = write_clip(tmp_path / "forged.mp4", twin, speech=ours, mark=embedder.mark)
    verdict = verify_file(path)
    assert verdict.rendition_id == performed.rendition_id
    assert [one["kind"] for one in verdict.to_json()["timeline"]["findings"]] == ["other_performance"]


def test_a_picture_inside_another_frame_is_called_embedded_with_its_region(
    record, performed, ours, tmp_path: Path
) -> None:
    frames = [np.full((480, 640, 3), 40, np.uint8) for _ in range(SECONDS * FPS)]
    for frame, own in zip(frames, frames_of(performed), strict=True):
        frame[80:400, 200:520] = own
    verdict = verify_file(write_clip(tmp_path / "embedded.mp4", frames, speech=ours))
    (finding,) = verdict.to_json()["timeline"]["findings"]
    assert finding["kind"] == "embedded"
    x, y = ([place[axis] for place in finding["region"] or ()] for axis in ("x", "y"))
    assert (min(x), max(x)) == pytest.approx((200 / 640, 520 / 640), abs=0.02)
    assert (min(y), max(y)) == pytest.approx((80 / 480, 400 / 480), abs=0.02)


def panned(frames: Frames) -> Frames:
    """The picture through a window that moves over it and closes in, as an editor brings a still to life."""
    size = len(frames[0])
    shown = []
    for way, frame in zip(np.linspace(0, 1, len(frames)), frames, strict=True):
        side = size * (0.9 - 0.08 * way)
        left, top = (size - side) * way, (size - side) * (1 - way) / 2
        to_window = np.array([[size / side, 0, -left * size / side], [0, size / side, -top * size / side]])
        shown.append(
            np.asarray(cv2.warpAffine(frame, to_window, (size, size), flags=cv2.INTER_CUBIC), np.uint8)
        )
    return shown


@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.usefixtures("record")
def test_a_picture_that_moves_within_the_frame_is_followed(
    performed: SealedClip, ours: Sound, tmp_path: Path, *, is_cut: bool
) -> None:
    spans: list[tuple[float, float]] = [(0, 3), (4.2, SECONDS)] if is_cut else [(0, SECONDS)]
    frames, sound = joined(frames_of(performed), ours, spans)
    answer = verify_file(write_clip(tmp_path / "panned.mp4", panned(frames), speech=sound)).to_json()
    done = [(one["kind"], one["tracks"], one["start_s"]) for one in answer["timeline"]["findings"]]
    assert done[0] == ("cropped", ["picture"], 0.0)
    assert [one[:2] for one in done[1:]] == ([("cut", ["picture", "sound"])] if is_cut else [])
    assert all(one[2] == pytest.approx(3.0, abs=0.5) for one in done[1:])
    assert answer["picture"]["state"] == ("changed" if is_cut else "same")


def test_offline_verifier_api_and_page_tell_the_same(record, performed, edited) -> None:
    path = edited("cut")
    here = verify_file(path)
    keys, bundle = pinned_keys(), json.loads(json.dumps(evidence_bundle(performed.rendition_id)))
    secret = bytes.fromhex(Path(settings.LIKENESS_WATERMARK_KEY_FILE).read_text().strip())
    offline = verify_offline(path, keys, [open_bundle(bundle, keys.log_key)], watermark_secret=secret)
    assert offline.to_json()["timeline"] == here.to_json()["timeline"]
    sent = Client().post("/v1/verify", {"file": SimpleUploadedFile("cut.mp4", path.read_bytes())})
    assert sent.json()["timeline"] == here.to_json()["timeline"]
    page = (
        Client().post("/verify/", {"file": SimpleUploadedFile("cut.mp4", path.read_bytes())}).content.decode()
    )
    assert here.to_json()["timeline"]["findings"][0]["sentence"] in page
    assert "track-cut" in page


def test_a_record_from_before_says_that_motion_was_not_compared(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    verdict: Verdict = verify_file(write_clip(tmp_path / "copy.mp4", frames_of(clip)))
    answer = verdict.to_json()
    assert answer["picture"]["state"] == "not_compared"
    assert answer["timeline"]["findings"] == []
    assert "from before that" in next(g["sentence"] for g in answer["not_checked"] if g["what"] == "motion")
